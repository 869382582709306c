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

/* Each pid in cgroup.procs, as many as there is room for. False: there is none. */
static bool signal_each(int group, int sig, const int32_t spared[2])
{
	char text[2048];
	int n = sys_read_file(group, "cgroup.procs", text, sizeof(text));
	int pid = 0;
	for (int i = 0; i < n; i++) {
		if (text[i] >= '0' && text[i] <= '9') {
			pid = pid * 10 + (text[i] - '0');
			continue;
		}
		if (pid > 1 && pid != spared[0] && pid != spared[1])
			kill(pid, sig);
		pid = 0;
	}
	return n > 0;
}

void group_signal(int group, int sig, const int32_t cells[2])
{
	signal_each(group, sig, cells);
}

/* Kernels before 5.14 have no cgroup.kill: a few rounds, as they may fork meanwhile. */
void group_end(int group)
{
	static const int32_t none[2];
	bool more = cgroup_kill(group) < 0;
	for (int round = 0; more && round < 8; round++)
		more = signal_each(group, SIGKILL, none);
}
