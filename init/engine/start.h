/* SPDX-License-Identifier: MIT
 * Starting a program with descriptors of its own: clone3 and execve.
 */
#pragma once
#include "base/report.h"
#include <linux/sched.h>
#include <stdbool.h>
#include <stdint.h>

#define START_FDS CELL_FD_FIRST_FREE
#define START_WORDS 128 /* of the program's arguments; what is beyond is not handed over */
#define START_STACK 8192
/* RLIMIT_NOFILE's upper bound of whatever is started; LimitNOFILE says otherwise. */
#define START_NOFILE 4096

struct start {         /* what the child needs */
	int fd[START_FDS]; /* which of ours becomes number i; -1 = closed */
	int handed;        /* so many of them; all others of ours are close-on-exec */
	const char *path;
	const char *argv[START_WORDS + 1];
	char number[3][12];       /* of argv */
	char *const *environment; /* NULL: empty */
	bool unblock;             /* its signals; else they stay blocked, and SIGALRM is too */
	void (*settle)(void);     /* called in the child before its execve, or NULL */
	int err;                  /* of its execve, if it shares our memory */
};

/* On it the child runs until its execve. */
extern char start_stack[START_STACK];

/* The child's pid, or -errno. `args` has what the caller wants of clone3(2); exit signal and stack
 * are filled in. With CLONE_VM and CLONE_VFORK this waits for the execve. What fails in the child
 * is a REPORT_FAILED on its CELL_FD_REPORT, if it has one. */
long start_run(struct start *c, struct clone_args *args);
