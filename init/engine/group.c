/* SPDX-License-Identifier: MIT
 * Control groups: see group.h. */
#include "engine/group.h"
#include "base/sys.h"
#include <signal.h>
#include <unistd.h>

const struct cgroup_plan *group_plan(const struct plan *p, const struct plan_service *ps)
{
	return ps ? plan_wall(p, ps, WALL_CGROUP, sizeof(struct cgroup_plan)) : NULL;
}

int group_ready(const struct plan *p, const struct cgroup_plan *c, const struct group_use *use,
	bool *join, struct wall_why *why)
{
	int err = use->stood ? cgroup_freeze(use->fd, false) : 0;
	if (err < 0)
		return wall_failed(why, err, "cgroup.freeze");
	bool others = use->occupied || cgroup_populated(use->fd) > 0;
	*join = others || use->killed;
	return use->stood && !others ? cgroup_lift(p, c, use->fd, why) : 0;
}

typedef void send_to(int pid, int sig, const struct group_asked *to);

/* Each pid in cgroup.procs, as many as there is room for. False: there is none. */
static bool each(int group, send_to *send, int sig, const struct group_asked *to)
{
	char text[4096];
	int n = sys_read_file(group, "cgroup.procs", text, sizeof(text));
	int pid = 0;
	for (int i = 0; i < n; i++) {
		if (text[i] >= '0' && text[i] <= '9') {
			pid = pid * 10 + (text[i] - '0');
			continue;
		}
		if (pid > 1)
			send(pid, sig, to);
		pid = 0;
	}
	return n > 0;
}

/* It may have ended since, and its number be another's: that is looked at once a descriptor
 * holds it. */
static void ask(int pid, int sig, const struct group_asked *to)
{
	if (pid == to->cells[0] || pid == to->cells[1])
		return;
	int fd = sys_pidfd_open(pid);
	if (fd < 0)
		return;
	if (to->is_in(to, pid))
		sys_pidfd_send_signal(fd, sig);
	close(fd);
}

void group_signal(int group, int sig, const struct group_asked *to)
{
	each(group, ask, sig, to);
}

bool group_has_others(int group, const int32_t cells[2])
{
	char text[64]; /* more than two */
	int n = sys_read_file(group, "cgroup.procs", text, sizeof(text));
	int pid = 0;
	for (int i = 0; i < n; i++)
		if (text[i] >= '0' && text[i] <= '9')
			pid = pid * 10 + (text[i] - '0');
		else if (pid != cells[0] && pid != cells[1])
			return true;
		else
			pid = 0;
	return n < 0;
}

static void kill_one(int pid, int sig, const struct group_asked *unused)
{
	(void)unused;
	kill(pid, sig);
}

/* Kernels before 5.14 have no cgroup.kill. Who is frozen does not fork, nor end, and dies all the
 * same; those that were about to fork need a few rounds. */
void group_end(int group)
{
	bool more = cgroup_kill(group) < 0;
	if (!more)
		return;
	cgroup_freeze(group, true);
	for (int round = 0; more && round < 8; round++)
		more = each(group, kill_one, SIGKILL, NULL);
	cgroup_freeze(group, false);
}
