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

/* What has left the service's group is none of its processes any more: a cell that waits for such
 * waits for nothing. What is in groups below gets no signal, and is waited for. */
static bool waits_for_nothing(const struct plan *p, uint32_t service, int group,
	const int32_t cells[2])
{
	const struct cgroup_plan *c = group_plan(p, plan_service(p, service));
	return !(c && c->flags & CG_DELEGATE) && !group_has_others(group, cells);
}

int kill_gently(struct pid1 *s, const struct plan *p, uint32_t service, int sig)
{
	const struct runtime *r = &s->runtime[service];
	const struct slot *main = &r->slot[SLOT_MAIN], *control = &r->slot[SLOT_CONTROL];
	if (main->flags & SLOT_LEAVES && r->group >= 0) {
		const struct group_asked to = {.cells = {main->pid, control->pid},
			.is_in = is_of_service,
			.of = p,
			.service = service};
		if (waits_for_nothing(p, service, r->group, to.cells))
			return kill_slot(main, SIGKILL);
		group_signal(r->group, sig, &to);
		return 0;
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
