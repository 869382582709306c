/* SPDX-License-Identifier: MIT
 * Control groups: see group.h. */
#include "engine/group.h"
#include "base/dirlist.h"
#include "base/sys.h"
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#define MAX_GROUPS 64 /* below a service's, that are asked to end */
#define MAX_DEPTH 4

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

/* False: the process is none of those that are looked for. */
typedef bool send_to(int pid, int sig, const struct group_asked *to);

/* Each pid in cgroup.procs, as many as there is room for. How many were looked for, or -errno. */
static int each(int group, send_to *send, int sig, const struct group_asked *to)
{
	char text[4096];
	int n = sys_read_file(group, "cgroup.procs", text, sizeof(text));
	int pid = 0, found = 0;
	for (int i = 0; i < n; i++) {
		if (text[i] >= '0' && text[i] <= '9') {
			pid = pid * 10 + (text[i] - '0');
			continue;
		}
		if (pid > 1)
			found += send(pid, sig, to);
		pid = 0;
	}
	return n < 0 ? n : found;
}

/* It may have ended since, and its number be another's: that is looked at once a descriptor
 * holds it. */
static bool ask(int pid, int sig, const struct group_asked *to)
{
	if (pid == to->cells[0] || pid == to->cells[1])
		return false;
	int fd = sys_pidfd_open(pid);
	if (fd < 0)
		return true;
	if (to->is_in(to, pid))
		sys_pidfd_send_signal(fd, sig);
	close(fd);
	return true;
}

/* Groups that it has made below its own, `left` of them at most. */
static void ask_below(int group, int sig, const struct group_asked *to, unsigned depth, int *left)
{
	struct dirlist names;
	const char *name;
	int top = openat(group, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		return;
	dirlist_start(&names, top);
	while (*left > 0 && dirlist_next(&names, &name) > 0) {
		int below = openat(top, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (below < 0)
			continue; /* a file of this group's */
		--*left;
		each(below, ask, sig, to);
		if (depth > 1)
			ask_below(below, sig, to, depth - 1, left);
		close(below);
	}
	close(top);
}

bool group_signal(int group, int sig, const struct group_asked *to)
{
	int left = MAX_GROUPS;
	if (to->divided)
		ask_below(group, sig, to, MAX_DEPTH, &left);
	return each(group, ask, sig, to) != 0 || to->divided;
}

bool group_may_be_divided(const struct plan *p, const struct plan_service *ps)
{
	const struct cgroup_plan *c = group_plan(p, ps);
	return c && c->flags & CG_DELEGATE;
}

static bool kill_one(int pid, int sig, const struct group_asked *unused)
{
	(void)unused;
	kill(pid, sig);
	return true;
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
		more = each(group, kill_one, SIGKILL, NULL) > 0;
	cgroup_freeze(group, false);
}
