/* SPDX-License-Identifier: MIT
 * [Namespaces]: which namespaces are the service's own (namespaces(7)). PID, IPC, UTS and network
 * namespaces are made by clone3 in PID 1 (plan_service.clone_flags). Mount, time and cgroup
 * namespaces are made by unshare in the cell, the cgroup namespace only when the process is in its
 * group, so that the group is its root. The user namespace is last: it is made by the clone of the
 * service's own process, and the reaper writes its map.
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
	NS_NETWORK = 64, /* otherwise walls/network says which */
	NS_TIME = 128,
	NS_DEFAULT = 127,
	NS_ALL = 255
};

struct namespaces_plan {
	uint32_t own;      /* enum namespaces_bit: private ones */
	plan_str hostname; /* set in its UTS namespace; "" keeps the host's */
	uint32_t id_base;  /* with NS_USER: first kernel id of the service's range */
	uint32_t id_count;
};

/* Apply half. */
/* unshare(2) of those in `own` that are made late; sets the host name. `proc` is a descriptor of
 * /proc. */
int namespaces_enter(const struct plan *p, const struct namespaces_plan *n, int proc,
	struct wall_why *why);
/* Whether CLONE_NEWUSER failed with `err` because this kernel has no user namespaces: not built in
 * (EINVAL), or disabled by user.max_user_namespaces = 0 (ENOSPC, which a limit that is used up
 * gives too). */
bool namespaces_lack_user(int proc, int err);
/* For the reaper: writes uid_map and gid_map of `pid`. `proc` is a descriptor of a /proc of the
 * reaper's pid namespace. */
int namespaces_map_ids(const struct namespaces_plan *n, int proc, int pid, struct wall_why *why);
