/* SPDX-License-Identifier: MIT
 * What must hold when something is started: its order, its limits, its back-off, and that nothing
 * of an earlier life is there.
 */
#include "simulate/sim.h"

/* On demand: whoever calls is kept waiting, but not turned away. */
bool judge_listens(const struct core_service *t)
{
	return (t->state == SVC_LISTENING && !t->opening) ||
		(t->called && (t->state == SVC_WAITING || judge_is_starting(t->state)));
}

static bool is_ready(const struct core_service *t)
{
	return judge_listens(t) || t->state == SVC_UP || t->state == SVC_DONE ||
		t->state == SVC_SKIPPED;
}

/* It waits for the next try of what it requires, or for one that waits so. */
static bool is_stalled(const struct sim *s, uint32_t i)
{
	const struct plan_edge *e;
	uint32_t n = plans_edges(s, i, &e);
	bool stalled = false;
	for (uint32_t k = 0; k < n && s->core.service[i].state == SVC_WAITING; k++) {
		const struct core_service *t = &s->core.service[e[k].target];
		if ((e[k].kind == EDGE_REQUIRES || e[k].kind == EDGE_BINDS) && !is_ready(t))
			stalled |= t->state == SVC_BACKOFF || is_stalled(s, e[k].target);
	}
	return stalled;
}

/* What is starting, waits for its start, or is on its way down has not settled. A back-off is an
 * answer: it failed; and so is the wait for one. */
static bool has_settled(const struct sim *s, uint32_t i)
{
	const struct core_service *t = &s->core.service[i];
	return judge_listens(t) || is_stalled(s, i) ||
		(t->state != SVC_WAITING &&
			(!judge_is_active(t->state) || t->state == SVC_UP || t->state == SVC_DONE));
}

static void judge_conflict(struct sim *s, uint32_t i, uint32_t other)
{
	const struct sim_service *o = &s->service[other];
	bool alive = world_group_alive(o) && !o->given_up;
	expect(s, INV_CONFLICT, !alive && !judge_is_active(s->core.service[other].state),
		"s%u begins while s%u is %s", i, other,
		core_state_name((enum core_state)s->core.service[other].state));
}

static void judge_edges(struct sim *s, uint32_t i)
{
	const struct plan_edge *e;
	uint32_t n = plans_edges(s, i, &e);
	for (uint32_t k = 0; k < n; k++) {
		const struct core_service *t = &s->core.service[e[k].target];
		const char *name = core_state_name((enum core_state)t->state);
		if (e[k].kind == EDGE_REQUIRES || e[k].kind == EDGE_BINDS)
			expect(s, INV_READY, is_ready(t), "s%u begins while s%u is %s", i, e[k].target, name);
		else if (e[k].kind == EDGE_AFTER || e[k].kind == EDGE_WANTS)
			expect(s, INV_ORDER, has_settled(s, e[k].target), "s%u begins while s%u is %s", i,
				e[k].target, name);
		else
			judge_conflict(s, i, e[k].target);
	}
	for (uint32_t j = 0; j < s->count; j++) {
		n = plans_edges(s, j, &e);
		for (uint32_t k = 0; k < n; k++)
			if (e[k].kind == EDGE_CONFLICTS && e[k].target == i)
				judge_conflict(s, i, j);
	}
}

static void judge_limit(struct sim *s, uint32_t i)
{
	const struct plan_service *ps = plan_service(&s->plan, i);
	struct sim_service *v = &s->service[i];
	if (v->window_starts == 0 || s->now - v->window >= ps->start_limit_interval_ms) {
		v->window = s->now;
		v->window_starts = 0;
	}
	v->window_starts++;
	expect(s, INV_START_LIMIT, !ps->start_limit_burst || v->window_starts <= ps->start_limit_burst,
		"s%u: start %u, allowed are %u", i, v->window_starts, ps->start_limit_burst);
}

/* Of a life, or of the time in which it listens. */
static void judge_may_begin(struct sim *s, uint32_t i)
{
	struct sim_service *v = &s->service[i];
	bool left = world_group_alive(v) || v->slot[SLOT_MAIN].known || v->slot[SLOT_CONTROL].known;
	bool kept = plan_service(&s->plan, i)->flags & SERVICE_KEEPS && !v->rested;
	v->given_up = false;
	v->skipped = false;
	expect(s, INV_EMPTY_GROUP, !left, "s%u: something of an earlier life is left", i);
	expect(s, INV_CLEAN_FIRST, (!v->dirty || kept) && !v->cleaning, "s%u begins, and they are %s",
		i, v->cleaning ? "being emptied" : "not emptied");
	expect(s, INV_STAYS_STOPPED, !v->stop_asked, "s%u begins, but was stopped", i);
	expect(s, INV_FINAL_STARTS_NOTHING, s->final_at == CORE_NEVER, "s%u begins", i);
	expect(s, INV_BACKOFF_KEPT, s->now >= v->not_before, "s%u begins %llu ms too early", i,
		(unsigned long long)(v->not_before - s->now));
	judge_edges(s, i);
}

