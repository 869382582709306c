/* SPDX-License-Identifier: MIT
 * The change of ids: see identity.h. Raw calls, as libc's would signal other threads, and the caller shares memory with the reaper.
 */
#include "walls/identity/identity.h"
#include "base/sys.h"
#include <errno.h>
#include <sys/stat.h>

#define NO_ID UINT32_MAX /* setresuid(2) takes it for "leave as it is", that is, root */

int identity_apply(const struct plan *p, const struct identity_plan *i, struct wall_why *why)
{
	const gid_t *groups = plan_elements(p, i->groups, sizeof(*groups));
	int err;

	if (!groups && i->groups.count)
		return wall_failed(why, -EINVAL, "list of groups");
	if (i->uid == NO_ID || i->gid == NO_ID)
		return wall_failed(why, -EINVAL, "no uid or gid");
	err = sys_setgroups(i->groups.count, groups);
	if (err < 0)
		return wall_failed(why, err, "setgroups");
	err = sys_setresgid(i->gid);
	if (err < 0)
		return wall_failed(why, err, "setresgid");
	err = sys_setresuid(i->uid);
	if (err < 0)
		return wall_failed(why, err, "setresuid");
	umask((mode_t)(i->umask & 0777));
	return 0;
}
