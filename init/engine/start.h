/* SPDX-License-Identifier: MIT
 * Starting a program with a given set of descriptors: clone3(2) and execve(2).
 */
#pragma once
#include "base/report.h"
#include <linux/sched.h>
#include <stdbool.h>
#include <stdint.h>

#define START_FDS CELL_FD_FIRST_FREE
#define START_WORDS 128 /* arguments of the program at most; more are left out */
#define START_STACK 8192
/* Hard limit of RLIMIT_NOFILE of each program that is started; LimitNOFILE changes it for a
 * service. */
#define START_NOFILE 4096

struct start {         /* what the child reads */
	int fd[START_FDS]; /* the descriptor that becomes number i; -1: i is closed */
	int handed;        /* number of entries used; all other descriptors are close-on-exec */
	const char *path;
	const char *argv[START_WORDS + 1];
	char number[3][12];       /* numbers that argv points to */
	char *const *environment; /* NULL: empty */
	/* Unblocks all signals. Otherwise they stay blocked, and SIGALRM is blocked too. */
	bool unblock;
	void (*settle)(void); /* called in the child before its execve, or NULL */
	int err;              /* errno of its execve, if the child shares memory with us */
};

/* The child's stack until its execve. */
extern char start_stack[START_STACK];

/* Starts the program. Returns the child's pid, or -errno. `args` has the caller's flags; the exit
 * signal and the stack are filled in. With CLONE_VM and CLONE_VFORK this waits until the execve. A
 * failure in the child is sent as REPORT_FAILED on its CELL_FD_REPORT, if it has one. */
long start_run(struct start *c, struct clone_args *args);
