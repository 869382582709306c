/* SPDX-License-Identifier: MIT
 * Signals to services: see kill.h. */
#include "pid1/kill.h"
#include "engine/group.h"
#include "engine/procfs.h"
#include <errno.h>
#include <signal.h>

int kill_slot(const struct slot *sl, int sig)
{
	if (sl->pid <= 1 || kill(sl->pid, sig) == 0 || errno == ESRCH)
		return 0; /* ESRCH: it has just ended, which we shall hear */
	return -errno;
}

static bool is_of_service(const struct group_asked *to, int pid)
{
	return procfs_service(to->of, pid) == (int)to->service;
}

int kill_gently(struct pid1 *s, const struct plan *p, uint32_t service, int sig)
{
	const struct runtime *r = &s->runtime[service];
	const struct slot *main = &r->slot[SLOT_MAIN], *control = &r->slot[SLOT_CONTROL];
	if (main->flags & SLOT_LEAVES && r->group >= 0) {
		const struct group_asked to = {.cells = {main->pid, control->pid},
			.is_in = is_of_service,
			.of = p,
			.service = service,
			.divided = group_may_be_divided(p, plan_service(p, service))};
		return group_signal(r->group, sig, &to) ? 0 : kill_slot(main, SIGKILL);
	}
	int err = kill_slot(main, sig), other = kill_slot(control, sig);
	return err < 0 ? err : other;
}

static void kill_slots(struct pid1 *s, uint32_t service)
{
	for (uint32_t k = 0; k < 2; k++)
		kill_slot(&s->runtime[service].slot[k], SIGKILL);
}

void kill_all(struct pid1 *s, uint32_t service)
{
	struct runtime *r = &s->runtime[service];
	kill_slots(s, service);
	if (r->group < 0 || cgroup_populated(r->group) == 0)
		return;
	r->killed = 1;
	group_end(r->group);
}
