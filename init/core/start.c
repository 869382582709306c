/* SPDX-License-Identifier: MIT
 * What may start, and when: asking for what a service depends on, and waiting until everything
 * it orders itself after has settled. */
#include "core/internal.h"

enum verdict { GO, WAIT, NEVER };

void core_request_start(struct core *c, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	if (c->final != FINAL_NONE || s->state == SVC_REFUSED)
		return;
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
	s->reports &= (uint16_t) ~(1u << REPORT_RESTARTING); /* not later, but now */
	core_enter(s, SVC_WAITING, now, CORE_NEVER);
}

static void pull_edge(struct core *c, const struct plan_edge *e, uint64_t now)
{
	struct core_service *t = &c->service[e->target];
	switch ((enum plan_edge_kind)e->kind) {
	case EDGE_WANTS:
	case EDGE_REQUIRES:
	case EDGE_BINDS:
		if (!t->wanted)
			core_request_start(c, e->target, now);
		break;
	case EDGE_CONFLICTS: /* core_withdraw's */
	case EDGE_AFTER:
	case EDGE_KIND_COUNT:
		break;
	}
}

static const struct plan_edge *edges_of(const struct plan *p, uint32_t i, uint32_t *count)
{
	const struct plan_service *s = plan_service(p, i);
	const struct plan_edge *e = s ? plan_elements(p, s->edges, sizeof(*e)) : NULL;
	*count = e ? s->edges.count : 0;
	return e;
}

/* Does the service j name i in a Conflicts? The word of either is enough. */
static bool conflicts_with(const struct plan *p, uint32_t j, uint32_t i)
{
	uint32_t n;
	const struct plan_edge *e = edges_of(p, j, &n);
	for (uint32_t k = 0; k < n; k++)
		if (e[k].kind == EDGE_CONFLICTS && e[k].target == i)
			return true;
	return false;
}

void core_withdraw(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	for (uint32_t j = 0; j < c->count; j++) {
		const struct core_service *t = &c->service[j];
		if (j != i && (t->wanted || t->stuck || core_is_active(t)) &&
			(conflicts_with(p, j, i) || conflicts_with(p, i, j)))
			core_request_stop(c, p, j, now);
	}
}

bool core_pull(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	uint32_t n;
	if (!s->pull)
		return false;
	s->pull = 0;
	const struct plan_edge *e = edges_of(p, i, &n);
	for (uint32_t k = 0; k < n; k++)
		if (e[k].target < c->count && e[k].target != i)
			pull_edge(c, &e[k], now);
	core_withdraw(c, p, i, now);
	return true;
}

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
	if (core_listens(t))
		return core_goes_down(t) ? WAIT : GO;
	switch ((enum core_state)t->state) {
	case SVC_UP:
	case SVC_DONE:
		return core_goes_down(t) ? WAIT : GO;
	case SVC_SKIPPED: /* a condition that does not hold is no failure of what needs it */
		return GO;
	case SVC_DOWN:
	case SVC_FAILED:
	case SVC_REFUSED:
		return NEVER;
	case SVC_WAITING:
	case SVC_PRE:
	case SVC_STARTING:
	case SVC_POST:
	case SVC_STOP:
	case SVC_TERM:
	case SVC_KILL:
	case SVC_STOP_POST:
	case SVC_BACKOFF:
	case SVC_LISTENING:
	case SVC_STATE_COUNT:
		return WAIT;
	}
	return WAIT;
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
	const struct plan_edge *e = edges_of(p, i, &n);
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
	const struct plan_edge *e = edges_of(p, i, &n);
	for (uint32_t k = 0; k < n; k++) {
		enum verdict v = e[k].target < c->count && e[k].target != i ? judge_edge(c, &e[k]) : GO;
		if (v == NEVER)
			return NEVER;
		if (v == WAIT)
			all = WAIT;
	}
	for (uint32_t j = 0; all == GO && j < c->count; j++)
		if (j != i && core_is_active(&c->service[j]) && conflicts_with(p, j, i))
			all = WAIT;
	return all;
}

bool core_over_limit(const struct core_service *s, const struct plan_service *ps, uint64_t then)
{
	return ps->start_limit_burst && s->starts >= ps->start_limit_burst &&
		then - s->window_ms < ps->start_limit_interval_ms;
}

/* A start is counted in the interval that began with the first one. */
static bool start_limit_hit(struct core_service *s, const struct plan_service *ps, uint64_t now)
{
	if (ps->start_limit_burst == 0)
		return false;
	if (core_over_limit(s, ps, now))
		return true;
	if (s->starts == 0 || now - s->window_ms >= ps->start_limit_interval_ms) {
		s->window_ms = now;
		s->starts = 0;
	}
	s->starts++;
	return false;
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
		start_limit_hit(s, plan_service(p, i), now))
		core_give_up(c, p, i, OUT_START_LIMIT, now);
	else
		core_begin(c, p, i, now);
	return true;
}
