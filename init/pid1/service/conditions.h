/* SPDX-License-Identifier: MIT
 * Condition…: checked once, when a start of the service is about to begin. A path may be on a disk
 * or a server that does not answer. What the kernel can tell from its cache (RESOLVE_CACHED, Linux
 * 5.12) is looked up here; a child checks the rest (ask.h), and the start goes on when it has
 * ended.
 */
#pragma once
#include "pid1/state.h"

struct wall_why;

/* 1: all hold. 0: one does not, and runtime.why names it. -EINPROGRESS: a child checks them, and
 * `a` is carried out again after its answer. Else another -errno. */
int conditions_ask(struct pid1 *s, const struct plan *p, const struct core_action *a);
/* The child's result, for answer.c. 0: all hold. 1: one does not, and EV_SKIPPED was posted. Else
 * -errno, with *why. */
int conditions_heard(struct pid1 *s, const struct plan *p, uint32_t service, int result,
	struct wall_why *why);
