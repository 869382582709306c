/* SPDX-License-Identifier: MIT
 * bulkhead-cell: raises a service's walls around itself, starts the service behind them, and stays
 * as its reaper. One `struct cell` is all its state; the service's own process shares it (CLONE_VM)
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

#define CELL_MAX_STRINGS 256u /* arguments, and variables of the environment */

struct cell_vector {
	char *at[CELL_MAX_STRINGS + 1]; /* ends with a NULL */
	unsigned count;
};

#define CELL_COUNTED 4 /* limits that user namespaces count */
#define CELL_PAGE 4096 /* of most machines; on others less memory is given back */

/* What is of no use once the service runs: whole pages, which the reaper gives back. */
struct cell_scratch {
	char stack[12288]; /* of the service's process until its execve */
	struct cell_vector arguments, environment;
	char fds[24], fds_pid[32];
	char usec[40], pid[32],
		notify[sizeof("NOTIFY_SOCKET=" NOTIFY_HOST_DIRECTORY "/") + CONFIG_MAX_NAME];
} __attribute__((aligned(CELL_PAGE)));

struct cell {
	char *const *argv;
	/* What is asked for. */
	struct plan plan;
	const struct plan_service *service;
	const struct plan_command *command;
	uint32_t list, index;
	char *const *words; /* appended to ExecStart's; never with PID 1 */
	bool foreground;    /* standard descriptors are those of whoever tries the service */
	bool learn;         /* instead of the service's filter one that tells of every call */
						/* Its walls' parts of the plan (plan/walls.h); NULL: off. */
#define CELL_WALL(NAME, name) const struct name##_plan *name;
	union {
		const void *wall[WALL_COUNT];
		struct {
			PLAN_WALLS(CELL_WALL)
		};
	};
	bool join;                   /* PID 1 has not cloned us into the group */
	struct filesystem_plan view; /* of `filesystem`, and whether there is a readiness socket */
	int sockets; /* listening ones that PID 1 has handed over, from CELL_FD_SOCKETS on */
	/* Once the kernel turned out to have no user namespaces, and OptionalWalls lets them be
	 * missing. */
	struct namespaces_plan bare_namespaces;
	struct capabilities_plan bare_capabilities;
	/* launch.c: the service's, while its user namespace is made */
	struct rlimit limits_kept[CELL_COUNTED];
	/* added to the ids of `identity` by who is not in a user namespace of its own */
	uint32_t id_shift;
	/* What there is. */
	int proc;      /* descriptor of the host's /proc */
	int attr_exec; /* of the service's process, or -ENOENT without SELinux */
	int reaper;    /* ourselves */
	/* the user namespace that an earlier command of the service was in, to be entered; -1: it gets
	 * a new one */
	int user_ns;
	int main;      /* the service's process, in our pid namespace */
	int host_main; /* the same as PID 1 sees it, 0 if unknown */
	/* Between the service's process (which writes) and the reaper. */
	/* cleared by the kernel when the service's process executes its program or ends */
	int alive;
	int go;  /* set by the reaper once the map of ids is written */
	int err; /* what `step` failed with */
	/* with `learn`: the filter's, in the service's process; -1 until it is there */
	int listener;
	bool has_network; /* CELL_FD_NETWORK is open */
	bool executing;   /* the last step has been reached */
	const char *step;
	struct wall_why why;
	struct cell_scratch *scratch;
};

struct cell_step {
	const char *name; /* in reports: at most 23 bytes */
	int (*raise)(struct cell *c);
	const char *reason; /* why here and not earlier or later */
};

/* The order of confinement. Both end with a row whose name is NULL. */
/* as the host's root, in what becomes the reaper */
extern const struct cell_step cell_steps_before[];
/* in the service's own process, in its user namespace */
extern const struct cell_step cell_steps_after[];
/* Bytes of each wall's part of the plan, at least. */
extern const size_t cell_wall_size[WALL_COUNT];
int cell_run(struct cell *c, const struct cell_step *steps);

int cell_plan(struct cell *c);         /* plan.c: maps the plan, finds the service and its walls */
int cell_find_network(struct cell *c); /*    the same for CELL_GIVE_BACK */
int cell_clean(struct cell *c);        /*    all of CELL_CLEAN; its exit status */
bool cell_needs_notify(const struct cell *c);
/* Where its readiness socket is on the host, after a prefix, into a buffer that is large enough. */
void cell_notify_path(const struct cell *c, const char *prefix, char *buf, size_t cap);
int cell_stdio(struct cell *c);    /* stdio.c: descriptors 0, 1, 2 */
int cell_terminal(struct cell *c); /*          the controlling terminal */
/*          nothing else goes into the service, but what its file asks for */
int cell_descriptors(struct cell *c);
int cell_arguments(struct cell *c); /* argv.c: argv and environment */
int cell_exec(struct cell *c);
/* learn.c: the filter of `learn`; its listener's number is left to the reaper */
int cell_learn(struct cell *c);
/* program.c: says in c->why what the failed one lacks, as far as can be seen; c->err */
int cell_explain_exec(struct cell *c);
/* launch.c: the service's process; returns when it executes its program, or fails */
int cell_launch(struct cell *c);
/* network.c: in the network namespace, as far as it exists by now */
int cell_network(struct cell *c);
/*           the service's process gets it with its user namespace */
bool cell_clones_network(const struct cell *c);
/*          and then this configures it: the process waits; `pid` as /proc has it */
int cell_network_owned(struct cell *c, int pid);
int cell_return_netdevs(struct cell *c); /*            the program's other task; its exit status */
int cell_settle(struct cell *c);         /* reaper.c: drops what the reaper does not need */
void cell_reap(struct cell *c) __attribute__((noreturn));
void cell_report(uint32_t kind, int value, const char *step, const char *detail);
