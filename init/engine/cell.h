/* SPDX-License-Identifier: MIT
 * The arguments and descriptors that bulkhead-cell is started with. Their numbers and words are in
 * base/report.h.
 */
#pragma once
#include "base/report.h"
#include "engine/start.h"
#include "plan/plan.h"

struct cell_channels { /* two ends each; -1: not open */
	int report[2];
	int ready[2]; /* of NotificationFD: a socket pair, see readiness.h */
};

/* Opens the channels for one command of the service; `main`: it is a command of ExecStart, which
 * alone has NotificationFD. Returns 0, or -errno with nothing open. */
int cell_channels_open(const struct plan_service *ps, bool main, struct cell_channels *ch);
/* Closes all four ends that are open. */
void cell_channels_close(const struct cell_channels *ch);
/* Closes the ends that the cell uses, after it has been started with them. */
void cell_channels_handed(const struct cell_channels *ch);

#define CELL_OWN_WORDS 6 /* arguments of bulkhead-cell before those that are appended, at most */
#define CELL_MORE (START_WORDS - CELL_OWN_WORDS)

struct cell_command {
	const char *path;              /* of bulkhead-cell */
	uint32_t service, list, index; /* in the plan; enum plan_exec */
	int stdio[3], plan, group;
	int network;       /* its kept network namespace, or -1 */
	bool join;         /* the cell enters its group itself: see group_ready() */
	const char *mode;  /* CELL_MODE_*, or NULL */
	char *const *more; /* words appended to those of ExecStart, at most CELL_MORE, or NULL */
};

/* Fills `c` and the flags and group of `args` for start_run(), except for the descriptors of
 * sockets and of the log channel. Keeps the pointers and descriptors of `command`, which stay the
 * caller's. */
void cell_fill(struct start *c, struct clone_args *args, const struct plan_service *ps,
	const struct cell_command *command, const struct cell_channels *ch);
/* The same for a task without a service process: CELL_GIVE_BACK or CELL_CLEAN. */
void cell_fill_task(struct start *c, const char *path, const char *task, uint32_t service,
	const int stdio[3], int plan, int network);
/* What failed when clone3(2) returned `err` (negative): "clone3", or the kind of namespace that
 * this kernel does not have. A static string. */
const char *cell_refused(const struct plan_service *ps, int err);
