/* SPDX-License-Identifier: MIT
 * A message that carries descriptors is taken from its queue, and they are closed, by a child, for
 * the reasons in discard.h.
 */
#pragma once
#include "pid1/state.h"

/* The first message of the service's readiness socket. Until take_is_over the socket is not
 * watched. */
void take_begin(struct pid1 *s, uint32_t service);
void take_ended(struct pid1 *s, uint32_t service); /* that child has ended */
/* True: it is over, or given up. The socket is watched again, and what is in it should be read at
 * once: if there is nothing more, all has been read. */
bool take_is_over(struct pid1 *s, const struct plan *p, uint32_t service);
uint64_t take_deadline(const struct pid1 *s);
