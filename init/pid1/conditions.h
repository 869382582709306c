/* SPDX-License-Identifier: MIT
 * Condition…: looked at once, when a service's start is about to begin. A path may lie on a disk or
 * a server that does not answer: what the kernel cannot say from its memory a child is asked
 * (ask.h), and the start goes on when that has ended.
 */
#pragma once
#include "pid1/state.h"

struct wall_why;

/* 1: all hold. 0: one does not. -EINPROGRESS: a child has been asked, and `a` comes again once it
 * has answered. Else -errno. */
int conditions_ask(struct pid1 *s, const struct plan *p, const struct core_action *a);
/* What it has found, as ask.c takes it. */
int conditions_heard(struct pid1 *s, const struct plan *p, uint32_t service, int result,
	struct wall_why *why);
