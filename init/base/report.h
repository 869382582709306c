/* SPDX-License-Identifier: MIT
 * What bulkhead-cell tells PID 1, in fixed records on a close-on-exec SOCK_SEQPACKET (a record is
 * whole or absent; any pipe does where no descriptor is sent). The cell stays as the service's
 * reaper, and keeps its end until the service has ended:
 *   REPORT_FAILED   a wall did not stand: `step` says which, `value` is the errno, `detail` what it
 *                   was about. Nothing was executed.
 *   REPORT_STARTED  every wall stands and execve succeeded; `value` is the service's pid as seen in
 *                   PID 1's namespace, or 0.
 *   REPORT_ABSENT   before STARTED: walls that OptionalWalls lets be missing and that this kernel
 *                   does not have; `value` has their bits.
 *   REPORT_NETWORK  with a descriptor (SCM_RIGHTS, unix(7)): the service's new network namespace,
 *                   for PID 1 to keep. Nothing has been moved in yet.
 *   REPORT_EXITED   the service ended; `value` is its wait status (wait(2)); `step` is
 *                   REPORT_LEAVES if processes of it were there still, which end with it.
 *   REPORT_LISTENER learning (CELL_MODE_LEARN) only, before STARTED: the service's process, `value`
 *                   as above, is about to execute its program behind a filter that tells of every
 *                   call; `detail` is the number of the listener among its descriptors
 *                   (seccomp_unotify(2)).
 * A channel that ends without STARTED or FAILED means the cell itself was killed: that is a failure
 * too.
 */
#pragma once
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

struct report {
	uint32_t kind; /* enum report_kind */
	int32_t value;
	char step[24];
	char detail[96];
};
_Static_assert(sizeof(struct report) == 128, "record size is part of the protocol");

#define CELL_MAX_SOCKETS 16 /* PLAN_MAX_SOCKETS */

/* Well-known descriptors of bulkhead-cell; PID 1 puts them there before it executes it,
 * everything else is closed. */
enum cell_fd {
	CELL_FD_PLAN = 3,   /* the sealed plan, to be mapped */
	CELL_FD_REPORT = 4, /* the cell's end of its report channel */
	CELL_FD_CGROUP = 5, /* O_PATH of the service's cgroup */
	/* with NotificationFD (s6): what becomes the service's descriptor of that number; else
	 * closed */
	CELL_FD_NOTIFY = 6,
	/* 7 is bulkhead-log's channel (LOG_CHANNEL_FD), in its cell alone */
	/* the network namespace that PID 1 keeps for it (plan_service.network), if there is one
	 * already; else closed */
	CELL_FD_NETWORK = 8,
	/* and up: the sockets of [Socket], for ExecStart's process; it gets them as 3 and up */
	CELL_FD_SOCKETS = 9,
	CELL_FD_FIRST_FREE = CELL_FD_SOCKETS + CELL_MAX_SOCKETS,
};
/* argv of bulkhead-cell: service index, command list (enum plan_exec), command index in that list;
 * all decimal. A fourth word, CELL_JOIN: it is not in the service's group yet and enters it
 * itself. bulkhead-try says CELL_INSIDE otherwise, and adds a mode, and then words that follow
 * ExecStart's own. */
#define CELL_JOIN "join"
#define CELL_INSIDE "inside"
/* log, null (standard input), tty and console are the descriptors handed over */
#define CELL_MODE_FOREGROUND "foreground"
/* the same, and instead of its filter one that tells bulkhead-try of every call */
#define CELL_MODE_LEARN "learn"
/* Or, instead, CELL_GIVE_BACK and a service index: it
 * moves the interfaces of that service from the network namespace at CELL_FD_NETWORK back to
 * where it is; what goes wrong is a line on standard error. */
#define CELL_GIVE_BACK "--give-back"
/* Or CELL_CLEAN and a service index: it empties the directories below /run that are that service's
 * own; its exit status is an errno. */
#define CELL_CLEAN "--clean"
