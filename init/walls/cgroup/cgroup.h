/* SPDX-License-Identifier: MIT
 * [Cgroup]: the service's control group (cgroup v2, Documentation/admin-guide/cgroup-v2.rst). The compile half turns each directive into a file
 * and what is written to it; PID 1 makes the group and writes them before the first process exists.
 */
#pragma once
#include <stdint.h>
#include "walls/apply.h"

enum cgroup_controller { CG_CPU = 1, CG_MEMORY = 2, CG_PIDS = 4, CG_IO = 8, CG_CPUSET = 16 };

struct cgroup_write {
	plan_str file;  /* "memory.max" */
	plan_str value; /* "16777216" */
};

struct cgroup_plan {
	uint32_t controllers; /* those that the files need */
	uint32_t flags;
	struct plan_list writes; /* of struct cgroup_write */
};

/* Apply half, in PID 1. */
/* Once at boot: enables the controllers (of enum cgroup_controller) that this kernel has in root/cgroup.subtree_control; *enabled says which. */
int cgroup_enable(int root, uint32_t wanted, uint32_t *enabled);
/* Makes root/name (or takes the one that stands), writes the limits. *fd is an O_PATH descriptor, close-on-exec, the caller's. */
int cgroup_make(const struct plan *p, const struct cgroup_plan *c, int root, const char *name, int *fd, struct wall_why *why);
/* A process cloned into a frozen group does not come to its execve, and who waits for that (CLONE_VFORK) waits with it. */
int cgroup_thaw(int group);
int cgroup_kill(int group);      /* cgroup.kill (Linux 5.14) */
int cgroup_populated(int group); /* 1, 0 or -errno, from cgroup.events */
int cgroup_remove(int root, const char *name);
