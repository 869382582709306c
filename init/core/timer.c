/* SPDX-License-Identifier: MIT
 * What happens to a timer: see timer.h.
 */
#include "core/timer.h"
#include "plan/calendar.h"

#define CLOCK_MOST_MS ((int64_t)CALENDAR_END * 1000)

static bool has_timer(const struct plan *p, uint32_t i)
{
	const struct plan_service *s = plan_service(p, i);
	return CONFIG_TIMERS && s && s->timer.count && !(s->flags & SERVICE_REFUSED);
}

const struct core_timer *core_timer_at(const struct core *c, uint32_t service)
{
	for (uint32_t k = 0; k < c->timers && k < CONFIG_MAX_TIMERS; k++)
		if (c->timer[k].service == service)
			return &c->timer[k];
	return NULL;
}

struct core_timer *core_timer_of(struct core *c, uint32_t i)
{
	const struct core_timer *t = core_timer_at(c, i);
	return t ? &c->timer[t - c->timer] : NULL;
}

static void begin_timer(struct core_timer *t, const struct plan *p, uint32_t service)
{
	const struct plan_timer *pt = plan_elements(p, plan_service(p, service)->timer, sizeof(*pt));
	*t = (struct core_timer){.service = (uint16_t)service,
		.began_ms = CORE_NEVER,
		.ended_ms = CORE_NEVER,
		.elapsed_ms = CORE_NEVER,
		.delay_ms = CORE_NEVER,
		.due_ms = CORE_NEVER,
		.stamp = pt && pt->flags & TIMER_PERSISTENT ? STAMP_AWAITED : STAMP_NONE};
}

void core_timers_init(struct core *c, const struct plan *p, uint64_t now)
{
	c->timers = 0;
	c->startup_ms = now;
	for (uint32_t i = 0; i < c->count && c->timers < CONFIG_MAX_TIMERS; i++)
		if (has_timer(p, i))
			begin_timer(&c->timer[c->timers++], p, i);
}

bool core_timer_arm(struct core *c, uint32_t i)
{
	struct core_timer *t = core_timer_of(c, i);
	if (!t)
		return false;
	if (t->armed)
		return true;
	t->calendar_s = 0;
	t->delay_ms = CORE_NEVER;
	t->armed = 1;
	return true;
}

void core_timer_disarm(struct core *c, uint32_t i)
{
	struct core_timer *t = core_timer_of(c, i);
	if (t)
		t->armed = 0;
}

void core_timer_began(struct core *c, uint32_t i, uint64_t now)
{
	struct core_timer *t = core_timer_of(c, i);
	if (t)
		t->began_ms = now;
}

void core_timer_ended(struct core *c, uint32_t i, uint64_t now)
{
	struct core_timer *t = core_timer_of(c, i);
	if (t)
		t->ended_ms = now;
}

static bool lies_ahead(uint64_t ms, uint64_t now)
{
	return ms != CORE_NEVER && ms > now;
}

static bool is_possible(const struct core_timer *t, uint64_t now)
{
	return t->armed <= 1 && t->stamp < STAMP_COUNT && !lies_ahead(t->began_ms, now) &&
		!lies_ahead(t->ended_ms, now) && !lies_ahead(t->elapsed_ms, now) &&
		(t->calendar_s < CALENDAR_END || t->calendar_s == CALENDAR_NEVER) &&
		(t->delay_ms == CORE_NEVER || t->delay_ms <= UINT32_MAX);
}

/* A service whose timer is spoilt is better started than forgotten: it is armed. */
void core_timers_adopt(struct core *c, const struct plan *p, uint64_t now)
{
	uint32_t k = 0;
	c->startup_ms = lies_ahead(c->startup_ms, now) ? now : c->startup_ms;
	if (c->clock_set > 1 || c->clock_ms > CLOCK_MOST_MS || c->clock_ms < -CLOCK_MOST_MS) {
		c->clock_set = 0;
		c->clock_ms = 0;
	}
	for (uint32_t i = 0; i < c->count && k < CONFIG_MAX_TIMERS; i++) {
		struct core_timer *t = &c->timer[k];
		if (!has_timer(p, i))
			continue;
		if (t->service != i || !is_possible(t, now)) {
			begin_timer(t, p, i);
			t->armed = 1;
		}
		k++;
	}
	c->timers = k;
}

static void bring_over(struct core_timer *to, const struct core_timer *from,
	const struct plan_timer *pt, uint64_t wall_ms)
{
	uint16_t service = to->service;
	uint8_t stamp = from->stamp == STAMP_NONE ? to->stamp : from->stamp;
	bool persists = pt && pt->flags & TIMER_PERSISTENT;
	*to = *from;
	to->service = service;
	to->known = 1;
	to->stamp = persists ? stamp : STAMP_NONE;
	to->stamp_s = persists ? to->stamp_s : 0;
	if (to->calendar_s != CALENDAR_NEVER && to->calendar_s * 1000 <= wall_ms)
		return;
	to->calendar_s = 0;
	if (pt && to->delay_ms > pt->random_ms)
		to->delay_ms = CORE_NEVER;
}

bool core_timer_is_new(const struct core *c, uint32_t i)
{
	const struct core_timer *t = core_timer_at(c, i);
	return t && !t->known;
}

void core_timers_move(struct core *to, const struct core *from, const struct plan *q,
	const uint16_t *index, uint64_t now)
{
	uint64_t wall_ms = from->clock_set ? now + (uint64_t)from->clock_ms : 0;
	core_timers_init(to, q, now);
	to->startup_ms = from->startup_ms;
	for (uint32_t k = 0; k < from->timers && k < CONFIG_MAX_TIMERS; k++) {
		uint32_t i = from->timer[k].service;
		struct core_timer *t = i < from->count ? core_timer_of(to, index[i]) : NULL;
		if (t)
			bring_over(t, &from->timer[k],
				plan_elements(q, plan_service(q, t->service)->timer, sizeof(struct plan_timer)),
				wall_ms);
	}
}
