/* SPDX-License-Identifier: MIT
 * When timers elapse: see timer.h and core.h. Each elapse is later than the one before by a second
 * at least: by the bounds of the plan, and as the calendar has whole seconds.
 */
#include "core/request.h"
#include "core/state.h"
#include "core/timer.h"
#include "base/hash.h"
#include "plan/calendar.h"

/* A clock that is put back by less does not bring times of the calendar a second time. */
#define AGAIN_S 60u
/* ... and is not told from one that only drifts. */
#define JUMP_MS 1000
/* between two writes of a stamp: flash wears */
#define STAMP_S 3600u

static const struct plan_timer *plan_of(const struct plan *p, const struct core_timer *t)
{
	const struct plan_service *s = plan_service(p, t->service);
	return s ? plan_elements(p, s->timer, sizeof(struct plan_timer)) : NULL;
}

static uint64_t wall_ms(const struct core *c, uint64_t now)
{
	int64_t wall = (int64_t)(now + (uint64_t)c->clock_ms);
	return wall > 0 ? (uint64_t)wall : 0;
}

/* ---- delays ---- */

/* Drawn once for each elapse; or always the same on this device. */
static uint64_t delay_of(struct core *c, const struct plan *p, struct core_timer *t,
	const struct plan_timer *pt)
{
	const char *name = plan_text(p, plan_service(p, t->service)->name);
	size_t n = 0;
	if (t->delay_ms != CORE_NEVER)
		return t->delay_ms;
	while (name[n])
		n++;
	uint64_t any = pt->random_ms == 0 ? 0
		: pt->flags & TIMER_FIXED_DELAY
		? hash_bytes(hash_bytes(HASH_INIT, &c->device, sizeof(c->device)), name, n)
		: core_random(c);
	t->delay_ms = any % ((uint64_t)pt->random_ms + 1);
	return t->delay_ms;
}

/* ---- times that count from something ---- */

static uint64_t later(uint64_t a, uint64_t b)
{
	if (a == CORE_NEVER || b == CORE_NEVER)
		return a == CORE_NEVER ? b : a;
	return a > b ? a : b;
}

/* From the boot on a line counts once: it is over when the timer has elapsed at its time or
 * later. */
static uint64_t once_at(const struct core_timer *t, uint64_t at)
{
	return t->elapsed_ms != CORE_NEVER && t->elapsed_ms >= at ? CORE_NEVER : at;
}

static uint64_t line_due(const struct core *c, const struct core_timer *t,
	const struct plan_timer_line *l)
{
	uint64_t base = CORE_NEVER;
	switch ((enum plan_timer_base)l->base) {
	case TIMER_BOOT:
		return once_at(t, l->ms);
	case TIMER_STARTUP:
		return once_at(t, c->startup_ms + l->ms);
	case TIMER_UNIT_ACTIVE:
		base = later(t->began_ms, t->elapsed_ms);
		break;
	case TIMER_UNIT_INACTIVE:
		if (core_state_is(c->service[t->service].state, STATE_AT_REST))
			base = later(t->ended_ms, t->elapsed_ms);
		break;
	case TIMER_BASE_COUNT:
		break;
	}
	return base == CORE_NEVER ? CORE_NEVER : base + l->ms;
}

static uint64_t lines_due(const struct core *c, const struct plan *p, const struct core_timer *t,
	const struct plan_timer *pt)
{
	const struct plan_timer_line *l = plan_elements(p, pt->lines, sizeof(*l));
	uint64_t due = CORE_NEVER;
	for (uint32_t k = 0; l && k < pt->lines.count; k++) {
		uint64_t own = line_due(c, t, &l[k]);
		due = own < due ? own : due;
	}
	return due;
}

/* ---- times of the calendar ---- */

/* What the next time is later than. */
static uint64_t calendar_base(const struct core_timer *t, const struct plan_timer *pt,
	uint64_t now_s)
{
	bool missed = pt->flags & TIMER_PERSISTENT && t->stamp == STAMP_READ;
	if (t->last_s && t->last_s <= now_s && missed)
		return t->last_s;
	return t->last_s > now_s && t->last_s - now_s <= AGAIN_S ? t->last_s : now_s;
}

static uint64_t find_next(const struct plan *p, const struct plan_timer *pt, uint64_t after)
{
	const struct plan_calendar *cal = plan_elements(p, pt->calendars, sizeof(*cal));
	uint64_t next = CALENDAR_NEVER;
	for (uint32_t k = 0; cal && k < pt->calendars.count; k++) {
		uint64_t own = calendar_next(&cal[k], after);
		next = own < next ? own : next;
	}
	return next;
}

static void note_stamp(struct core_timer *t, const struct plan_timer *pt, uint64_t wall_s)
{
	if (!(pt->flags & TIMER_PERSISTENT) || t->stamp == STAMP_AWAITED)
		return;
	if (t->stamped_s && t->stamped_s <= wall_s && wall_s - t->stamped_s < STAMP_S)
		return;
	t->stamp_s = wall_s;
}

/* One that was missed is due now, and its delay counts from now: not all devices of a house that
 * has power again are to ask at once. Without a stamp nothing was missed, and the first one is
 * made, for the next boot to count from. */
