/* SPDX-License-Identifier: MIT
 * Messages that carry descriptors: a child takes such a message from the queue and closes them, for
 * the reasons in discard.h.
 */
#pragma once
#include "pid1/state.h"

/* Starts a child for the first message of the service's readiness socket. The socket is not watched
 * until take_is_over(). */
void take_begin(struct pid1 *s, uint32_t service);
void take_ended(struct pid1 *s, uint32_t service); /* the child has ended */
/* True: the child has ended or is given up. The socket is watched again, and the caller should read
 * it at once to see whether more has come. */
bool take_is_over(struct pid1 *s, const struct plan *p, uint32_t service);
/* The next time take_is_over() is due, CORE_NEVER = none. */
uint64_t take_deadline(const struct pid1 *s);
