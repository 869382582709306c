/* SPDX-License-Identifier: MIT
 * The end of a service's own process, which its cell tells: but a service may be able to stop that
 * one, or to freeze it, being of its user. So PID 1 watches the process too (pidfd_open(2)). Once
 * it has ended, the cell has a while to say how; then it is continued, then killed, and its end is
 * told by SIGCHLD like any other. What cannot even be killed is not waited for: the core hears of
 * the end all the same.
 */
#pragma once
#include "pid1/state.h"
#include <signal.h>

/* From its start on, and again after a crash. */
void mains_watch(struct pid1 *s, uint32_t service, uint32_t slot);
void mains_ended(struct pid1 *s, uint32_t service, uint32_t slot); /* its descriptor is readable */
/* The time that the cell had for its report is over. Once what it has written is read, what is to
 * be done is decided. */
bool mains_is_due(const struct pid1 *s, uint32_t service, uint32_t slot);
void mains_judge(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot);
uint64_t mains_deadline(const struct pid1 *s);
/* The cell has ended and said nothing: if its child is ours by now, how that has ended (waitid(2));
 * else false. */
bool mains_adopted(const struct slot *sl, siginfo_t *info);