static uint64_t first_time(const struct plan *p, struct core_timer *t, const struct plan_timer *pt,
	uint64_t now_s)
{
	uint64_t next = find_next(p, pt, calendar_base(t, pt, now_s));
	if (!t->stamped_s && !t->last_s)
		note_stamp(t, pt, now_s);
	return next < now_s ? now_s : next;
}

static bool waits_for_calendar(const struct core *c, const struct core_timer *t,
	const struct plan_timer *pt)
{
	return c->clock_set && pt->calendars.count && t->stamp != STAMP_AWAITED;
}

/* When, with the delay, by CLOCK_MONOTONIC as the two clocks are now. 0: before the boot. */
static uint64_t calendar_due(struct core *c, const struct plan *p, struct core_timer *t,
	const struct plan_timer *pt, uint64_t now)
{
	if (!waits_for_calendar(c, t, pt))
		return CORE_NEVER;
	if (!t->calendar_s)
		t->calendar_s = first_time(p, t, pt, wall_ms(c, now) / 1000);
	if (t->calendar_s == CALENDAR_NEVER)
		return CORE_NEVER;
	int64_t due = (int64_t)(t->calendar_s * 1000 + delay_of(c, p, t, pt)) - c->clock_ms;
	return due > 0 ? (uint64_t)due : 0;
}

/* ---- all of it ---- */

uint64_t core_timer_due(struct core *c, const struct plan *p, struct core_timer *t, uint64_t now)
{
	const struct plan_timer *pt = plan_of(p, t);
	t->due_ms = CORE_NEVER;
	if (!pt || !t->armed || c->final != FINAL_NONE)
		return CORE_NEVER;
	uint64_t due = lines_due(c, p, t, pt), calendar = calendar_due(c, p, t, pt, now);
	due = due == CORE_NEVER ? due : due + delay_of(c, p, t, pt);
	t->due_ms = calendar < due ? calendar : due;
	return t->due_ms;
}

/* The request comes first: a crash in between makes it twice, which is as good as once. */
static bool elapse(struct core *c, const struct plan *p, struct core_timer *t, uint64_t now)
{
	struct core_service *s = &c->service[t->service];
	const struct plan_timer *pt = plan_of(p, t);
	bool starts = !s->wanted && !s->stuck && core_state_is(s->state, STATE_AT_REST);
	if (starts)
		core_request_start(c, t->service, now);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (c->clock_set) {
		t->last_s = wall_ms(c, now) / 1000;
		note_stamp(t, pt, t->last_s);
	}
	t->calendar_s = waits_for_calendar(c, t, pt) ? find_next(p, pt, t->last_s) : 0;
	t->delay_ms = CORE_NEVER;
	t->elapsed_ms = now;
	core_timer_due(c, p, t, now);
	return starts;
}

bool core_elapse(struct core *c, const struct plan *p, uint64_t now, uint32_t *service)
{
	for (uint32_t k = 0; k < c->timers; k++) {
		struct core_timer *t = &c->timer[k];
		if (core_timer_due(c, p, t, now) > now)
			continue;
		*service = t->service;
		if (elapse(c, p, t, now))
			return true;
	}
	return false;
}

uint64_t core_timer_deadline(struct core *c, const struct plan *p, uint64_t now)
{
	uint64_t next = CORE_NEVER;
	for (uint32_t k = 0; k < c->timers; k++) {
		uint64_t due = core_timer_due(c, p, &c->timer[k], now);
		if (due == CORE_NEVER)
			continue;
		due += due > now ? plan_of(p, &c->timer[k])->accuracy_ms : 0;
		next = due < next ? due : next;
	}
	return next;
}

static bool has_calendar(const struct plan *p, const struct core_timer *t)
{
	const struct plan_timer *pt = plan_of(p, t);
	return pt && pt->calendars.count;
}

bool core_waits_for_clock(const struct core *c, const struct plan *p)
{
	for (uint32_t k = 0; k < c->timers && !c->clock_set; k++)
		if (c->timer[k].armed && has_calendar(p, &c->timer[k]))
			return true;
	return false;
}

void core_clock(struct core *c, int64_t offset_ms, bool set)
{
	bool back = offset_ms < c->clock_ms - JUMP_MS;
	bool anew = set != (c->clock_set == 1);
	c->clock_ms = offset_ms;
	c->clock_set = set;
	for (uint32_t k = 0; k < c->timers && (back || anew); k++)
		c->timer[k].calendar_s = 0;
}

/* ---- stamps ---- */

bool core_stamp_awaited(const struct core *c, uint32_t k)
{
	return k < c->timers && c->timer[k].stamp == STAMP_AWAITED;
}

void core_stamp_read(struct core *c, uint32_t k, uint64_t stamp_s)
{
	if (!core_stamp_awaited(c, k))
		return;
	struct core_timer *t = &c->timer[k];
	t->stamp = STAMP_READ;
	t->last_s = stamp_s;
	t->stamped_s = stamp_s;
	t->calendar_s = 0;
}

uint32_t core_stamp_due(const struct core *c)
{
	for (uint32_t k = 0; k < c->timers; k++)
		if (c->timer[k].stamp_s)
			return k;
	return CONFIG_MAX_TIMERS;
}

void core_stamped(struct core *c, uint32_t k, uint64_t stamp_s)
{
	if (k >= c->timers)
		return;
	struct core_timer *t = &c->timer[k];
	t->stamped_s = stamp_s;
	if (t->stamp_s == stamp_s)
		t->stamp_s = 0;
}
