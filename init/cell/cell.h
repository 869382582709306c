/* SPDX-License-Identifier: MIT
 * bulkhead-cell raises a service's walls around itself, starts the service behind them, and stays
 * as its reaper. One `struct cell` is all its state. The service's own process shares it (CLONE_VM)
 * until its execve.
 */
#pragma once
#include "base/notify.h"
#include "base/report.h"
#include "plan/plan.h"
#include "walls/apply.h"
#include "walls/capabilities/capabilities.h"
#include "walls/filesystem/filesystem.h"
#include "walls/namespaces/namespaces.h"
#include <sys/resource.h>

#define CELL_MAX_STRINGS 256u /* arguments or environment variables */

struct cell_vector {
	char *at[CELL_MAX_STRINGS + 1]; /* ends with a NULL */
	unsigned count;
};

#define CELL_SPACE (128u * 1024) /* for EnvironmentFile and what commands have of it */
#define CELL_COUNTED 4           /* resource limits that user namespaces count */
#define CELL_PAGE 4096 /* page size of most machines; on others less memory is given back */

/* Memory that is not needed once the service runs: whole pages, which the reaper gives back. */
struct cell_scratch {
	char stack[12288]; /* of the service's process until its execve */
	struct cell_vector arguments, environment;
	char fds[24], fds_pid[32];
	char usec[40], pid[32],
		notify[sizeof("NOTIFY_SOCKET=" NOTIFY_HOST_DIRECTORY "/") + CONFIG_MAX_NAME];
} __attribute__((aligned(CELL_PAGE)));

struct cell {
	char *const *argv;
	/* Input. */
	struct plan plan;
	const size_t *wall_size; /* minimum size of each wall's part of the plan */
	const struct plan_service *service;
	const struct plan_command *command;
	uint32_t list, index;
	char *const *words; /* appended to those of ExecStart; never with PID 1 */
	bool foreground;    /* standard descriptors are those of bulkhead-try's caller */
	/* a filter that reports every call replaces the service's */
	bool learn;
	/* Its walls' parts of the plan (plan/walls.h); NULL: off. */
#define CELL_WALL(NAME, name) const struct name##_plan *name;
	union {
		const void *wall[WALL_COUNT];
		struct {
			PLAN_WALLS(CELL_WALL)
		};
	};
	bool join;                   /* the cell is not in the group yet */
	struct filesystem_plan view; /* that of `filesystem`, with FS_NOTIFY_SOCKET as needed */
	int sockets;                 /* number of listening sockets, from CELL_FD_SOCKETS on */
	/* Used when the kernel has no user namespaces and OptionalWalls allows that. */
	struct namespaces_plan bare_namespaces;
	struct capabilities_plan bare_capabilities;
	/* launch.c: limits of the service while its user namespace is made */
	struct rlimit limits_kept[CELL_COUNTED];
	/* added to the ids of `identity` if there is no user namespace of its own */
	uint32_t id_shift;
	/* State. */
	int proc;      /* descriptor of the host's /proc */
	int attr_exec; /* of the service's process, or -ENOENT without SELinux */
	int reaper;    /* ourselves */
	/* the user namespace of an earlier command of the service, to be entered; -1: a new one is
	 * made */
	int user_ns;
	int main;      /* pid of the service's process, in our pid namespace; 0: it has ended */
	int host_main; /* the same in PID 1's pid namespace, 0 if unknown */
	int status;    /* its wait status */
	bool waits;    /* the reaper stays until what it has left has ended too */
	/* Between the service's process, which writes, and the reaper. */
	/* cleared by the kernel when the service's process executes its program or ends */
	int alive;
	int go;  /* set by the reaper when the map of ids is written */
	int err; /* the error of `step` */
	/* with `learn`: the filter's listener in the service's process; -1 = not yet */
	int listener;
	bool has_network; /* CELL_FD_NETWORK is open */
	bool executing;   /* the last step was reached */
	const char *step;
	struct wall_why why;
	struct cell_scratch *scratch;
	/* CELL_SPACE bytes, mapped if the service has EnvironmentFile: what is not used yet */
	char *space;
	size_t space_left;
};

struct cell_step {
	const char *name; /* in reports: at most 23 bytes */
	int (*raise)(struct cell *c);
	const char *reason; /* why it is here, and not earlier or later */
};

/* The order of confinement. Both tables end with a row whose name is NULL. */
/* with the host's root, in the process that becomes the reaper */
extern const struct cell_step cell_steps_before[];
/* in the service's own process, in its user namespace */
extern const struct cell_step cell_steps_after[];
/* Runs the steps in order. 0, or the error of the first that fails, with step and why set. */
int cell_run(struct cell *c, const struct cell_step *steps);

int cell_plan(struct cell *c);         /* plan.c: maps the plan, finds the service and its walls */
int cell_find_network(struct cell *c); /* the same for CELL_GIVE_BACK */
int cell_clean(struct cell *c);        /* CELL_CLEAN; returns its exit status */
bool cell_needs_notify(const struct cell *c);
/* Writes `prefix` and the path of the readiness socket on the host to buf, which must be large
 * enough. */
void cell_notify_path(const struct cell *c, const char *prefix, char *buf, size_t cap);
int cell_stdio(struct cell *c);    /* stdio.c: descriptors 0, 1, 2 */
int cell_terminal(struct cell *c); /*          the controlling terminal */
/* closes all descriptors but those that the service's file asks for */
int cell_descriptors(struct cell *c);
int cell_arguments(struct cell *c); /* argv.c: argv, and what the environment has of the moment */
/* vector.c. -E2BIG: it is full. The text is not copied. */
int cell_append(struct cell_vector *w, const char *word);
int cell_append_list(const struct cell *c, struct cell_vector *w, struct plan_list list);
int cell_environment(struct cell *c); /* environment.c: Environment and EnvironmentFile */
void cell_unset(struct cell *c);      /* UnsetEnvironment */
/* appends a word of the command to the arguments, with its variables replaced. -errno, with the
 * reason in c->why or without */
int cell_expand(struct cell *c, const char *word);
int cell_exec(struct cell *c);
/* learn.c: the filter of `learn`; the reaper reports the listener's number */
int cell_learn(struct cell *c);
/* program.c: writes to c->why what the failed program lacks, as far as can be seen; returns
 * c->err */
int cell_explain_exec(struct cell *c);
/* launch.c: makes the service's process; returns when it executes its program, or fails */
int cell_launch(struct cell *c);
/* network.c: enters the network namespace, if it exists by now */
int cell_network(struct cell *c);
/* the service's process gets it with its user namespace */
bool cell_clones_network(const struct cell *c);
/* configures it in that case, while the process waits; `pid` as in /proc */
int cell_network_owned(struct cell *c, int pid);
int cell_return_netdevs(struct cell *c); /* CELL_GIVE_BACK; returns its exit status */
int cell_settle(struct cell *c);         /* reaper.c: drops what the reaper does not need */
void cell_reap(struct cell *c) __attribute__((noreturn));
/* report.c: to PID 1 */
void cell_report(uint32_t kind, int value, const char *step, const char *detail);
