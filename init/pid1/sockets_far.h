/* SPDX-License-Identifier: MIT
 * Sockets with a path that may lie on a disk or a server that does not answer: opened and removed
 * by a child (errand.h), which has a second for it.
 */
#pragma once
#include "pid1/state.h"
#include "sockets/sockets.h"

/* As sockets_open and sockets_remove. -ETIMEDOUT: nothing answers there. */
int sockets_far_open(
	struct pid1 *s, const struct plan *p, const struct plan_socket *ps, const struct sockets_label *label, struct wall_why *why);
void sockets_far_remove(struct pid1 *s, const struct plan *p, const struct plan_socket *ps);
