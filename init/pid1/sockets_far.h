/* SPDX-License-Identifier: MIT
 * Sockets with a path that may lie on a disk or a server that does not answer: opened and removed
 * by a child (errand.h), which has a second for it: to open, that is for all of one service's.
 */
#pragma once
#include "pid1/state.h"
#include "sockets/sockets.h"

#define SOCKETS_FAR_MS 1000u

/* As sockets_open, which may wait until end_ms, and sockets_remove. -ETIMEDOUT: nothing answers
 * there. */
int sockets_far_open(struct pid1 *s, const struct plan *p, const struct plan_socket *ps, const struct sockets_label *label,
	uint64_t end_ms, struct wall_why *why);
void sockets_far_remove(struct pid1 *s, const struct plan *p, const struct plan_socket *ps);
