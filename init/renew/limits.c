/* SPDX-License-Identifier: MIT
 * Limits that change while a service runs: see limits.h.
 */
#include "renew/limits.h"
#include "base/count.h"
#include "renew/same.h"
#include "walls/cgroup/cgroup.h"
#include <stddef.h>
#include <string.h>

/* Files that the kernel lets be written at any time, and what stands there without a limit. */
static const struct {
	const char *file, *none;
} limits[] = {
	{"cpu.max", "max"},
	{"cpu.weight", "100"},
	{"io.weight", "default 100"},
	{"memory.high", "max"},
	{"memory.low", "0"},
	{"memory.max", "max"},
	{"memory.min", "0"},
	{"memory.swap.max", "max"},
	{"pids.max", "max"},
};

static const char *none_of(const char *file)
{
	for (size_t i = 0; i < COUNT(limits); i++)
		if (strcmp(limits[i].file, file) == 0)
			return limits[i].none;
	return NULL;
}

static const struct cgroup_write *find_write(const struct plan *p, const struct cgroup_plan *c,
	const char *file)
{
	const struct cgroup_write *w = plan_elements(p, c->writes, sizeof(*w));
	for (uint32_t i = 0; w && i < c->writes.count; i++)
		if (strcmp(plan_text(p, w[i].file), file) == 0)
			return &w[i];
	return NULL;
}

/* A limit of `p` that differs in the other plan. False: it is not one that can be written. */
static bool differs(const struct plan *p, const struct cgroup_write *w, const struct plan *other,
	const struct cgroup_write *o, struct renew_change *change)
{
	const char *file = plan_text(p, w->file), *value = plan_text(p, w->value);
	change->file = NULL;
	if (o && strcmp(value, plan_text(other, o->value)) == 0 && w->flags == o->flags &&
		strcmp(plan_text(p, w->lift), plan_text(other, o->lift)) == 0)
		return true;
	if (!none_of(file))
		return false;
	change->file = file;
	change->before = value;
	change->after = o ? plan_text(other, o->value) : none_of(file);
	return true;
}

/* What the one has and the other has not, or has otherwise. `back`: the first is the later one. */
static bool walk(const struct plan *p, const struct cgroup_plan *c, const struct plan *other,
	const struct cgroup_plan *oc, bool back, renew_each *each, void *context)
{
	const struct cgroup_write *w = plan_elements(p, c->writes, sizeof(*w));
	struct renew_change change = {.class = RENEW_LIMITS,
		.at = offsetof(struct plan_service, wall),
		.element = WALL_CGROUP};
	for (uint32_t i = 0; w && i < c->writes.count; i++) {
		const struct cgroup_write *o = find_write(other, oc, plan_text(p, w[i].file));
		if (back && o)
			continue; /* seen from the other side */
		if (!differs(p, &w[i], other, o, &change))
			return false;
		if (back && change.file) {
			change.after = change.before;
			change.before = "";
		}
		if (change.file && each)
			each(context, &change);
	}
	return true;
}

/* Every group has the files of all controllers that the kernel has. */
static bool same_otherwise(const struct pair *p, const struct cgroup_plan *x,
	const struct cgroup_plan *y)
{
	struct cgroup_plan z = *y;
	z.controllers = x->controllers;
	return same_shape(p, &shape_of_wall[WALL_CGROUP], (const unsigned char *)x,
		(const unsigned char *)&z, offsetof(struct cgroup_plan, writes));
}

bool renew_limits(const struct plan *a, const struct plan_service *before, const struct plan *b,
	const struct plan_service *after, renew_each *each, void *context)
{
	const struct pair p = {a, b};
	const struct cgroup_plan *x = plan_wall(a, before, WALL_CGROUP, sizeof(*x)),
							 *y = plan_wall(b, after, WALL_CGROUP, sizeof(*y));
	if (!x || !y || !same_otherwise(&p, x, y))
		return false;
	return walk(a, x, b, y, false, each, context) && walk(b, y, a, x, true, each, context);
}
