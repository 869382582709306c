/* SPDX-License-Identifier: MIT
 * The loop: one epoll_wait, bounded work for each source, then whatever the core decides. The only
 * place where PID 1 waits. stay.h bounds and measures how long it is away from there.
 * What has happened is read before time is judged: the clock is looked at, then the mail is read,
 * and only deadlines that had passed at that look are judged (core_next's `heard`).
 */
#pragma once
#include "pid1/state.h"

/* what a crash has cut short */
void loop_redo(struct pid1 *s, const struct plan *p);
/* what the core has decided */
void loop_carry_out(struct pid1 *s, const struct plan *p, const struct core_action *a);
/* epoll and signalfd; 0 or -errno */
int loop_open(struct pid1 *s);
void loop_run(struct pid1 *s, struct plan *p) __attribute__((noreturn));
