/* SPDX-License-Identifier: MIT
 * User, Group, SupplementaryGroups, UMask: the ids that the service runs with (credentials(7)). In
 * a private user namespace they are the ids inside it.
 */
#pragma once
#include <stdint.h>
#include "walls/apply.h"

struct identity_plan {
	uint32_t uid, gid;
	uint32_t umask;
	uint32_t kernel_uid, kernel_gid; /* on the host: owners of the service's directories */
	struct plan_list groups;         /* of uint32_t */
};

/* Sets groups, gid, uid and umask of the calling thread. `shift` is added to each id: 0, or the
 * base of the range if the kernel has no user namespaces (OPTIONAL_USER), so that the service has
 * the host ids that it would have had. */
int identity_apply(const struct plan *p, const struct identity_plan *i, uint32_t shift,
	struct wall_why *why);
