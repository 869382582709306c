/* SPDX-License-Identifier: MIT
 * User, Group, SupplementaryGroups, UMask: as whom the service runs (credentials(7)). Inside a
 * private user namespace the ids are those inside.
 */
#pragma once
#include <stdint.h>
#include "walls/apply.h"

struct identity_plan {
	uint32_t uid, gid;
	uint32_t umask;
	uint32_t kernel_uid, kernel_gid; /* as the host sees them: who owns the service's directories */
	struct plan_list groups;         /* of uint32_t */
};

/* groups, gid, uid; umask. `shift` is added to each id: 0, or the base of the range where the
 * service's user namespace is missing (OPTIONAL_USER), so that it has the ids that it would have
 * had outside. */
int identity_apply(const struct plan *p, const struct identity_plan *i, uint32_t shift,
	struct wall_why *why);
