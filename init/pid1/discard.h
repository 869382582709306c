/* SPDX-License-Identifier: MIT
 * Closing descriptors that others can influence. The last reference is dropped by a child, never by
 * PID 1, because such a close can wait for as long as the owner likes: a socket that lingers, a
 * terminal that does not drain, a file on FUSE or NFS, or a socket that holds one of these in its
 * queue. A child can be killed, which ends such a wait, and can be given up. If no child can be
 * started, the tick of stay.h bounds the close.
 *
 * A child costs PID 1 a fork, and others choose how often. So a service has one child at a time
 * with a pause between two (take.h), and all clients of the control socket together have one per
 * pause. The other uses come with starts and stops.
 */
#pragma once
#include "pid1/state.h"

/* Removes a descriptor from the epoll set, closes it and sets it to -1. For a socket whose queue
 * may hold descriptors. */
void discard_close(struct pid1 *s, int *fd);
/* The same for a connection that PID 1 may drain: a child is needed only if descriptors are in its
 * queue. */
void discard_connection(struct pid1 *s, int *fd);
/* The same for a client. Returns 0 if it is closed, else when to try again. */
uint64_t discard_client(struct pid1 *s, int *fd);
/* handles the end of a child; false: not one of these */
bool discard_closed(struct pid1 *s, int32_t pid);
/* Closes all descriptors of [first, last) that are not `known`: what a crash has left. */
void discard_unknown(struct pid1 *s, const uint8_t *known, int first, int last);
