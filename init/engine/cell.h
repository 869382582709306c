/* SPDX-License-Identifier: MIT
 * What bulkhead-cell is started with: its descriptors and its arguments (base/report.h).
 */
#pragma once
#include "base/report.h"
#include "engine/start.h"
#include "plan/plan.h"

struct cell_channels { /* read and write ends; -1: there is none */
	int report[2];
	int ready[2]; /* NotificationFD's: a socket pair, see readiness.h */
};

/* For a command of the service; 0, or -errno and none is open. */
int cell_channels_open(const struct plan_service *ps, bool main, struct cell_channels *ch);
void cell_channels_close(const struct cell_channels *ch);
/* The cell's ends, once it has them. */
void cell_channels_handed(const struct cell_channels *ch);

struct cell_command {
	const char *path;              /* of bulkhead-cell */
	uint32_t service, list, index; /* in the plan; enum plan_exec */
	int stdio[3], plan, group;
	int network;       /* the namespace that is kept for it, or -1 */
	bool join;         /* it enters its group itself: see group_ready() */
	const char *mode;  /* CELL_MODE_*, or NULL */
	char *const *more; /* words behind ExecStart's own, or NULL */
};

/* Fills `c` and `args`, all but the sockets and the log's channel. */
void cell_fill(struct start *c, struct clone_args *args, const struct plan_service *ps,
	const struct cell_command *command, const struct cell_channels *ch);
/* One of its other tasks, CELL_GIVE_BACK or CELL_CLEAN. */
void cell_fill_task(struct start *c, const char *path, const char *task, uint32_t service,
	const int stdio[3], int plan, int network);
/* What clone3 failed with `err` for. */
const char *cell_refused(const struct plan_service *ps, int err);
