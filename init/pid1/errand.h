/* SPDX-License-Identifier: MIT
 * An errand: what may wait for a disk, a driver or a server for ever (mount, umount2, sync, access)
 * is done by a child of PID 1's, with a copy of its memory, without exec. One that is not back in
 * time is killed and given up; in the kernel no signal may reach it. The block of the state is
 * shared, not copied: an errand writes nothing there.
 */
#pragma once
#include "pid1/state.h"

struct errand {
	int pid, pidfd;
};

#define ERRAND_FD 3
#define ERRAND_TOLD 240 /* bytes of what one tells */
/* for `given`: it has all of PID 1's descriptors, and closes what it does not need */
#define ERRAND_ALL (-2)

/* In the child, which of PID 1's descriptors has 0 to 2, and, as ERRAND_FD, the one that it was
 * given. 0 or -errno. */
typedef int (*errand_work)(const void *arg);

/* 0 or -errno; given: -1 = none */
int errand_begin(struct errand *e, errand_work work, const void *arg, int given);
/* Waits so long at most. False: it is not back yet. True: it is, and what it brought (0 or
 * -errno) is in *result. */
bool errand_back(struct errand *e, int ms, int *result);
void errand_give_up(struct errand *e);
/* The end of any child, so long at most; the watchdog is fed meanwhile. A signal of ours is no end
 * of it. */
bool errand_awaits(struct pid1 *s, int pidfd, uint32_t ms);
/* All of it: what the work has returned, or -ETIMEDOUT. The watchdog is fed meanwhile. */
int errand_run(struct pid1 *s, errand_work work, const void *arg, uint32_t ms);
int errand_run_with(struct pid1 *s, errand_work work, const void *arg, int given, uint32_t ms);
/* The same, and what the work has told of its failure, or "". */
int errand_run_told(struct pid1 *s, errand_work work, const void *arg, uint32_t ms, char *told,
	size_t cap);
/* In such a child: the words. */
void errand_tell(const char *first, ...) __attribute__((sentinel));

/* Not waited for: *pid is known before it begins, and its end is told by SIGCHLD. 0 or -errno. */
int errand_send(int32_t *pid, errand_work work, const void *arg, int given);
/* of a wait status: what the work has returned, -EINTR if a signal has ended it */
int errand_result(int status);
