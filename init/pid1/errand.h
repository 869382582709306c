/* SPDX-License-Identifier: MIT
 * An errand: a child of PID 1 with a copy of its memory and without an exec, for calls that may
 * wait without bound on a disk, a driver or a server (mount, umount2, sync, access). If it does not
 * end in time it is killed and given up; no signal may reach it in the kernel. The state block is
 * shared, not copied: an errand must not write there.
 */
#pragma once
#include "pid1/state.h"

struct errand {
	int pid, pidfd;
};

#define ERRAND_FD 3
#define ERRAND_TOLD 240 /* bytes of errand_tell() */
/* As `given`: the child has all of PID 1's descriptors and closes what it does not need. */
#define ERRAND_ALL (-2)

/* Runs in the child, which has descriptors 0 to 2 of PID 1, and the one that was given to it as
 * ERRAND_FD. Returns 0 or -errno. */
typedef int (*errand_work)(const void *arg);

int errand_sync(const void *unused); /* sync(2), as work */

/* Starts an errand: 0 or -errno. `given`: descriptor for the child, -1 = none. */
int errand_begin(struct errand *e, errand_work work, const void *arg, int given);
/* Waits at most `ms` for the end. True: it has ended, with 0 or -errno in *result, and is
 * reaped. */
bool errand_back(struct errand *e, int ms, int *result);
/* Kills it and does not wait for it; its end comes as SIGCHLD. */
void errand_give_up(struct errand *e);
/* Waits at most `ms` for the end of any child, and feeds the watchdog meanwhile. True: it has
 * ended. A signal to PID 1 does not end the wait. */
bool errand_awaits(struct pid1 *s, int pidfd, uint32_t ms);
/* Called every 200 ms while errand_run() and those below wait, but not from within itself; NULL:
 * nothing. */
extern void (*errand_meanwhile)(struct pid1 *s);
/* Starts an errand and waits at most `ms` for it, feeding the watchdog. Returns its result, or
 * -ETIMEDOUT. */
int errand_run(struct pid1 *s, errand_work work, const void *arg, uint32_t ms);
int errand_run_with(struct pid1 *s, errand_work work, const void *arg, int given, uint32_t ms);
/* The same, with the text that the work has passed to errand_tell(), or "", in `told`. */
int errand_run_told(struct pid1 *s, errand_work work, const void *arg, uint32_t ms, char *told,
	size_t cap);
/* In the child: sends a text made of strings, the last one followed by NULL. */
void errand_tell(const char *first, ...) __attribute__((sentinel));

/* Starts an errand without waiting. *pid is set before the child runs, and its end comes as
 * SIGCHLD. 0, or -errno with *pid = 0. */
int errand_send(int32_t *pid, errand_work work, const void *arg, int given);
/* The result in a wait status: 0 or -errno; -EINTR if a signal has ended the child. */
int errand_result(int status);