void judge_begin(struct sim *s, uint32_t i)
{
	struct sim_service *v = &s->service[i];
	if (plan_service(&s->plan, i)->flags & SERVICE_ON_DEMAND)
		expect(s, INV_DEMAND, v->called, "s%u begins, and nobody has called", i);
	expect(s, INV_UNANSWERED, v->unanswered <= 20 || v->slowed, "s%u: short life %u in a row", i,
		v->unanswered + 1);
	v->slowed = false;
	v->called = false;
	v->began = true;
	judge_may_begin(s, i);
	judge_limit(s, i);
}

static void judge_listening(struct sim *s, uint32_t i)
{
	struct sim_service *v = &s->service[i];
	expect(s, INV_LISTENING, plan_service(&s->plan, i)->flags & SERVICE_ON_DEMAND,
		"s%u listens, and should run", i);
	v->called = false;
	v->began = false;
	v->listens_since = s->now;
	judge_may_begin(s, i);
}

/* ---- commands ---- */

static bool follows(const struct plan_service *ps, const struct sim_service *v,
	const struct core_action *a)
{
	if (a->index > 0)
		return v->list == a->list && v->index + 1u == a->index;
	if (a->list == EXEC_START)
		return ps->exec[EXEC_PRE].count == 0 ||
			(v->list == EXEC_PRE && v->index + 1u == ps->exec[EXEC_PRE].count);
	if (a->list == EXEC_POST)
		return v->list == EXEC_START && v->index + 1u == ps->exec[EXEC_START].count;
	if (a->list == EXEC_STOP)
		return v->list == EXEC_POST || v->list == EXEC_START;
	return a->list == EXEC_PRE || v->list != EXEC_STOP_POST;
}

void judge_spawn(struct sim *s, const struct core_action *a)
{
	const struct plan_service *ps = plan_service(&s->plan, a->service);
	struct sim_service *v = &s->service[a->service];
	bool first = a->index == 0 &&
		(a->list == EXEC_PRE || (a->list == EXEC_START && ps->exec[EXEC_PRE].count == 0));
	totals.by_list[a->list]++;
	expect(s, INV_ONE_PROCESS, !v->slot[a->slot].known && !v->slot[a->slot].alive,
		"s%u: slot %u is taken", a->service, a->slot);
	if (first) {
		expect(s, INV_LIST_ORDER, !v->began, "s%u: a life begins within a life", a->service);
		judge_begin(s, a->service);
	} else {
		expect(s, INV_LIST_ORDER, v->began && follows(ps, v, a),
			"s%u: list %u command %u after list %u command %u", a->service, a->list, a->index,
			v->list, v->index);
	}
	if (a->list == EXEC_STOP_POST && a->index == 0)
		expect(s, INV_EMPTY_GROUP, !world_group_alive(v),
			"s%u: ExecStopPost while something is left", a->service);
	expect(s, INV_FINAL_STARTS_NOTHING,
		s->final_at == CORE_NEVER || a->list == EXEC_STOP || a->list == EXEC_STOP_POST,
		"s%u: list %u", a->service, a->list);
	v->list = a->list;
	v->index = a->index;
}

/* ---- restarts ---- */

void judge_restart(struct sim *s, uint32_t i, uint32_t delay)
{
	const struct plan_service *ps = plan_service(&s->plan, i);
	struct sim_service *v = &s->service[i];
	uint32_t base = s->core.service[i].backoff_ms;
	uint64_t most = ps->restart_max_ms > ps->restart_ms ? ps->restart_max_ms : ps->restart_ms;
	uint64_t due = v->failing ? 2ull * v->last_delay : ps->restart_ms;
	due = due > most ? most : due;
	due = due > 0 ? due : 1; /* RestartSec = 0 */
	most = most > 0 ? most : 1;
	/* an eighth of doubt, within its bounds */
	uint64_t least = base + base / 8 > most ? most - base / 8 : base;
	least = least < ps->restart_ms ? ps->restart_ms : least;
	expect(s, INV_BACKOFF_BOUND,
		base <= most && delay >= least && delay <= base + base / 8 && delay <= most,
		"s%u: delay %u ms of %u ms, at most %llu ms", i, delay, base, (unsigned long long)most);
	expect(s, INV_BACKOFF_GROWS, base == due, "s%u: delay %u ms, due are %llu ms", i, base,
		(unsigned long long)due);
	v->failing = true;
	v->slowed = true; /* by the back-off, which grows from failure to failure */
	v->last_delay = base;
	v->not_before = s->now + delay;
}

