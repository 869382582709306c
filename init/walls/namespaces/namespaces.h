/* SPDX-License-Identifier: MIT
 * [Namespaces]: which of the kernel's views are the service's own (namespaces(7)). PID, IPC, UTS
 * and network namespaces are made by clone3 in PID 1 (plan_service.clone_flags); mount, time and
 * cgroup by unshare in the cell, cgroup only once the process is in its group (so that the group is
 * its root); the user namespace last, by the clone that makes the service's own process, its map
 * written by the reaper.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "walls/apply.h"

enum namespaces_bit {
	NS_MOUNT = 1,
	NS_PID = 2,
	NS_IPC = 4,
	NS_UTS = 8,
	NS_CGROUP = 16,
	NS_USER = 32,
	NS_NETWORK = 64, /* which one it is otherwise: walls/network */
	NS_TIME = 128,
	NS_DEFAULT = 127,
	NS_ALL = 255
};

struct namespaces_plan {
	uint32_t own;      /* enum namespaces_bit: private ones */
	plan_str hostname; /* set in the own UTS namespace; "" keeps the host's */
	uint32_t id_base;  /* first kernel id of the service's range, when NS_USER */
	uint32_t id_count;
};

/* Apply half. */
/* unshare(2) of those in own that are made late; hostname. `proc` is a descriptor of /proc. */
int namespaces_enter(const struct plan *p, const struct namespaces_plan *n, int proc,
	struct wall_why *why);
/* Whether a clone with CLONE_NEWUSER that failed with `err` did so because this kernel has no user
 * namespaces: not built in (EINVAL), or forbidden to all by user.max_user_namespaces = 0
 * (ENOSPC, which a limit that is used up gives too). */
bool namespaces_lack_user(int proc, int err);
/* For the reaper: writes uid_map, gid_map of `pid` (in the reaper's pid namespace; `proc` is a
 * descriptor of a /proc where that pid shows). */
int namespaces_map_ids(const struct namespaces_plan *n, int proc, int pid, struct wall_why *why);
