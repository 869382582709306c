/* SPDX-License-Identifier: MIT
 * The change of ids: see identity.h. By raw system calls: libc's functions would signal other
 * threads, and the caller shares memory with the reaper.
 */
#include "walls/identity/identity.h"
#include "base/sys.h"
#include <errno.h>
#include <sys/stat.h>

#define MAX_GROUPS 64u
#define NO_ID UINT32_MAX /* setresuid(2) takes it for "leave as it is", that is, root */

static int set_groups(const struct plan *p, struct plan_list list, uint32_t shift)
{
	const gid_t *groups = plan_elements(p, list, sizeof(*groups));
	gid_t shifted[MAX_GROUPS];
	if ((!groups && list.count) || list.count > MAX_GROUPS)
		return -EINVAL;
	for (uint32_t n = 0; n < list.count; n++) {
		if (groups[n] >= NO_ID - shift)
			return -EINVAL;
		shifted[n] = groups[n] + shift;
	}
	return sys_setgroups(list.count, shifted);
}

int identity_apply(const struct plan *p, const struct identity_plan *i, uint32_t shift,
	struct wall_why *why)
{
	int err;
	if (i->uid >= NO_ID - shift || i->gid >= NO_ID - shift)
		return wall_failed(why, -EINVAL, "no uid or gid");
	err = set_groups(p, i->groups, shift);
	if (err < 0)
		return wall_failed(why, err, "setgroups");
	err = sys_setresgid(i->gid + shift);
	if (err < 0)
		return wall_failed(why, err, "setresgid");
	err = sys_setresuid(i->uid + shift);
	if (err < 0)
		return wall_failed(why, err, "setresuid");
	umask((mode_t)(i->umask & 0777));
	return 0;
}
