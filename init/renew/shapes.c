/* SPDX-License-Identifier: MIT
 * The references in the walls' parts of a plan: see shapes.h.
 */
#include "renew/shapes.h"
#include "base/count.h"
#include "walls/capabilities/capabilities.h"
#include "walls/cgroup/cgroup.h"
#include "walls/filesystem/filesystem.h"
#include "walls/identity/identity.h"
#include "walls/landlock/landlock.h"
#include "walls/limits/limits.h"
#include "walls/namespaces/namespaces.h"
#include "walls/network/network.h"
#include "walls/seccomp/seccomp.h"
#include "walls/selinux/selinux.h"
#include <stddef.h>

#define SHAPE(record, list) \
	{ \
		sizeof(struct record), COUNT(list), list \
	}
#define TEXT(record, member) \
	{ \
		offsetof(struct record, member), NULL \
	}
#define LIST(record, member, of) \
	{ \
		offsetof(struct record, member), &(of) \
	}

/* elements without a reference, by their size */
static const struct shape bytes_4 = {4, 0, NULL}, bytes_8 = {8, 0, NULL};
static const struct shape_reference text_itself[] = {{0, NULL}};
static const struct shape text = {sizeof(plan_str), 1, text_itself};

static const struct shape_reference in_namespaces[] = {TEXT(namespaces_plan, hostname)};

static const struct shape address = {sizeof(struct network_address), 0, NULL};
static const struct shape_reference in_network[] = {
	TEXT(network_plan, name),
	TEXT(network_plan, bridge),
	TEXT(network_plan, outside),
	TEXT(network_plan, inside),
	LIST(network_plan, interfaces, text),
	LIST(network_plan, addresses, address),
	LIST(network_plan, gateways, address),
};

static const struct shape_reference in_identity[] = {LIST(identity_plan, groups, bytes_4)};

static const struct shape_reference in_rule[] = {TEXT(filesystem_rule, source),
	TEXT(filesystem_rule, target), TEXT(filesystem_rule, options)};
static const struct shape rule = SHAPE(filesystem_rule, in_rule);
static const struct shape_reference in_directory[] = {TEXT(filesystem_directory, path)};
static const struct shape directory = SHAPE(filesystem_directory, in_directory);
static const struct shape_reference in_filesystem[] = {
	LIST(filesystem_plan, rules, rule),
	LIST(filesystem_plan, directories, directory),
	TEXT(filesystem_plan, root_directory),
	TEXT(filesystem_plan, root_image),
	LIST(filesystem_plan, devices, text),
};

static const struct shape_reference in_landlock_rule[] = {TEXT(landlock_rule, path)};
static const struct shape landlock_rule = SHAPE(landlock_rule, in_landlock_rule);
static const struct shape_reference in_landlock[] = {LIST(landlock_plan, rules, landlock_rule)};

static const struct shape_reference in_write[] = {TEXT(cgroup_write, file),
	TEXT(cgroup_write, value), TEXT(cgroup_write, lift)};
static const struct shape write_shape = SHAPE(cgroup_write, in_write);
static const struct shape_reference in_disk[] = {TEXT(cgroup_disk, device)};
static const struct shape disk = SHAPE(cgroup_disk, in_disk);
static const struct shape_reference in_node[] = {TEXT(cgroup_node, path)};
static const struct shape node = SHAPE(cgroup_node, in_node);
static const struct shape_reference in_cgroup[] = {
	TEXT(cgroup_plan, slice),
	LIST(cgroup_plan, writes, write_shape),
	LIST(cgroup_plan, disks, disk),
	LIST(cgroup_plan, nodes, node),
	LIST(cgroup_plan, program[PROGRAM_DEVICES], bytes_8),
	LIST(cgroup_plan, program[PROGRAM_INGRESS], bytes_8),
	LIST(cgroup_plan, program[PROGRAM_EGRESS], bytes_8),
};

static const struct shape_reference in_selinux[] = {TEXT(selinux_plan, context),
	TEXT(selinux_plan, directory)};

static const struct shape_reference in_seccomp[] = {LIST(seccomp_plan, filter, bytes_8)};

static const struct shape rlimit = {sizeof(struct limits_rlimit), 0, NULL};
static const struct shape_reference in_limits[] = {LIST(limits_plan, rlimits, rlimit)};

const struct shape shape_of_wall[WALL_COUNT] = {
	[WALL_NAMESPACES] = SHAPE(namespaces_plan, in_namespaces),
	[WALL_NETWORK] = SHAPE(network_plan, in_network),
	[WALL_IDENTITY] = SHAPE(identity_plan, in_identity),
	[WALL_FILESYSTEM] = SHAPE(filesystem_plan, in_filesystem),
	[WALL_LANDLOCK] = SHAPE(landlock_plan, in_landlock),
	[WALL_CGROUP] = SHAPE(cgroup_plan, in_cgroup),
	[WALL_CAPABILITIES] = {sizeof(struct capabilities_plan), 0, NULL},
	[WALL_SELINUX] = SHAPE(selinux_plan, in_selinux),
	[WALL_SECCOMP] = SHAPE(seccomp_plan, in_seccomp),
	[WALL_LIMITS] = SHAPE(limits_plan, in_limits),
};
