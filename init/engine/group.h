/* SPDX-License-Identifier: MIT
 * A service's control group between two of its processes.
 */
#pragma once
#include "plan/plan.h"
#include "walls/cgroup/cgroup.h"
#include <stdbool.h>

struct group_use {
	int fd;
	bool stood;    /* before, perhaps frozen, divided, or with limits that slow down */
	bool occupied; /* processes of the service are known to run */
	bool killed;   /* by cgroup.kill, since it was made */
};

/* NULL: the plan has none for it */
const struct cgroup_plan *group_plan(const struct plan *p, const struct plan_service *ps);
/* It can take a process. *join: the child is not to be cloned into it but to enter it, since others
 * run in it, which may be held up or divide it; or since it has been killed by cgroup.kill: kernels
 * that count the kills (6.1.176 does) compare the group's count with that of the group we are in
 * ourselves, and kill whatever is cloned into it from then on. -errno, with *why. */
int group_ready(const struct plan *p, const struct cgroup_plan *c, const struct group_use *use,
	bool *join, struct wall_why *why);
/* SIGKILL to all that is in it. */
void group_end(int group);
