/* SPDX-License-Identifier: MIT
 * Control groups: see group.h. */
#include "engine/group.h"
#include "base/sys.h"
#include <signal.h>

const struct cgroup_plan *group_plan(const struct plan *p, const struct plan_service *ps)
{
	return ps ? plan_wall(p, ps, WALL_CGROUP, sizeof(struct cgroup_plan)) : NULL;
}

int group_ready(const struct plan *p, const struct cgroup_plan *c, const struct group_use *use,
	bool *join, struct wall_why *why)
{
	int err = use->stood ? cgroup_thaw(use->fd) : 0;
	if (err < 0)
		return wall_failed(why, err, "cgroup.freeze");
	bool others = use->occupied || cgroup_populated(use->fd) > 0;
	*join = others || use->killed;
	return use->stood && !others ? cgroup_lift(p, c, use->fd, why) : 0;
}

/* Processes of kernels before 5.14, which have no cgroup.kill: each pid in cgroup.procs, a few
 * rounds, as they may fork meanwhile. */
static void kill_each(int group)
{
	char text[2048];
	for (int round = 0; round < 8; round++) {
		int n = sys_read_file(group, "cgroup.procs", text, sizeof(text));
		int pid = 0;
		if (n <= 0)
			return;
		for (int i = 0; i < n; i++) {
			if (text[i] >= '0' && text[i] <= '9') {
				pid = pid * 10 + (text[i] - '0');
				continue;
			}
			if (pid > 1)
				kill(pid, SIGKILL);
			pid = 0;
		}
	}
}

void group_end(int group)
{
	if (cgroup_kill(group) < 0)
		kill_each(group);
}
