/* SPDX-License-Identifier: MIT
 * Compile half of User, Group, SupplementaryGroups and UMask: the names as written. The compile
 * program looks them up in the device's /etc/passwd and /etc/group and passes the numbers to
 * identity_encode().
 */
#pragma once
#include "walls/compile.h"
#include "walls/identity/identity.h"

#define IDENTITY_MAX_GROUPS 32

struct identity_conf {
	struct span user; /* empty: not set */
	struct span group;
	struct span supplementary[IDENTITY_MAX_GROUPS];
	size_t supplementary_count;
	uint32_t umask;
};

struct identity_ids { /* as the service sees them */
	uint32_t uid, gid;
	uint32_t groups[IDENTITY_MAX_GROUPS];
	size_t group_count;
	/* added to each on the host: base of the range of a private user namespace, or 0 */
	uint32_t kernel_base;
};

void identity_conf_init(struct identity_conf *conf);
wall_setter identity_set_user, identity_set_group, identity_set_supplementary_groups,
	identity_set_umask;
struct plan_blob identity_encode(const struct identity_conf *conf,
	const struct wall_context *context, struct plan_writer *w);
