/* SPDX-License-Identifier: MIT
 * Reports of bulkhead-cell to PID 1: fixed records on a close-on-exec SOCK_SEQPACKET socket (a
 * record is complete or absent; a pipe will do if no descriptor is sent). The cell stays as the
 * service's reaper and keeps its end open until the service has ended.
 *   REPORT_FAILED   a wall could not be raised: `step` names it, `value` is the errno, `detail` the
 *                   object. Nothing was executed.
 *   REPORT_STARTED  all walls are up and execve succeeded; `value` is the service's pid in PID 1's
 *                   namespace, or 0.
 *   REPORT_ABSENT   before STARTED: walls that this kernel does not have and that OptionalWalls
 *                   allows to be missing; `value` has their bits.
 *   REPORT_NETWORK  with a descriptor (SCM_RIGHTS, unix(7)): the service's new network namespace,
 *                   for PID 1 to keep. Nothing has been moved into it yet.
 *   REPORT_EXITED   the service ended; `value` is its wait status (wait(2)); `step` is
 *                   REPORT_LEAVES if processes of it were left: what a daemon has left the cell
 *                   waits for, what a command has left, a oneshot's too, ends with the cell's pid
 *                   namespace. It is written before the cell has waited for the process, so that a
 *                   cell that is killed meanwhile leaves it to PID 1 as a child that has ended.
 *                   Without REPORT_STARTED before it nothing was executed: the program of a
 *                   command that may fail is not there, as `step` and `detail` say.
 *   REPORT_LISTENER learning (CELL_MODE_LEARN) only, before STARTED: the service's process, `value`
 *                   as above, is about to execute its program behind a filter that reports every
 *                   call; `detail` is the number of the listener among its descriptors
 *                   (seccomp_unotify(2)).
 * A channel that ends without STARTED or FAILED means that the cell was killed, which is a failure
 * too.
 */
#pragma once
#include <signal.h>
#include <stdint.h>

enum report_kind {
	REPORT_FAILED = 1,
	REPORT_STARTED = 2,
	REPORT_EXITED = 3,
	REPORT_ABSENT = 4,
	REPORT_LISTENER = 5,
	REPORT_NETWORK = 6
};

#define REPORT_LEAVES "leaves"
/* what is told of it where a daemon was not to end, and where a command has ended well */
#define REPORT_LEAVES_TEXT \
	"its main process ended with success and left other processes, which were ended: a daemon must stay in the foreground"
#define REPORT_COMMAND_LEAVES_TEXT \
	" has ended and left processes, which were ended with it: what is to run on is a service of its own"

struct report {
	uint32_t kind; /* enum report_kind */
	int32_t value;
	char step[24];
	char detail[96];
};
_Static_assert(sizeof(struct report) == 128, "record size is part of the protocol");

/* Fills in all of *r; what does not fit of the texts is cut off. */
void report_fill(struct report *r, uint32_t kind, int32_t value, const char *step,
	const char *detail);
/* The wait status of what waitid(2) has found ended, for REPORT_EXITED. */
int report_status(const siginfo_t *ended);

#define CELL_MAX_SOCKETS 16 /* PLAN_MAX_SOCKETS */

/* Descriptors of bulkhead-cell. PID 1 puts them there before the execve; all others are closed. */
enum cell_fd {
	CELL_FD_PLAN = 3,   /* the sealed plan, to be mapped */
	CELL_FD_REPORT = 4, /* the cell's end of its report channel */
	CELL_FD_CGROUP = 5, /* O_PATH of the service's cgroup */
	/* becomes the service's NotificationFD (s6); closed if it has none */
	CELL_FD_NOTIFY = 6,
	/* 7 is bulkhead-log's channel (LOG_CHANNEL_FD), in its own cell only */
	/* the network namespace that PID 1 keeps for the service (plan_service.network), if it exists;
	 * else closed */
	CELL_FD_NETWORK = 8,
	/* from here on the sockets of [Socket], for the process of ExecStart, which gets them from 3
	 * on */
	CELL_FD_SOCKETS = 9,
	CELL_FD_FIRST_FREE = CELL_FD_SOCKETS + CELL_MAX_SOCKETS,
};
/* argv of bulkhead-cell: service index, command list (enum plan_exec), index of the command in that
 * list, all decimal. A fourth word, CELL_JOIN: the cell is not in the service's group yet and
 * enters it itself. bulkhead-try passes CELL_INSIDE instead, then a mode, then words to append to
 * ExecStart's. */
#define CELL_JOIN "join"
#define CELL_INSIDE "inside"
/* log, null (standard input), tty and console mean the descriptors that were passed */
#define CELL_MODE_FOREGROUND "foreground"
/* the same, with a filter that reports every call to bulkhead-try in place of the service's own */
#define CELL_MODE_LEARN "learn"
/* Or CELL_GIVE_BACK and a service index: moves the interfaces of that service from the network
 * namespace at CELL_FD_NETWORK back to the caller's. Errors are lines on standard error. */
#define CELL_GIVE_BACK "--give-back"
/* Or CELL_CLEAN and a service index: empties that service's own directories below /run. The exit
 * status is an errno. */
#define CELL_CLEAN "--clean"
