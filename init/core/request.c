/* SPDX-License-Identifier: MIT
 * Which services are to be up: see request.h.
 */
#include "core/request.h"
#include "core/state.h"
#include "core/timer.h"

void core_request_start(struct core *c, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	if (c->final != FINAL_NONE || s->state == SVC_REFUSED)
		return;
	s->displaced = 0;
	if (core_is_active(s)) { /* up already; or on its way down, then it comes back afterwards */
		if (!s->wanted) {
			s->again = 1;
			c->pulling = 1;
			s->pull = 1; /* what it conflicts with may be waiting for it to go: it is withdrawn */
			core_forget(s);
		}
		s->wanted = 1;
		return;
	}
	s->wanted = 1;
	s->again = 0;
	s->pull = 1;
	c->pulling = 1;
	core_forget(s);
	s->notices &= (uint16_t)~CORE_LATER_NOTICES; /* not later, but now */
	core_enter(s, SVC_WAITING, now, CORE_NEVER);
}

/* What does not run is down at once; the rest is up to core_try_stop. */
static void mark_down(struct core_service *s, uint64_t now)
{
	s->wanted = 0;
	s->again = 0;
	s->pull = 0;
	s->called = 0;
	s->displaced = 0;
	if (s->stuck)
		s->stuck = STUCK_STAYS;
	if (s->state != SVC_WAITING && s->state != SVC_BACKOFF)
		return;
	s->notices &= (uint16_t)~CORE_LATER_NOTICES;
	core_enter(s, SVC_DOWN, now, CORE_NEVER);
	core_let_go(s);
	core_notice(s, NOTICE_STOPPED);
}

static bool is_concerned(const struct core_service *s)
{
	return core_is_active(s) || s->state == SVC_WAITING || s->state == SVC_BACKOFF || s->stuck;
}

static bool requires_marked(const struct plan *p, uint32_t j, const uint8_t *marked, uint32_t count)
{
	uint32_t n;
	const struct plan_edge *e = core_edges(p, j, &n);
	for (uint32_t k = 0; k < n; k++)
		if ((e[k].kind == EDGE_REQUIRES || e[k].kind == EDGE_BINDS) && e[k].target < count &&
			marked[e[k].target])
			return true;
	return false;
}

/* Marks, round by round, what requires something marked: at most as many rounds as services. */
static void spread(struct core *c, const struct plan *p, uint8_t *marked)
{
	for (uint32_t round = 0, grew = 1; grew && round < c->count; round++) {
		grew = 0;
		for (uint32_t j = 0; j < c->count; j++) {
			if (marked[j] || !is_concerned(&c->service[j]) ||
				!requires_marked(p, j, marked, c->count))
				continue;
			marked[j] = 1;
			grew = 1;
		}
	}
}

void core_request_stop(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	uint8_t marked[CONFIG_MAX_SERVICES] = {0};
	marked[i] = 1;
	spread(c, p, marked);
	for (uint32_t j = 0; j < c->count; j++)
		if (marked[j])
			mark_down(&c->service[j], now);
}

void core_bound_final(struct core *c, const struct plan *p)
{
	uint32_t all = plan_header(p)->machine.watchdog_reboot_ms;
	c->final_due_ms = c->final == FINAL_NONE ? CORE_NEVER
											 : c->final_ms + (all ? all / 2 : CORE_FINAL_MS);
}

/* At the end of all nothing has to be looked for: everything is marked. Whoever asks again, for
 * another end perhaps, does not put it off. */
void core_begin_final(struct core *c, const struct plan *p, uint32_t kind, uint64_t now)
{
	if (kind == FINAL_NONE || kind >= FINAL_COUNT || c->final_done)
		return;
	if (c->final == FINAL_NONE)
		c->final_ms = now;
	__atomic_signal_fence(__ATOMIC_SEQ_CST); /* whoever crashes in between is not late */
	c->final = kind;
	core_bound_final(c, p);
	for (uint32_t j = 0; j < c->count; j++)
		mark_down(&c->service[j], now);
}

bool core_conflicts_with(const struct plan *p, uint32_t j, uint32_t i)
{
	return core_has_edge(p, j, i, 1u << EDGE_CONFLICTS);
}

void core_withdraw(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	for (uint32_t j = 0; j < c->count; j++) {
		const struct core_service *t = &c->service[j];
		if (j != i && (t->wanted || t->stuck || core_is_active(t)) &&
			(core_conflicts_with(p, j, i) || core_conflicts_with(p, i, j))) {
			core_request_stop(c, p, j, now);
			c->service[j].displaced = (uint16_t)(i + 1);
		}
	}
}

/* What a group wants at its time is asked for by being armed. */
static bool waits_for_timer(struct core *c, const struct plan *p, uint32_t from,
	const struct plan_edge *e)
{
	return e->kind == EDGE_WANTS && plan_service(p, from)->type == TYPE_GROUP &&
		core_timer_arm(c, e->target);
}

static void pull_edge(struct core *c, const struct plan *p, uint32_t from,
	const struct plan_edge *e, uint64_t now)
{
	struct core_service *t = &c->service[e->target];
	switch ((enum plan_edge_kind)e->kind) {
	case EDGE_WANTS:
	case EDGE_REQUIRES:
	case EDGE_BINDS:
		if (!t->wanted && !waits_for_timer(c, p, from, e))
			core_request_start(c, e->target, now);
		break;
	case EDGE_CONFLICTS: /* core_withdraw's */
	case EDGE_AFTER:
	case EDGE_KIND_COUNT:
		break;
	}
}

bool core_pull(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	uint32_t n;
	if (!s->pull)
		return false;
	s->pull = 0;
	const struct plan_edge *e = core_edges(p, i, &n);
	for (uint32_t k = 0; k < n; k++)
		if (e[k].target < c->count && e[k].target != i)
			pull_edge(c, p, i, &e[k], now);
	core_withdraw(c, p, i, now);
	return true;
}

/* What runs goes down and comes back, with all that requires it; what does not run is simply
 * started. */
void core_request_restart(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	uint8_t marked[CONFIG_MAX_SERVICES] = {0};
	if (c->final != FINAL_NONE)
		return;
	if (!core_is_active(&c->service[i])) {
		core_request_start(c, i, now);
		return;
	}
	marked[i] = 1;
	spread(c, p, marked);
	for (uint32_t j = 0; j < c->count; j++) {
		struct core_service *s = &c->service[j];
		if (!marked[j] || !core_is_active(s) || (j != i && !s->wanted))
			continue;
		s->wanted = 1;
		s->again = 1;
		core_forget(s);
		core_withdraw(c, p, j, now);
	}
}

void core_unbind(struct core *c, const struct plan *p, uint32_t i)
{
	uint8_t marked[CONFIG_MAX_SERVICES] = {0};
	for (uint32_t j = 0; j < c->count; j++)
		marked[j] = j != i && core_is_active(&c->service[j]) &&
			core_has_edge(p, j, i, 1u << EDGE_BINDS);
	spread(c, p, marked);
	for (uint32_t j = 0; j < c->count; j++) {
		struct core_service *s = &c->service[j];
		if (marked[j] && j != i && s->wanted && core_is_active(s))
			s->again = 1; /* it waits for i, and comes back with it or fails with it */
	}
}
