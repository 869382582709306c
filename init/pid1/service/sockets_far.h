/* SPDX-License-Identifier: MIT
 * Sockets that a child makes and removes (ask.h): FIFOs, because a process that has one open can
 * hold its lock, and sockets with a path that may be on a disk or a server that does not answer.
 */
#pragma once
#include "pid1/state.h"
#include "sockets/sockets.h"

/* Whether a socket is one of these. */
bool sockets_far_is(const struct plan *p, const struct plan_socket *ps);
/* Opens the sockets of `which` (bits by index) in a child; `a` is carried out again afterwards.
 * Returns as ask_begin(). */
int sockets_far_open(struct pid1 *s, const struct plan *p, const struct core_action *a,
	uint32_t which);
/* The next socket in the child's answers: its index, and its descriptor, which becomes the
 * caller's, or -errno with *why. False if there is none. The answer stays until
 * sockets_far_taken(). */
bool sockets_far_next(const struct pid1 *s, uint32_t service, uint32_t *index, int *fd,
	struct wall_why *why);
void sockets_far_taken(struct pid1 *s, uint32_t service);
/* Removes the files of `which` in a child. Nothing waits for it, but ask_is_out() is true
 * meanwhile. */
void sockets_far_remove(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t which);
