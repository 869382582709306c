/* SPDX-License-Identifier: MIT
 * The starter's own descriptors: where they lie, and how they are made. The ones below LOWEST_FD
 * are those that a child is handed.
 */
#pragma once

#define LOWEST_FD 32

/* pipe2(2), close-on-exec, both ends above LOWEST_FD. 0, or -errno and both are -1. */
int descriptor_pipe(int fd[2], int flags);
/* The same of a pair of SOCK_SEQPACKET sockets that do not block. */
int descriptor_channel(int fd[2]);
/* Moves a descriptor above LOWEST_FD, close-on-exec; the new number, or -errno (and fd is
 * closed). */
int descriptor_lift(int fd);
