/* SPDX-License-Identifier: MIT
 * Landlock's rules from the file system's: see landlock_rules.h. Walls do not know each other.
 */
#include "compile/emit/landlock_rules.h"

struct rules {
	struct landlock_conf_rule *list;
	size_t count;
};

static void add(void *user, struct span path, uint32_t access)
{
	static const uint32_t may[] = {
		[FS_ACCESS_EXECUTE] = LANDLOCK_MAY_EXECUTE,
		[FS_ACCESS_MODIFY] = LANDLOCK_MAY_MODIFY,
		[FS_ACCESS_WRITE] = LANDLOCK_MAY_MODIFY | LANDLOCK_MAY_CREATE | LANDLOCK_MAY_CONTROL,
		[FS_ACCESS_DEVICES] = LANDLOCK_MAY_MODIFY | LANDLOCK_MAY_CONTROL,
	};
	struct rules *r = user;
	r->count = landlock_add(r->list, r->count, path, LANDLOCK_MAY_READ | may[access]);
}

size_t landlock_rules(const struct service *s, struct landlock_conf_rule *list)
{
	struct rules r = {.list = list};
	if (s->landlock.mode == LANDLOCK_MODE_OFF || !(s->namespaces.own & NS_MOUNT))
		return 0;
	filesystem_writable(&s->filesystem, !(s->namespaces.own & NS_PID), add, &r);
	if (s->cgroup.delegate)
		add(&r, span_of("/sys/fs/cgroup"), FS_ACCESS_WRITE);
	return r.count;
}
