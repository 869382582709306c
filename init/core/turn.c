/* SPDX-License-Identifier: MIT
 * What may start and what may stop now: see turn.h. A start waits until all services that it is
 * ordered after have settled. A stop waits until all services ordered after this one are down.
 */
#include "core/turn.h"
#include "core/life.h"
#include "core/request.h"
#include "core/restart.h"
#include "core/state.h"

enum verdict { GO, WAIT, NEVER };

/* Settled: there is nothing more to wait for, whatever came of it. A service that fails and is
 * tried again must not hold up the rest, nor must one that requires it. */
static bool has_settled(const struct core_service *t)
{
	if (core_listens(t))
		return !core_goes_down(t);
	if ((t->state == SVC_WAITING && !t->stalled) || t->state == SVC_LISTENING ||
		core_is_starting(t))
		return false;
	return !(core_is_active(t) && core_goes_down(t));
}

static enum verdict judge_required(const struct core_service *t)
{
	if (core_listens(t) || t->state == SVC_UP || t->state == SVC_DONE)
		return core_goes_down(t) ? WAIT : GO;
	if (t->state == SVC_SKIPPED) /* a condition that does not hold is no failure of what needs it */
		return GO;
	return core_state_is(t->state, STATE_AT_REST) ? NEVER : WAIT;
}

static enum verdict judge_edge(const struct core *c, const struct plan_edge *e)
{
	const struct core_service *t = &c->service[e->target];
	switch ((enum plan_edge_kind)e->kind) {
	case EDGE_REQUIRES:
	case EDGE_BINDS:
		return judge_required(t);
	case EDGE_AFTER:
	case EDGE_WANTS:
		return has_settled(t) ? GO : WAIT;
	case EDGE_CONFLICTS:
		return core_is_active(t) ? WAIT : GO;
	case EDGE_KIND_COUNT:
		break;
	}
	return GO;
}

static bool is_stalled_by(const struct core *c, const struct plan_edge *e)
{
	const struct core_service *t = &c->service[e->target];
	bool required = e->kind == EDGE_REQUIRES || e->kind == EDGE_BINDS;
	return required && judge_required(t) == WAIT && (t->state == SVC_BACKOFF || t->stalled);
}

/* True if that has changed: others may wait for this one. */
static bool note_stalled(struct core *c, const struct plan *p, uint32_t i)
{
	struct core_service *s = &c->service[i];
	uint8_t before = s->stalled;
	uint32_t n;
	const struct plan_edge *e = core_edges(p, i, &n);
	s->stalled = 0;
	for (uint32_t k = 0; k < n && !s->stalled; k++)
		s->stalled = e[k].target < c->count && e[k].target != i && is_stalled_by(c, &e[k]);
	return s->stalled != before;
}

/* Of those that are taken for stalled, some may not be any more, and are waited for again. */
static bool refresh_stalled(struct core *c, const struct plan *p)
{
	bool changed = false, any;
	do {
		any = false;
		for (uint32_t j = 0; j < c->count; j++)
			any |= c->service[j].stalled && note_stalled(c, p, j);
		changed |= any;
	} while (any);
	return changed;
}

static enum verdict judge(const struct core *c, const struct plan *p, uint32_t i)
{
	enum verdict all = GO;
	uint32_t n;
	const struct plan_edge *e = core_edges(p, i, &n);
	for (uint32_t k = 0; k < n; k++) {
		enum verdict v = e[k].target < c->count && e[k].target != i ? judge_edge(c, &e[k]) : GO;
		if (v == NEVER)
			return NEVER;
		if (v == WAIT)
			all = WAIT;
	}
	for (uint32_t j = 0; all == GO && j < c->count; j++)
		if (j != i && core_is_active(&c->service[j]) && core_conflicts_with(p, j, i))
			all = WAIT;
	return all;
}

/* Not one that only listens, nor a group: they are there at once; nor the log program, which all
 * need. */
static bool must_wait_its_turn(const struct core *c, const struct core_service *s,
	const struct plan_service *ps)
{
	return c->entering >= CORE_AT_ONCE && ps->type != TYPE_GROUP && !(ps->flags & SERVICE_LOGGER) &&
		!core_awaits_call(s, ps);
}

bool core_try_start(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	if (s->state != SVC_WAITING || s->pull)
		return false;
	if (core_has_process(s)) /* of an earlier life that could not be killed: never two of them */
		return false;
	if (s->cleaning) /* nothing of the new life may be taken for what the old one has left */
		return false;
	if (must_wait_its_turn(c, s, plan_service(p, i)))
		return false;
	enum verdict v = judge(c, p, i);
	if (v == WAIT)
		return note_stalled(c, p, i);
	if (v == GO && refresh_stalled(c, p))
		return true;
	if (v == NEVER)
		core_give_up(c, p, i, OUT_DEPENDENCY, now);
	else if (!core_awaits_call(s, plan_service(p, i)) &&
		core_start_limit_hit(s, plan_service(p, i), now))
		core_give_up(c, p, i, OUT_START_LIMIT, now);
	else
		core_begin(c, p, i, now);
	return true;
}

bool core_try_stop(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	if (!core_is_active(s) || !core_goes_down(s) || core_state_is(s->state, STATE_ENDING))
		return false;
	for (uint32_t j = 0; j < c->count; j++) {
		const struct core_service *o = &c->service[j];
		if (j != i && core_is_active(o) && core_goes_down(o) &&
			core_has_edge(p, j, i, ~(1u << EDGE_CONFLICTS)))
			return false;
	}
	core_begin_stop(c, p, i, now);
	return true;
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
	core_notice(s, NOTICE_STOP_TIMEOUT);
	core_begin_kill(s, now);
	s->stop_post = 1;
	if (left < CORE_KILL_MS)
		s->deadline_ms = core_after(now, (uint32_t)left);
	return true;
}
