/* SPDX-License-Identifier: MIT
 * PID 1's stays away from epoll_wait: each is bounded and measured.
 *
 * Bounded: while it is away a signal that is not blocked comes every STAY_TICK_MS, which ends
 * whatever wait a signal can end: the lingering of a socket, the draining of a terminal, the
 * opening of a FIFO, an answer of FUSE. So what nobody thought of costs a tick and not what its
 * owner has chosen. Before Linux 6.8 that is also the bound of other people's descriptors: the
 * kernel's collector of sockets that lie in each other's queues runs in the name of whoever closes
 * a Unix socket next (unix_release_sock, unix_gc), and so do the closes of what it finds
 * (task_work, with that signal pending). From 6.8 on it runs in a worker. Not ended by it: waits
 * for a disk, for a lock of the kernel's, and for the execve of a child.
 *
 * Measured: the whole stay, and how long PID 1 slept in it. A stay is long on a slow or loaded
 * machine too, so the time that it ran, and that it waited for a processor (/proc/self/schedstat;
 * without CONFIG_SCHED_INFO that counts as sleep), is taken off.
 */
#pragma once
#include "pid1/state.h"

#define STAY_TICK_MS 20u

void stay_open(void); /* once a life, before the others */
/* an execve keeps the tick: a boot after it has none */
void stay_none(void);
void stay_begin(void);                             /* back from epoll_wait, or from an execve */
void stay_was(struct pid1 *s, enum proto_stay in); /* what it has done since it was last asked */
void stay_end(struct pid1 *s);
