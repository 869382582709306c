/* SPDX-License-Identifier: MIT
 * Descriptors of strangers lose their last reference in a child, never in PID 1: a close may wait
 * for as long as its owner likes (a socket that lingers, a terminal that does not drain, a file of
 * FUSE or NFS), also that of a socket in whose queue it lies. A child can be killed, which ends
 * such waits, and given up. Where none can be had the bound of every stay holds (stay.h). A child
 * costs PID 1 a fork, and others choose how often: one service has one child at a time and a pause
 * between two (take.h), all clients of the control socket together one a pause; the rest comes with
 * starts and stops.
 */
#pragma once
#include "pid1/state.h"

/* Out of the loop's set, closed, -1. For a socket that may hold descriptors in its queue. */
void discard_close(struct pid1 *s, int *fd);
/* The same for a connection whose queue PID 1 may empty itself: a child is only needed if
 * descriptors are in it. */
void discard_connection(struct pid1 *s, int *fd);
/* The same for a client: 0, or when to ask again. */
uint64_t discard_client(struct pid1 *s, int *fd);
bool discard_closed(struct pid1 *s, int32_t pid); /* a child has ended: was it one of those? */
/* All of [first, last) that are not known: what a crash left. */
void discard_unknown(struct pid1 *s, const uint8_t *known, int first, int last);
