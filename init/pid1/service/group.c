/* SPDX-License-Identifier: MIT
 * Services' control groups: see group.h. */
#include "pid1/service/group.h"
#include "base/fmt.h"
#include "base/sys.h"
#include "engine/descriptors.h"
#include "engine/group.h"
#include "pid1/watch.h"
#include "pid1/watchdog.h"
#include "walls/cgroup/cgroup.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_MS 1000u

int group_open_root(void)
{
	return descriptor_lift(open("/sys/fs/cgroup", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

int group_leave_root(int root)
{
	/* no service has such a name */
	static const char own[] = ".bulkhead", procs[] = ".bulkhead/cgroup.procs";
	if (faccessat(root, "cgroup.type", F_OK, 0) < 0)
		return errno == ENOENT ? 0 : -errno; /* the kernel's own root has no type */
	if (mkdirat(root, own, 0755) < 0 && errno != EEXIST)
		return -errno;
	return sys_write_file(root, procs, "0", 1);
}

static const struct cgroup_plan *plan_of(const struct plan *p, uint32_t service)
{
	return group_plan(p, plan_service(p, service));
}

static const char *slice_of(const struct plan *p, uint32_t service)
{
	const struct cgroup_plan *cg = plan_of(p, service);
	return cg ? plan_text(p, cg->slice) : "";
}

/* The group that the service's lies in: a descriptor of the caller's, or -errno. */
static int open_slice(struct pid1 *s, const struct plan *p, const char *name, struct wall_why *why)
{
	int index = plan_find(p, name), fd;
	const struct cgroup_plan *cg = index >= 0 ? plan_of(p, (uint32_t)index) : NULL;
	uint32_t enabled;
	if (!cg || *plan_text(p, cg->slice) || plan_service(p, (uint32_t)index)->type != TYPE_GROUP)
		return wall_failed2(why, -EINVAL, "bad slice", name);
	int err = cgroup_make(p, cg, s->cgroup_root, s->cgroup_root, name, &fd, why);
	if (err < 0)
		return err;
	/* what is missing shows when the service's limits are written */
	cgroup_enable(fd, CG_ALL, &enabled);
	/* nobody is ever in this group itself: no execve is slowed down by all of its limits */
	err = cgroup_enter(p, cg, fd, false, why);
	if (err < 0)
		close(fd);
	return err < 0 ? err : fd;
}

static int make(struct pid1 *s, const struct plan *p, uint32_t service,
	const struct cgroup_plan *cg, struct wall_why *why)
{
	struct runtime *r = &s->runtime[service];
	const char *slice = plan_text(p, cg->slice);
	int parent = *slice ? open_slice(s, p, slice, why) : s->cgroup_root, fd = -1;
	if (parent < 0)
		return *slice ? parent : wall_failed(why, -ENOENT, "/sys/fs/cgroup");
	int err = cgroup_make(p, cg, s->cgroup_root, parent,
		plan_text(p, plan_service(p, service)->name), &fd, why);
	if (*slice)
		close(parent);
	r->absent_group = why->absent & OPTIONAL_ALL;
	if (err < 0)
		return err;
	r->group = descriptor_lift(fd);
	if (r->group >= 0)
		return 0;
	err = r->group;
	r->group = -1;
	return err;
}

static bool is_looked_at(const struct cgroup_plan *cg)
{
	return cg && (cg->kernel_memory || cg->oom == OOM_STOP);
}

int group_prepare(struct pid1 *s, const struct plan *p, uint32_t service, bool *join,
	struct wall_why *why)
{
	struct runtime *r = &s->runtime[service];
	const struct cgroup_plan *cg = plan_of(p, service);
	struct group_use use = {.stood = r->group >= 0,
		.occupied = r->slot[0].pid || r->slot[1].pid,
		.killed = r->killed};
	*join = false;
	if (!cg)
		return wall_failed(why, -EINVAL, "the plan has no cgroup for it");
	int err = use.stood ? 0 : make(s, p, service, cg, why);
	use.fd = r->group;
	if (err == 0)
		err = group_ready(p, cg, &use, join, why);
	if (err < 0 || !is_looked_at(cg))
		return err;
	int64_t kills = cgroup_oom_kills(r->group);
	r->oom_kills = kills > 0 ? (uint64_t)kills : 0;
	group_look_soon(s);
	return 0;
}

void group_release(struct pid1 *s, const struct plan *p, uint32_t service)
{
	const char *slice = slice_of(p, service), *name = plan_text(p, plan_service(p, service)->name);
	int parent = *slice
		? openat(s->cgroup_root, slice, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
		: s->cgroup_root;
	if (parent < 0)
		return;
	cgroup_remove(parent, name);
	if (!*slice)
		return;
	close(parent);
	unlinkat(s->cgroup_root, slice, AT_REMOVEDIR); /* EBUSY while it holds others */
}

/* ---- a look now and then ---- */

uint64_t group_deadline(const struct pid1 *s)
{
	return s->look_ms ? s->look_ms : CORE_NEVER;
}

void group_look_soon(struct pid1 *s)
{
	uint64_t then = now_ms() + LOOK_MS;
	if (!s->look_ms || then < s->look_ms)
		s->look_ms = then;
}

/* By the policy: stop asks it to end first. */
static void over(struct pid1 *s, const struct plan *p, uint32_t service,
	const struct cgroup_plan *cg, const char *what, uint64_t n)
{
	struct runtime *r = &s->runtime[service];
	struct fmt f;
	fmt_init(&f, r->why, sizeof(r->why));
	fmt_str(&f, what);
	fmt_u64(&f, n);
	post_event(s, p, EV_LIMIT, service, SLOT_MAIN, cg->oom == OOM_STOP);
}

static void look_at(struct pid1 *s, const struct plan *p, uint32_t service,
	const struct cgroup_plan *cg)
{
	struct runtime *r = &s->runtime[service];
	int64_t kills = cg->oom == OOM_STOP ? cgroup_oom_kills(r->group) : 0;
	int64_t bytes = cg->kernel_memory ? cgroup_kernel_memory(r->group) : 0;
	if (kills > 0 && (uint64_t)kills > r->oom_kills) {
		over(s, p, service, cg,
			"out of memory, processes killed: ", (uint64_t)kills - r->oom_kills);
		r->oom_kills = (uint64_t)kills;
	} else if (bytes > 0 && (uint64_t)bytes > cg->kernel_memory) {
		over(s, p, service, cg, "kernel memory limit, bytes used: ", (uint64_t)bytes);
	}
}

void group_look(struct pid1 *s, const struct plan *p)
{
	bool again = false;
	if (!s->look_ms || now_ms() < s->look_ms)
		return;
	for (uint32_t i = 0; i < s->core.count; i++) {
		struct runtime *r = &s->runtime[i];
		again |= r->await_empty && r->events < 0;
		const struct cgroup_plan *cg = r->group >= 0 && (r->slot[0].pid || r->slot[1].pid)
			? plan_of(p, i)
			: NULL;
		if (!is_looked_at(cg))
			continue;
		watchdog_feed(s);
		look_at(s, p, i, cg);
		again = true;
	}
	s->look_ms = again ? now_ms() + LOOK_MS : 0;
}
