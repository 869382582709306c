/* SPDX-License-Identifier: MIT
 * FIFOs, whose lock whoever has one open can hold, and sockets with a path that may lie on a disk
 * or a server that does not answer: a child makes and removes them (ask.h).
 */
#pragma once
#include "pid1/state.h"
#include "sockets/sockets.h"

bool sockets_far_is(const struct plan *p, const struct plan_socket *ps);
/* Those of `which` (bits by their index): `a` comes again once they stand, or they have failed. As
 * ask_begin. */
int sockets_far_open(struct pid1 *s, const struct plan *p, const struct core_action *a,
	uint32_t which);
/* The next one that a child has opened, from its answers: its index and its descriptor, which is
 * the caller's, or -errno with *why. False: there is none. It is there until sockets_far_taken. */
bool sockets_far_next(const struct pid1 *s, uint32_t service, uint32_t *index, int *fd,
	struct wall_why *why);
void sockets_far_taken(struct pid1 *s, uint32_t service);
/* Nobody waits for it, but ask_is_out. */
void sockets_far_remove(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t which);
