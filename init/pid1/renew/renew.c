/* SPDX-License-Identifier: MIT
 * Executing PID 1 anew for another plan: see renew.h.
 */
#include "pid1/renew/renew.h"
#include "base/sys.h"
#include "engine/descriptors.h"
#include "pid1/crash.h"
#include "pid1/descriptors.h"
#include "pid1/errand.h"
#include "pid1/renew/block.h"
#include "pid1/watch.h"
#include "renew/compare.h"
#include "renew/limits.h"
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LIMITS_MS 5000u /* a lower memory.max waits for what is over it to be given back */

bool renew_is_free(const struct pid1 *s, uint32_t i)
{
	const struct runtime *r = &s->runtime[i];
	return r->slot[0].pid <= 0 && r->slot[1].pid <= 0 && r->asked_pid <= 0 && r->taker <= 0 &&
		r->cleaner <= 0 && r->netdev_returner <= 0 && r->group < 0 && !r->socket_files;
}

static void map_indexes(const struct plan *p, const struct plan *q, uint16_t *index)
{
	for (uint32_t i = 0; i < plan_service_count(p); i++) {
		int j = renew_index(p, i, q);
		index[i] = j < 0 ? CORE_GONE : (uint16_t)j;
	}
}

/* ---- limits of running services ---- */

struct limits {
	const struct pid1 *s;
	const struct plan *p, *q;
	int group, err;
	bool lacks; /* some controllers */
};

static void write_limit(void *context, const struct renew_change *change)
{
	struct limits *l = context;
	if (l->err == 0 && change->file)
		l->err = sys_write_file(l->group, change->file, change->after, strlen(change->after));
	if (l->err == -ENOENT && l->lacks) /* OptionalWalls: it was started without */
		l->err = 0;
}

/* The group of a service that has one, or of a slice, which PID 1 does not keep; -ENOENT: none. */
static int open_group(const struct pid1 *s, const struct plan *p, uint32_t i)
{
	const struct plan_service *ps = plan_service(p, i);
	if (ps->type != TYPE_GROUP)
		return s->runtime[i].group < 0 ? -ENOENT
									   : fcntl(s->runtime[i].group, F_DUPFD_CLOEXEC, LOWEST_FD);
	int fd = openat(s->cgroup_root, plan_text(p, ps->name),
		O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* From those of `p` to those of `q`, in the child. `s` has the indexes of s->plan_fd, which is
 * `p` or, on the way back, `q`. */
static int work_limits(const void *arg)
{
	struct limits l = *(const struct limits *)arg;
	for (uint32_t i = 0; i < plan_service_count(l.p) && l.err == 0; i++) {
		int j = renew_index(l.p, i, l.q);
		const struct plan_service *x = plan_service(l.p, i);
		const struct plan_service *y = j < 0 ? NULL : plan_service(l.q, (uint32_t)j);
		if (!y || !renew_limits(l.p, x, l.q, y, NULL, NULL))
			continue;
		l.group = open_group(l.s, l.p, i);
		l.lacks = l.s->runtime[i].absent_group;
		if (l.group >= 0)
			renew_limits(l.p, x, l.q, y, write_limit, &l);
		if (l.group >= 0)
			close(l.group);
	}
	return l.err;
}

/* The same group by group, back from what has been written. */
static int work_limits_back(const void *arg)
{
	struct limits l = *(const struct limits *)arg;
	for (uint32_t i = 0; i < plan_service_count(l.p); i++) {
		int j = renew_index(l.p, i, l.q);
		const struct plan_service *y = j < 0 ? NULL : plan_service(l.q, (uint32_t)j);
		l.err = 0;
		l.group = y ? open_group(l.s, l.p, i) : -ENOENT;
		if (l.group >= 0)
			renew_limits(l.q, y, l.p, plan_service(l.p, i), write_limit, &l);
		if (l.group >= 0)
			close(l.group);
	}
	return 0;
}

/* ---- the block ---- */

/* The next life looks at the block once more: what it would have to mend may not be put in
 * force. */
static bool is_whole(struct core *c, const struct plan *q)
{
	static struct core before;
	size_t bytes = offsetof(struct core, service) + c->count * sizeof(c->service[0]);
	memcpy(&before, c, bytes);
	return core_adopt(c, q, now_ms()) && memcmp(&before, c, bytes) == 0;
}

static int execute(struct pid1 *s, const struct plan *q, const uint16_t *index)
{
	int fd, err = -EPROTO;
	struct pid1 *n = crash_make_block(&fd);
	if (!n)
		return -ENOMEM;
	block_move(n, s, q, index);
	n->state_fd = fd;
	n->plan_fd = s->reload.plan_fd;
	n->plan_size = (uint32_t)q->size;
	n->plan_source = 0; /* compiled on the device */
	n->renewed = 1;
	n->reload = (struct reload){.plan_fd = -1};
	if (is_whole(&n->core, q))
		err = crash_execute(n);
	munmap(n, sizeof(*n));
	close(fd);
	return err;
}

int renew_plan(struct pid1 *s, const struct plan *p, const struct plan *q)
{
	uint16_t index[CONFIG_MAX_SERVICES];
	const struct limits there = {.s = s, .p = p, .q = q};
	map_indexes(p, q, index);
	int err = errand_run_with(s, work_limits, &there, ERRAND_ALL, LIMITS_MS);
	if (err == 0)
		err = execute(s, q, index);
	errand_run_with(s, work_limits_back, &there, ERRAND_ALL, LIMITS_MS);
	return err;
}
