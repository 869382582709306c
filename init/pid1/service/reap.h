/* SPDX-License-Identifier: MIT
 * The end of processes: exits, signals, cgroup.kill, and the release of a group.
 */
#pragma once
#include "pid1/state.h"

/* Reaps every child that has ended, including orphans. Called for SIGCHLD. */
void reap_children(struct pid1 *s, const struct plan *p);
/* Reads the reports and exits of the service's own processes, and checks whether its group is
 * empty, before a deadline of it is judged. */
void reap_hear(struct pid1 *s, const struct plan *p, uint32_t service);
/* Tells the core of main processes that have ended and left others, after what those had said. */
void reap_left(struct pid1 *s, const struct plan *p);
/* Sends a signal to the main process through its cell, and SIGCONT. */
void reap_signal(struct pid1 *s, const struct plan *p, uint32_t service, int sig);
/* the same to its main process alone, which goes on (ACT_RELOAD) */
void reap_reload(struct pid1 *s, const struct plan *p, uint32_t service, int sig);
/* ACT_KILL: kills all processes; EV_EMPTY follows. */
void reap_kill(struct pid1 *s, const struct plan *p, uint32_t service);
/* Takes its processes for killed, although they still exist (leave.h). */
void reap_leave(struct pid1 *s, const struct plan *p, uint32_t service);
void reap_release(struct pid1 *s, const struct plan *p, uint32_t service); /* ACT_RELEASE */
/* Initialises the runtime of the first `count` services. The rest is not touched, so that it costs
 * no memory. */
void reap_empty_runtime(struct pid1 *s, uint32_t count);
