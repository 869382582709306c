/* SPDX-License-Identifier: MIT
 * PID 1's own descriptors: where they lie, how many there can be, and how they are made.
 */
#pragma once
#include "base/config.h"

/* PID 1's own descriptors are all above: the ones below are those a child is handed */
#define LOWEST_FD 32
#define FDS_OWN 64                 /* of struct pid1, and those that are open for a moment */
#define FDS_OF_SERVICE (2 * 3 + 7) /* of its two slots, and of the rest of struct runtime */
/* RLIMIT_NOFILE that boot sets: as many as there can ever be, so that it is the plan that says
 * how many services there are. */
#define HIGHEST_FD \
	(LOWEST_FD + FDS_OWN + FDS_OF_SERVICE * CONFIG_MAX_SERVICES + CONFIG_MAX_CLIENTS + \
		CONFIG_MAX_SOCKETS)

/* pipe2(2), close-on-exec, both ends above LOWEST_FD. 0, or -errno and both are -1. */
int descriptor_pipe(int fd[2], int flags);
int descriptor_channel(
	int fd[2]); /* the same of a pair of SOCK_SEQPACKET sockets that do not block */
/* Moves a descriptor above LOWEST_FD, close-on-exec; the new number, or -errno (and fd is
 * closed). */
int descriptor_lift(int fd);
