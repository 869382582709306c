/* SPDX-License-Identifier: MIT
 * The wait for an empty group: see empty.h. */
#include "pid1/service/empty.h"
#include "engine/descriptors.h"
#include "pid1/service/group.h"
#include "pid1/service/network.h"
#include "pid1/watch.h"
#include "walls/cgroup/cgroup.h"
#include <fcntl.h>

void empty_check(struct pid1 *s, const struct plan *p, uint32_t service)
{
	struct runtime *r = &s->runtime[service];
	if (service >= s->core.count || !r->await_empty)
		return;
	if (r->slot[0].pid || r->slot[1].pid)
		return;
	bool populated = r->group >= 0 && cgroup_populated(r->group) > 0;
	if (!populated)
		r->left = 0;
	if (populated && !r->left) {
		if (r->events >= 0)
			return;
		r->events = descriptor_lift(openat(r->group, "cgroup.events", O_RDONLY | O_CLOEXEC));
		/* no descriptor to be had: look again later */
		if (r->events < 0)
			group_look_soon(s);
		/* kernfs re-arms only on reading this descriptor */
		watch_add(s, r->events, EPOLLPRI | EPOLLET, WATCH_EMPTY, service);
		/* it may have emptied before the watch stood */
		if (cgroup_populated(r->group) > 0)
			return;
	}
	if (network_return_netdevs(s, p, service))
		return; /* it is looked at again once they are */
	r->await_empty = 0;
	watch_drop(s, &r->events);
	post_event(s, p, EV_EMPTY, service, 0, 0);
}

void empty_look(struct pid1 *s, const struct plan *p)
{
	if (now_ms() < group_deadline(s))
		return;
	for (uint32_t i = 0; i < s->core.count; i++)
		if (s->runtime[i].await_empty && s->runtime[i].events < 0)
			empty_check(s, p, i);
}
