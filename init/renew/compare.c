/* SPDX-License-Identifier: MIT
 * Comparing two plans: see compare.h.
 */
#include "renew/compare.h"
#include "base/count.h"
#include "plan/fields.h"
#include "renew/limits.h"
#include "renew/same.h"
#include <stddef.h>

/* Fields that PID 1 alone uses, each time anew. The others are RENEW_RESTART. */
static const uint16_t live[] = {
	offsetof(struct plan_service, description),
	offsetof(struct plan_service, file),
	offsetof(struct plan_service, restart),
	offsetof(struct plan_service, kill_signal),
	offsetof(struct plan_service, reload_signal),
	offsetof(struct plan_service, start_limit_action),
	offsetof(struct plan_service, failure_action),
	offsetof(struct plan_service, restart_ms),
	offsetof(struct plan_service, restart_max_ms),
	offsetof(struct plan_service, start_limit_burst),
	offsetof(struct plan_service, start_limit_interval_ms),
	offsetof(struct plan_service, start_ms),
	offsetof(struct plan_service, stop_ms),
	offsetof(struct plan_service, edges),
	offsetof(struct plan_service, conditions),
	offsetof(struct plan_service, success),
	offsetof(struct plan_service, restart_prevent),
	offsetof(struct plan_service, restart_force),
};
#define LIVE_FLAGS (SERVICE_ENABLED | SERVICE_ESSENTIAL)

static bool same_name(const struct pair *p, uint64_t x, uint64_t y)
{
	const struct plan_service *sx = plan_service(p->a, (uint32_t)x),
							  *sy = plan_service(p->b, (uint32_t)y);
	return sx && sy ? same_text(p, sx->name, sy->name) : !sx == !sy;
}

int renew_index(const struct plan *a, uint32_t index, const struct plan *b)
{
	const struct plan_service *s = plan_service(a, index);
	return s ? plan_find(b, plan_text(a, s->name)) : -1;
}

/* ---- a record ---- */

static bool same_record(const struct pair *p, uint32_t kind, const void *x, const void *y);

static bool same_list(const struct pair *p, uint32_t kind, const struct plan_list *x,
	const struct plan_list *y)
{
	size_t size = plan_records[kind].size;
	const unsigned char *ex = plan_elements(p->a, *x, size), *ey = plan_elements(p->b, *y, size);
	bool same = x->count == y->count && !ex == !ey;
	for (uint32_t i = 0; same && ex && ey && i < x->count; i++)
		same = same_record(p, kind, ex + i * size, ey + i * size);
	return same;
}

static bool same_field(const struct pair *p, const struct plan_field *f, uint32_t k, const void *x,
	const void *y)
{
	uint64_t vx = plan_field_value(x, f, k), vy = plan_field_value(y, f, k);
	switch ((enum plan_kind)f->kind) {
	case PLAN_NUMBER:
	case PLAN_BITS:
		return vx == vy;
	case PLAN_TEXT:
	case PLAN_PATH:
		return same_text(p, (plan_str)vx, (plan_str)vy);
	case PLAN_INDEX:
	case PLAN_INDEX_OR_ALL:
		return same_name(p, vx, vy);
	case PLAN_INDEX_AND_1:
		return !vx == !vy && (!vx || same_name(p, vx - 1, vy - 1));
	case PLAN_LIST:
		return same_list(p, f->of, plan_field_at(x, f, k), plan_field_at(y, f, k));
	case PLAN_RECORD:
		return same_record(p, f->of, plan_field_at(x, f, k), plan_field_at(y, f, k));
	case PLAN_BLOB:
		return same_wall(p, k, plan_field_at(x, f, k), plan_field_at(y, f, k));
	}
	return false;
}

/* Records lie in records three deep: service, command, word. */
static bool same_record(const struct pair *p, uint32_t kind, const void *x, const void *y)
{
	const struct plan_fields *fields = &plan_records[kind];
	bool same = true;
	for (uint32_t i = 0; same && i < fields->count; i++)
		for (uint32_t k = 0; same && k < fields->field[i].repeat; k++)
			same = same_field(p, &fields->field[i], k, x, y);
	return same;
}

/* ---- a service ---- */

static enum renew_class class_of(const struct plan_field *f, const struct plan_service *x,
	const struct plan_service *y)
{
	if (f->at == offsetof(struct plan_service, flags)) {
		uint32_t differ = (x->flags ^ y->flags) & ~(uint32_t)SERVICE_PENDING;
		return differ & ~(uint32_t)LIVE_FLAGS ? RENEW_RESTART : differ ? RENEW_LIVE : RENEW_SAME;
	}
	for (uint32_t i = 0; i < COUNT(live); i++)
		if (f->at == live[i])
			return RENEW_LIVE;
	return RENEW_RESTART;
}

static bool is_cgroup(const struct plan_field *f, uint32_t k)
{
	return f->kind == PLAN_BLOB && k == WALL_CGROUP;
}

/* The control group: where nothing else of it differs, each limit is a change of its own. */
static bool only_limits(const struct pair *p, const struct plan_service *x,
	const struct plan_service *y, renew_each *each, void *context)
{
	return renew_limits(p->a, x, p->b, y, NULL, NULL) &&
		renew_limits(p->a, x, p->b, y, each, context);
}

enum renew_class renew_compare(const struct plan *a, const struct plan_service *before,
	const struct plan *b, const struct plan_service *after, renew_each *each, void *context)
{
	const struct pair p = {a, b};
	const struct plan_fields *fields = &plan_records[PLAN_RECORD_SERVICE];
	enum renew_class all = RENEW_SAME;
	for (uint32_t i = 0; i < fields->count; i++) {
		const struct plan_field *f = &fields->field[i];
		for (uint32_t k = 0; k < f->repeat; k++) {
			if (same_field(&p, f, k, before, after))
				continue;
			struct renew_change change = {class_of(f, before, after), f->at, (uint16_t)k, NULL,
				NULL, NULL};
			if (is_cgroup(f, k) && only_limits(&p, before, after, each, context))
				change.class = RENEW_LIMITS;
			else if (each && change.class != RENEW_SAME)
				each(context, &change);
			all = change.class > all ? change.class : all;
		}
	}
	return all;
}

bool renew_compare_machine(const struct plan *a, const struct plan *b, renew_each *each,
	void *context)
{
	const struct pair p = {a, b};
	const struct plan_machine *x = &plan_header(a)->machine, *y = &plan_header(b)->machine;
	const struct plan_fields *fields = &plan_records[PLAN_RECORD_MACHINE];
	bool differ = false;
	for (uint32_t i = 0; i < fields->count; i++) {
		const struct renew_change change = {RENEW_RESTART, fields->field[i].at, 0, NULL, NULL,
			NULL};
		bool told = fields->field[i].at == offsetof(struct plan_machine, faults);
		if (told || same_field(&p, &fields->field[i], 0, x, y))
			continue;
		differ = true;
		if (each)
			each(context, &change);
	}
	return differ;
}
