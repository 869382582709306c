/* SPDX-License-Identifier: MIT
 * The loop: one epoll_wait(2), bounded work for each source, then what the core decides. It is the
 * only place where PID 1 waits without a bound; stay.h bounds and measures the time between two
 * waits.
 *
 * Events are read before time is judged: the clock is read, then all messages, and only deadlines
 * that had passed at that time are judged (`heard` of core_next).
 */
#pragma once
#include "pid1/state.h"

/* Carries out the action in pid1.doing that a crash has interrupted. */
void loop_redo(struct pid1 *s, const struct plan *p);
/* From now on clients are answered while PID 1 waits for an errand; NULL: no more. What they ask
 * for the loop does. */
void loop_answer_meanwhile(const struct plan *p);
/* Carries out one action of the core. */
void loop_carry_out(struct pid1 *s, const struct plan *p, const struct core_action *a);
/* Opens epoll and the signalfd; 0 or -errno. */
int loop_open(struct pid1 *s);
void loop_run(struct pid1 *s, struct plan *p) __attribute__((noreturn));
