/* SPDX-License-Identifier: MIT
 * Preparing a service's control group for another process of the service.
 */
#pragma once
#include "plan/plan.h"
#include "walls/cgroup/cgroup.h"
#include <stdbool.h>

struct group_use {
	int fd;
	/* It existed before this start. It may be frozen, divided into groups of its own, or have
	 * limits that slow down a start. */
	bool stood;
	bool occupied; /* processes of the service are known to be in it */
	bool killed;   /* cgroup.kill has been written to it */
};

/* The group's part of the plan, or NULL if it has none. */
const struct cgroup_plan *group_plan(const struct plan *p, const struct plan_service *ps);
/* Makes the group ready for a new process. *join: the child must not be cloned into the group but
 * enter it itself. There are two reasons: other processes are in the group and may hold the start
 * up or divide it; or cgroup.kill has been written to it. Kernels that count kills (6.1.176 does)
 * compare the count of the group with that of the caller's own group, and kill each process that is
 * cloned into the group later. Returns 0, or -errno with *why. */
int group_ready(const struct plan *p, const struct cgroup_plan *c, const struct group_use *use,
	bool *join, struct wall_why *why);
/* Whether the service may make groups below its own (Delegate). */
bool group_may_be_divided(const struct plan *p, const struct plan_service *ps);
/* Those whom group_signal() asks. */
struct group_asked {
	int32_t cells[2]; /* they are not (0: none) */
	/* whether the process is the service's, as /proc says */
	bool (*is_in)(const struct group_asked *to, int pid);
	const void *of; /* whose it is to be; `service` is its number, if `of` is a plan */
	uint32_t service;
	bool divided; /* group_may_be_divided() */
};

/* Sends a signal to each process of the group but for the cells, as far as 4096 bytes of
 * cgroup.procs name them; of a divided one also to those of the first 64 groups below, four deep.
 * What they start meanwhile may not get it; a process of no other group does. False: the cells have
 * nobody to wait for. What has left the service's group is none of its processes any more. */
bool group_signal(int group, int sig, const struct group_asked *to);
/* Sends SIGKILL to all processes of the group: by cgroup.kill, or one by one before Linux 5.14. */
void group_end(int group);
