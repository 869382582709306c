/* SPDX-License-Identifier: MIT
 * The other end of spawn: exits, signals, cgroup.kill and the release of a group.
 */
#pragma once
#include "pid1/state.h"

/* SIGCHLD: every child that has ended, orphans too */
void reap_children(struct pid1 *s, const struct plan *p);
/* The service's own reports and exits, and whether its group is empty, before its time is
 * judged. */
void reap_hear(struct pid1 *s, const struct plan *p, uint32_t service);
/* to the main process, through its cell, and SIGCONT */
void reap_signal(struct pid1 *s, const struct plan *p, uint32_t service, int sig);
/* ACT_KILL: ends with EV_EMPTY */
void reap_kill(struct pid1 *s, const struct plan *p, uint32_t service);
/* Its processes count as killed, whatever keeps them (leave.h). */
void reap_leave(struct pid1 *s, const struct plan *p, uint32_t service);
void reap_release(struct pid1 *s, const struct plan *p, uint32_t service); /* ACT_RELEASE */
/* the first `count` services hold nothing; the rest are not touched, and cost no memory */
void reap_empty_runtime(struct pid1 *s, uint32_t count);
