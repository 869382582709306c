/* SPDX-License-Identifier: MIT
 * Timers ([Timer]) in PID 1: the wall clock is told to the core, which decides (core/timer.h); a
 * clock that jumps wakes the loop; last elapses are kept over the boot, as the time of a file for
 * each service (Persistent).
 *
 * The wall clock can be believed once the kernel says that it is synchronised (adjtimex(2)), or
 * when it is later than this version of bulkhead, and than the file /usr/lib/clock-epoch.
 */
#pragma once
#include "pid1/state.h"

/* At the beginning of each life, once the data partition is there: reads the last elapses that the
 * core waits for, in children with a time limit. Failures are reported on the console. */
void timers_open(struct pid1 *s, const struct plan *p);
/* Lets all timers elapse that are due. */
void timers_elapse(struct pid1 *s, const struct plan *p);
void timers_jumped(struct pid1 *s); /* the wall clock was set: WATCH_CLOCK */
/* Writes a last elapse in a child, if one is to be kept; one at a time. */
void timers_look(struct pid1 *s, const struct plan *p);
/* Handles the end of a child; false if the pid is not one of these. */
bool timers_ended(struct pid1 *s, const struct plan *p, int pid, int status);
uint64_t timers_deadline(struct pid1 *s, const struct plan *p);
