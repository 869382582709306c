/* SPDX-License-Identifier: MIT
 * The starter's own descriptors. They have numbers from LOWEST_FD on; the numbers below are those
 * that a child is given.
 */
#pragma once

#define LOWEST_FD 32

/* A memfd that can be sealed, close-on-exec, at LOWEST_FD or above; or -errno. `name` is for
 * /proc. */
int descriptor_memfd(const char *name);
/* pipe2(2) with `flags`, close-on-exec, both ends at LOWEST_FD or above. 0, or -errno with both
 * -1. */
int descriptor_pipe(int fd[2], int flags);
/* The same for a pair of non-blocking SOCK_SEQPACKET sockets. */
int descriptor_channel(int fd[2]);
/* Moves `fd` to LOWEST_FD or above, close-on-exec. Returns the new number, or -errno with `fd`
 * closed. If `fd` is negative, returns -errno of the call that made it. */
int descriptor_lift(int fd);
