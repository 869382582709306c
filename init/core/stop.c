/* SPDX-License-Identifier: MIT
 * What must go down, and in which order: a stop waits until everything ordered after the service
 * is down. */
#include "core/internal.h"

static bool orders_after(const struct plan *p, uint32_t j, uint32_t i)
{
	const struct plan_service *s = plan_service(p, j);
	const struct plan_edge *e = s ? plan_elements(p, s->edges, sizeof(*e)) : NULL;
	for (uint32_t k = 0; e && k < s->edges.count; k++)
		if (e[k].target == i && e[k].kind != EDGE_CONFLICTS)
			return true;
	return false;
}

static bool binds_to(const struct plan *p, uint32_t j, uint32_t i)
{
	const struct plan_service *s = plan_service(p, j);
	const struct plan_edge *e = s ? plan_elements(p, s->edges, sizeof(*e)) : NULL;
	for (uint32_t k = 0; e && k < s->edges.count; k++)
		if (e[k].target == i && e[k].kind == EDGE_BINDS)
			return true;
	return false;
}

/* What does not run is down at once; the rest is up to core_try_stop. */
static void mark_down(struct core_service *s, uint64_t now)
{
	s->wanted = 0;
	s->again = 0;
	s->pull = 0;
	s->called = 0;
	if (s->stuck)
		s->stuck = STUCK_STAYS;
	if (s->state != SVC_WAITING && s->state != SVC_BACKOFF)
		return;
	s->reports &= (uint16_t) ~(1u << REPORT_RESTARTING);
	core_enter(s, SVC_DOWN, now, CORE_NEVER);
	core_let_go(s);
	core_report(s, REPORT_STOPPED);
}

static bool is_concerned(const struct core_service *s)
{
	return core_is_active(s) || s->state == SVC_WAITING || s->state == SVC_BACKOFF || s->stuck;
}

static bool requires_marked(const struct plan *p, uint32_t j, const uint8_t *marked, uint32_t count)
{
	const struct plan_service *s = plan_service(p, j);
	const struct plan_edge *e = s ? plan_elements(p, s->edges, sizeof(*e)) : NULL;
	for (uint32_t k = 0; e && k < s->edges.count; k++)
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
	if (c->final == FINAL_NONE)
		c->final_ms = now;
	__atomic_signal_fence(__ATOMIC_SEQ_CST); /* whoever crashes in between is not late */
	c->final = kind;
	core_bound_final(c, p);
	for (uint32_t j = 0; j < c->count; j++)
		mark_down(&c->service[j], now);
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

static bool is_ending(const struct core_service *s)
{
	return s->state == SVC_STOP || s->state == SVC_TERM || s->state == SVC_KILL ||
		s->state == SVC_STOP_POST;
}

bool core_try_stop(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	if (!core_is_active(s) || !core_goes_down(s) || is_ending(s))
		return false;
	for (uint32_t j = 0; j < c->count; j++) {
		const struct core_service *o = &c->service[j];
		if (j != i && core_is_active(o) && core_goes_down(o) && orders_after(p, j, i))
			return false;
	}
	core_begin_stop(c, p, i, now);
	return true;
}

void core_unbind(struct core *c, const struct plan *p, uint32_t i)
{
	uint8_t marked[CONFIG_MAX_SERVICES] = {0};
	for (uint32_t j = 0; j < c->count; j++)
		marked[j] = j != i && core_is_active(&c->service[j]) && binds_to(p, j, i);
	spread(c, p, marked);
	for (uint32_t j = 0; j < c->count; j++) {
		struct core_service *s = &c->service[j];
		if (marked[j] && j != i && s->wanted && core_is_active(s))
			s->again = 1; /* it waits for i, and comes back with it or fails with it */
	}
}

/* Its turn to stop or not: there is no time for order, nor for ExecStopPost. */
bool core_cut_short(struct core *c, const struct plan *p, uint32_t i, uint64_t now, uint64_t heard)
{
	struct core_service *s = &c->service[i];
	uint64_t left = (c->final_due_ms - c->final_ms) / 2;
	if (heard < c->final_due_ms || !core_is_active(s) || s->state == SVC_KILL)
		return false;
	s->todo &= (uint8_t) ~(TODO_SPAWN | TODO_SIGNAL);
	if (!core_has_process(s)) {
		core_finish(c, p, i, now);
		return true;
	}
	core_report(s, REPORT_STOP_TIMEOUT);
	core_begin_kill(s, now);
	s->stop_post = 1;
	if (left < CORE_KILL_MS)
		s->deadline_ms = core_after(now, (uint32_t)left);
	return true;
}