/* Of a service on demand: from the 21st short life in a row on twice as long each time. */
void judge_pause(struct sim *s, uint32_t i, uint32_t delay)
{
	const struct plan_service *ps = plan_service(&s->plan, i);
	struct sim_service *v = &s->service[i];
	uint64_t least = ps->restart_ms, most = ps->restart_max_ms;
	for (uint32_t n = 20; n < v->unanswered && least < most; n++)
		least *= 2;
	most = most > ps->restart_ms ? most : ps->restart_ms;
	expect(s, INV_UNANSWERED, delay >= (least < most ? least : most) && delay <= (most ? most : 1),
		"s%u: a pause of %u ms after %u lives", i, delay, v->unanswered);
	v->slowed = true;
	v->not_before = s->now + delay;
}

static void forget(struct sim_service *v)
{
	v->unanswered = 0;
	v->failing = false;
	v->window_starts = 0;
	v->not_before = 0;
}

static void judge_restart_count(struct sim *s, uint32_t i, bool requested)
{
	const struct core_service *cs = &s->core.service[i], *was = &s->before[i];
	bool again = was->state == SVC_BACKOFF && cs->state != SVC_BACKOFF && cs->state != SVC_DOWN;
	if (requested)
		return;
	if (was->state == SVC_BACKOFF && cs->state == SVC_DOWN &&
		cs->restarts == was->restarts + 1) /* its time had come, and then it was stopped */
		return;
	expect(s, INV_RESTARTS, cs->restarts == was->restarts + again,
		"s%u: %u restarts, before it were %u", i, cs->restarts, was->restarts);
}

/* A request from outside, or from a service that is started and needs this one. */
static bool is_request(const struct sim *s, const struct core_service *cs,
	const struct core_service *was, const struct core_event *ev)
{
	if (!ev)
		return (cs->wanted && !was->wanted) ||
			(s->pulling && cs->starts == 0 && cs->restarts == 0 && cs->backoff_ms == 0);
	return ev->kind == EV_START || ev->kind == EV_RESTART || ev->kind == EV_RESET;
}

void judge_start_changes(struct sim *s, uint32_t i, const struct core_event *ev)
{
	const struct core_service *cs = &s->core.service[i], *was = &s->before[i];
	struct sim_service *v = &s->service[i];
	bool requested = is_request(s, cs, was, ev);
	judge_restart_count(s, i, requested);
	if (requested && (!ev || cs->starts == 0) && cs->backoff_ms == 0 && cs->restarts == 0)
		forget(v);
	if (cs->state == SVC_LISTENING && was->state != SVC_LISTENING)
		judge_listening(s, i);
	if (!judge_is_active(cs->state))
		v->began = false;
	if (cs->state != SVC_BACKOFF && cs->state != SVC_WAITING && !judge_is_active(cs->state))
		v->not_before = 0;
	if (was->state == SVC_LISTENING && s->now - v->listens_since >= 1000)
		v->unanswered = 0;
	if (was->state == SVC_UP && cs->state != SVC_UP && s->now - v->up_since >= 1000)
		v->unanswered = 0;
	if (was->state != SVC_BACKOFF && cs->state == SVC_BACKOFF && cs->outcome == OUT_SUCCESS &&
		plan_service(&s->plan, i)->flags & SERVICE_ON_DEMAND)
		v->unanswered++;
	if (was->state != SVC_UP && cs->state == SVC_UP)
		v->up_since = s->now;
	if (plan_service(&s->plan, i)->type == TYPE_GROUP && !judge_is_active(was->state) &&
		cs->state == SVC_UP)
		judge_begin(s, i);
}

/* ---- requests ---- */

/* Whatever a start of `from` may ask for, and whatever a restart of it concerns. */
static void want(struct sim *s, uint32_t from, bool *reached)
{
	const struct plan_edge *e;
	reached[from] = true;
	for (bool grew = true; grew;) {
		grew = false;
		for (uint32_t i = 0; i < s->count; i++) {
			uint32_t n = plans_edges(s, i, &e);
			for (uint32_t k = 0; k < n; k++) {
				if (e[k].kind == EDGE_AFTER || e[k].kind == EDGE_CONFLICTS || !reached[i] ||
					reached[e[k].target])
					continue;
				reached[e[k].target] = true;
				grew = true;
			}
		}
	}
}

void judge_requested(struct sim *s, const struct core_event *ev)
{
	bool reached[SIM_SERVICES] = {false};
	if (ev->service >= s->count)
		return;
	if (ev->kind == EV_STOP && !s->pulling && s->core.service[ev->service].state != SVC_REFUSED)
		s->service[ev->service].stop_asked = true;
	if (ev->kind != EV_START && ev->kind != EV_RESTART)
		return;
	want(s, ev->service, reached);
	for (uint32_t i = 0; i < s->count; i++)
		if (reached[i])
			s->service[i].stop_asked = false;
}
