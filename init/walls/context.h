/* SPDX-License-Identifier: MIT
 * What a wall may know of its service besides its own part. Walls do not know each other: what a
 * wall needs of another's directives is a field here, set by compile/emit. All pointers are
 * borrowed from the service.
 */
#pragma once
#include "base/span.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wall_context {
	const char *service;             /* its name */
	uint32_t uid, gid;               /* as the service sees them */
	uint32_t kernel_uid, kernel_gid; /* on the host */
	uint32_t id_base;                /* first id of its range; used with own_user only */
	const struct identity_ids *ids;  /* for its own room */
	uint64_t bounding;               /* capabilities, one bit each */
	bool no_new_privs;
	/* namespaces of its own */
	bool own_mounts, own_pids, own_user, own_network;
	bool host_network;  /* neither its own nor one that it joins */
	bool network_kept;  /* PID 1 keeps its private network */
	bool network_owned; /* its user namespace owns its network */
	bool notify_socket; /* it has a readiness socket, for readiness or the watchdog */
	bool delegate;      /* it may divide its control group */
	bool device_rules;  /* the control group restricts devices */
	bool own_root;      /* RootDirectory or RootImage */
	bool loop;          /* RootImage */
	/* its standard streams */
	bool console, kmsg;
	struct span tty; /* TTYPath, if one of them is that */
	/* names below /dev in its view (Devices); "pts": pseudo-terminals */
	const struct span *nodes;
	size_t node_count;
	const struct landlock_conf_rule *landlock; /* for its own room */
	size_t landlock_count;
};
