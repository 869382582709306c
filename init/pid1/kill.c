/* SPDX-License-Identifier: MIT
 * Signals to services: see kill.h. */
#include "pid1/kill.h"
#include "base/sys.h"
#include "walls/cgroup/cgroup.h"
#include <errno.h>
#include <signal.h>

int kill_slot(const struct slot *sl, int sig)
{
	if (sl->pid <= 1 || kill(sl->pid, sig) == 0 || errno == ESRCH)
		return 0; /* ESRCH: it has just ended, which we shall hear */
	return -errno;
}

static void kill_slots(struct pid1 *s, uint32_t service)
{
	for (uint32_t k = 0; k < 2; k++)
		kill_slot(&s->runtime[service].slot[k], SIGKILL);
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

void kill_all(struct pid1 *s, uint32_t service)
{
	struct runtime *r = &s->runtime[service];
	kill_slots(s, service);
	if (r->group < 0 || cgroup_populated(r->group) == 0)
		return;
	r->killed = 1;
	if (cgroup_kill(r->group) < 0)
		kill_each(r->group);
}
