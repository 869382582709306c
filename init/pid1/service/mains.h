/* SPDX-License-Identifier: MIT
 * The end of a service's main process. Its cell reports it, but a service that runs as the cell's
 * user may be able to stop or freeze the cell. So PID 1 watches the process too (pidfd_open(2)).
 * Once it has ended, the cell has a while to report how. Then it is continued, then killed, and its
 * end comes as SIGCHLD like any other. A cell that cannot be killed is not waited for: the end is
 * posted to the core all the same.
 */
#pragma once
#include "pid1/state.h"
#include <signal.h>

/* Watches the main process. Called at its start and after a crash. */
void mains_watch(struct pid1 *s, uint32_t service, uint32_t slot);
void mains_ended(struct pid1 *s, uint32_t service, uint32_t slot); /* its pidfd is readable */
/* The time for the cell's report is over. The caller reads the cell's reports, then calls
 * mains_judge(). */
bool mains_is_due(const struct pid1 *s, uint32_t service, uint32_t slot);
/* Continues or kills the cell, or posts EV_EXITED without it. */
void mains_judge(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot);
uint64_t mains_deadline(const struct pid1 *s);
/* The cell has ended without a report. If the main process is a child of ours by now and has ended:
 * true, with its end in *info (waitid(2)). */
bool mains_adopted(const struct slot *sl, siginfo_t *info);
