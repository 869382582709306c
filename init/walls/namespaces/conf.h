/* SPDX-License-Identifier: MIT
 * Compile half of [Namespaces].
 */
#pragma once
#include "walls/compile.h"
#include "walls/namespaces/namespaces.h"

struct namespaces_conf {
	uint32_t own; /* enum namespaces_bit */
	struct span hostname;
	uint32_t id_range; /* IdRange: the first id on the host; 0 = by name */
};

void namespaces_conf_init(struct namespaces_conf *conf);
wall_setter namespaces_set_hostname, namespaces_set_id_range;
wall_part_setter namespaces_set_own;
/* The flags for clone3: PID, IPC and UTS. The network is its own room's. */
uint32_t namespaces_clone_flags(const struct namespaces_conf *conf);
struct plan_blob namespaces_encode(const struct namespaces_conf *conf,
	const struct wall_context *context, struct plan_writer *w);
