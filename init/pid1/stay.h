/* SPDX-License-Identifier: MIT
 * PID 1's stays away from epoll_wait: each is bounded and measured.
 *
 * Bounded: during a stay SIGALRM comes every STAY_TICK_MS and ends each wait that a signal can end:
 * a lingering socket, a draining terminal, the open of a FIFO, an answer of FUSE. A wait that was
 * not foreseen costs a tick, not what the owner of the object has chosen. Before Linux 6.8 the tick
 * also bounds the closing of other processes' descriptors: the collector of sockets in each other's
 * queues runs in the context of the next process that closes a Unix socket (unix_release_sock,
 * unix_gc), and so do the closes of what it finds (task_work, with the signal pending). From 6.8 on
 * it runs in a worker. The tick does not end waits for a disk, for a lock of the kernel, or for a
 * child's execve.
 *
 * Measured: the length of the stay, and how long PID 1 slept in it. A stay is long on a slow or
 * loaded machine too, so the time that it ran, and the time that it waited for a processor
 * (/proc/self/schedstat), are subtracted. Without CONFIG_SCHED_INFO the latter counts as sleep.
 */
#pragma once
#include "pid1/state.h"

#define STAY_TICK_MS 20u

void stay_open(void); /* once a life, before the others */
/* Stops the tick, which an execve keeps: a boot after it has none. */
void stay_none(void);
void stay_begin(void);                             /* back from epoll_wait, or from an execve */
void stay_was(struct pid1 *s, enum proto_stay in); /* accounts the time since the last call */
void stay_end(struct pid1 *s);
