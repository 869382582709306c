/* SPDX-License-Identifier: MIT
 * What must hold when something ends: order of stops, outcomes, time-outs, watchdogs, the shutdown,
 * and that nothing is left waiting for ever.
 */
#include "simulate/sim.h"
#include <errno.h>
#include <sys/wait.h>

static bool is_ending(uint32_t state)
{
	return state == SVC_STOP || state == SVC_TERM || state == SVC_KILL || state == SVC_STOP_POST;
}

/* ---- the order of stops ---- */

static bool orders_after(struct sim *s, uint32_t later, uint32_t earlier)
{
	const struct plan_edge *e;
	uint32_t n = plans_edges(s, later, &e);
	for (uint32_t k = 0; k < n; k++)
		if (e[k].target == earlier && e[k].kind != EDGE_CONFLICTS)
			return true;
	return false;
}

/* The stop of i has begun, by request. Whatever is ordered after it and is to go down as well
 * must be down. */
static void judge_stop_order(struct sim *s, uint32_t i)
{
	for (uint32_t j = 0; j < s->count; j++) {
		const struct core_service *o = &s->core.service[j];
		bool leaving = judge_is_active(o->state) && (is_ending(o->state) || !o->wanted || o->again);
		if (j != i && orders_after(s, j, i))
			expect(s, INV_STOP_ORDER, !leaving,
				"s%u is stopped while s%u, which comes after it, is %s", i, j,
				core_state_name((enum core_state)o->state));
	}
}

/* One whose sockets could not be made has ended by itself, while it waited for its turn to stop. */
static bool stop_begins(const struct core_service *cs, const struct core_service *was)
{
	bool failed = was->state == SVC_LISTENING && cs->outcome == OUT_WALL;
	bool stood = judge_is_active(was->state) && !is_ending(was->state) && !failed;
	bool by_request = (!was->wanted || was->again) &&
		(cs->outcome == OUT_NONE || cs->state == SVC_DOWN || cs->state == SVC_WAITING);
	return stood && by_request &&
		(is_ending(cs->state) || cs->state == SVC_DOWN || cs->state == SVC_WAITING);
}

/* ---- outcomes ---- */

static bool is_listed(struct sim *s, struct plan_list list, uint32_t code)
{
	const uint32_t *ok = plan_elements(&s->plan, list, sizeof(*ok));
	for (uint32_t k = 0; ok && k < list.count; k++)
		if (ok[k] == code)
			return true;
	return false;
}

static uint32_t code_of(int32_t status)
{
	return WIFEXITED(status) ? (uint32_t)WEXITSTATUS(status) : 256 + (uint32_t)WTERMSIG(status);
}

static enum core_outcome outcome_of(struct sim *s, const struct plan_service *ps, int32_t status)
{
	if (!WIFEXITED(status))
		return is_listed(s, ps->success, code_of(status)) ? OUT_SUCCESS : OUT_SIGNAL;
	return status == 0 || is_listed(s, ps->success, code_of(status)) ? OUT_SUCCESS : OUT_EXIT;
}

/* After EV_EXITED or EV_LEFT of the main process. */
void judge_exit(struct sim *s, const struct core_event *ev)
{
	const struct core_service *cs = &s->core.service[ev->service], *was = &s->before[ev->service];
	const struct plan_service *ps = plan_service(&s->plan, ev->service);
	if (!was->main_alive)
		return;
	expect(s, INV_STATUS, cs->last_status == ev->value, "s%u: status %d is kept as %d", ev->service,
		ev->value, cs->last_status);
	if (was->state == SVC_UP || judge_is_starting(was->state))
		s->service[ev->service].main_status = ev->value;
	if (was->state == SVC_UP && was->wanted && !was->again)
		expect(s, INV_OUTCOME, cs->outcome == outcome_of(s, ps, ev->value),
			"s%u: status %d gives outcome %s", ev->service, ev->value,
			core_outcome_name((enum core_outcome)cs->outcome));
}

/* After EV_FAILED. */
void judge_wall(struct sim *s, const struct core_event *ev)
{
	const struct core_service *cs = &s->core.service[ev->service], *was = &s->before[ev->service];
	if (cs->outcome == OUT_WALL && was->outcome != OUT_WALL)
		s->service[ev->service].wall_errno = ev->value;
}

/* After EV_LIMIT: a service that runs ends, asked to or not; nothing else changes its mind about
 * how it ends. */
void judge_memory(struct sim *s, const struct core_event *ev)
{
	const struct core_service *cs = &s->core.service[ev->service], *was = &s->before[ev->service];
	if (was->state != SVC_UP || !was->main_alive)
		return;
	uint32_t expected = ev->value == 1 ? SVC_TERM : SVC_KILL;
	expect(s, INV_OUTCOME, cs->outcome == OUT_MEMORY && cs->state == expected,
		"s%u: too much memory gives outcome %s in state %s", ev->service,
		core_outcome_name((enum core_outcome)cs->outcome),
		core_state_name((enum core_state)cs->state));
}

/* A lack of memory may pass; a wall that the kernel refuses will not stand next time either. */
static bool may_pass(const struct plan_service *ps, int32_t err)
{
	return err == ENOMEM || err == EAGAIN || err == ENOSPC ||
		((err == ENOENT || err == EADDRINUSE) && ps->restart == RESTART_ALWAYS);
}

static bool policy_of(const struct plan_service *ps, enum core_outcome o)
{
	bool abnormal = o == OUT_SIGNAL || o == OUT_TIMEOUT || o == OUT_WATCHDOG || o == OUT_MEMORY ||
		o == OUT_RUNTIME;
	bool failure = abnormal || o == OUT_EXIT || o == OUT_WALL;
	switch ((enum plan_restart)ps->restart) {
	case RESTART_NO:
		return false;
	case RESTART_ON_FAILURE:
		return failure;
	case RESTART_ON_ABNORMAL:
		return abnormal;
	case RESTART_ON_SUCCESS:
		return o == OUT_SUCCESS && ps->type != TYPE_ONESHOT;
	case RESTART_ALWAYS:
		return failure || (o == OUT_SUCCESS && ps->type != TYPE_ONESHOT);
	case RESTART_COUNT:
		break;
	}
	return false;
}

/* RestartPreventExitStatus and RestartForceExitStatus, then Restart. */
static bool policy(struct sim *s, uint32_t i)
{
	const struct core_service *cs = &s->core.service[i];
	const struct plan_service *ps = plan_service(&s->plan, i);
	enum core_outcome o = (enum core_outcome)cs->outcome;
	bool by_main = (o == OUT_EXIT || o == OUT_SIGNAL || o == OUT_SUCCESS) &&
		(cs->end_list == EXEC_COUNT || cs->end_list == EXEC_START);
	uint32_t code = code_of(s->service[i].main_status);
	if (by_main && is_listed(s, ps->restart_prevent, code))
		return false;
	if (by_main && is_listed(s, ps->restart_force, code))
		return ps->type != TYPE_ONESHOT || o != OUT_SUCCESS;
	return policy_of(ps, o);
}

/* What the services have of a shutdown. */
static uint64_t final_ms(const struct sim *s)
{
	uint32_t all = plan_header(&s->plan)->machine.watchdog_reboot_ms;
	return all ? all / 2 : SIM_FINAL_MS;
}

static bool is_cut_short(const struct sim *s)
{
	return s->final_at != CORE_NEVER && s->heard >= s->final_at + final_ms(s);
}

void judge_notice(struct sim *s, const struct core_action *a)
{
	const struct plan_service *ps = plan_service(&s->plan, a->service);
	struct sim_service *v = &s->service[a->service];
	const struct core_service *cs = &s->core.service[a->service];
	enum core_outcome o = (enum core_outcome)cs->outcome;
	if (o == OUT_WALL && a->value != NOTICE_STOPPED) /* by then EV_RESET may have forgotten it */
		expect(s, INV_ERRNO, cs->failed_errno == v->wall_errno, "s%u: errno %d is kept as %d",
			a->service, v->wall_errno, cs->failed_errno);
	switch ((enum core_notice)a->value) {
	case NOTICE_RESTARTING:
		expect(s, INV_POLICY, policy(s, a->service), "s%u: restarts after %s", a->service,
			core_outcome_name(o));
		expect(s, INV_ERRNO,
			o != OUT_WALL || may_pass(ps, v->wall_errno) || ps->flags & SERVICE_LOGGER,
			"s%u: restarts after errno %d", a->service, v->wall_errno);
		judge_restart(s, a->service, a->argument);
		break;
	case NOTICE_UNANSWERED:
		judge_pause(s, a->service, a->argument);
		break;
	case NOTICE_RELOAD_LATE:
		expect(s, INV_RELOAD, ps->flags & SERVICE_RELOADS, "s%u says nothing of its reloads",
			a->service);
		break;
	case NOTICE_GAVE_UP:
		v->rested = true;         /* also if it is wanted again by now */
		if (o == OUT_START_LIMIT) /* asked for again by now: then none is counted any more */
			expect(s, INV_START_LIMIT,
				cs->wanted || (ps->start_limit_burst && v->window_starts >= ps->start_limit_burst),
				"s%u: gave up after %u starts", a->service, v->window_starts);
		else if (o == OUT_WALL)
			expect(s, INV_ERRNO,
				v->given_up || !policy(s, a->service) ||
					(!may_pass(ps, v->wall_errno) && !(ps->flags & SERVICE_LOGGER)),
				"s%u: gave up after errno %d", a->service, v->wall_errno);
		else if (o != OUT_DEPENDENCY && !v->given_up)
			expect(s, INV_POLICY, !policy(s, a->service), "s%u: gave up after %s", a->service,
				core_outcome_name(o));
		break;
	case NOTICE_STOPPED:
	case NOTICE_SKIPPED_START:
		v->rested = true;
		break;
	case NOTICE_READY:
		expect(s, INV_LISTENING, !cs->opening, "s%u: is ready, and its sockets do not stand",
			a->service);
		break;
	case NOTICE_UNKILLABLE:
	case NOTICE_ENDED:
	case NOTICE_STOP_TIMEOUT:
	case NOTICE_REFUSED:
	case NOTICE_COUNT:
		break;
	}
}

/* ---- time ---- */

/* States that share one time-out have one phase. */
static uint32_t phase(uint32_t state)
{
	return judge_is_starting(state) ? SVC_STARTING : state;
}

void judge_end_changes(struct sim *s, uint32_t i, const struct core_event *ev)
{
	const struct core_service *cs = &s->core.service[i], *was = &s->before[i];
	const struct plan_service *ps = plan_service(&s->plan, i);
	struct sim_service *v = &s->service[i];
	if (stop_begins(cs, was) && !is_cut_short(s))
		judge_stop_order(s, i);
	if (cs->last_status != was->last_status)
		expect(s, INV_STATUS,
			ev && (ev->kind == EV_EXITED || ev->kind == EV_LEFT) && ev->slot == SLOT_MAIN &&
				ev->service == i,
			"s%u: the status changes by itself", i);
	if (was->state == SVC_KILL && cs->state == SVC_FAILED &&
		s->now - v->phase_since >= (is_cut_short(s) ? 0 : SIM_KILL_MS))
		v->given_up = true;
	v->skipped = v->skipped || cs->state == SVC_SKIPPED;
	if (cs->outcome == OUT_WATCHDOG && was->outcome != OUT_WATCHDOG)
		expect(s, INV_WATCHDOG_SPARES, v->fed != CORE_NEVER && s->now >= v->fed + ps->watchdog_ms,
			"s%u: was fed %llu ms ago", i, (unsigned long long)(s->now - v->fed));
	if (cs->outcome == OUT_WATCHDOG && was->outcome != OUT_WATCHDOG)
		expect(s, INV_MAIL_FIRST,
			!world_unread(s, i, H_PING, v->fed + ps->watchdog_ms) ||
				(v->held && s->now >= v->fed + ps->watchdog_ms + CORE_UNREAD_MS),
			"s%u: its ping lies unread", i);
	if (cs->outcome == OUT_RUNTIME && was->outcome != OUT_RUNTIME)
		expect(s, INV_RUNTIME, ps->runtime_ms && s->now - v->up_since >= ps->runtime_ms,
			"s%u: was up for %llu ms", i, (unsigned long long)(s->now - v->up_since));
	if (cs->outcome == OUT_TIMEOUT && was->outcome != OUT_TIMEOUT && was->state == SVC_STARTING)
		expect(s, INV_READY_FIRST,
			!world_unread(s, i, H_READY, v->phase_since + ps->start_ms) ||
				(v->held && s->now >= v->phase_since + ps->start_ms + CORE_UNREAD_MS),
			"s%u: its readiness lies unread", i);
	if (was->state == SVC_KILL && cs->state == SVC_FAILED && cs->stuck)
		expect(s, INV_EXIT_FIRST, !world_unread(s, i, H_REAP, was->deadline_ms),
			"s%u: its end lies unread", i);
	uint64_t up = s->now - v->up_since;
	bool session = cs->outcome == OUT_SUCCESS && up >= SIM_SESSION_MS;
	if (was->state == SVC_UP && cs->state != SVC_UP &&
		(session || (up >= SIM_STABLE_MS && up >= ps->restart_max_ms)))
		v->failing = false;
	if (phase(was->state) != phase(cs->state))
		v->phase_since = s->now;
	if (cs->state != SVC_UP)
		v->fed = CORE_NEVER;
	else if (was->state != SVC_UP || (ev && ev->kind == EV_PING && ev->service == i))
		v->fed = ps->watchdog_ms ? s->now : CORE_NEVER;
}

static uint32_t limit_of(const struct plan_service *ps, uint32_t state)
{
	if (judge_is_starting(state))
		return ps->start_ms;
	if (state == SVC_STOP || state == SVC_TERM || state == SVC_STOP_POST)
		return ps->stop_ms;
	return state == SVC_KILL ? SIM_KILL_MS : UINT32_MAX;
}

void judge_times(struct sim *s, uint32_t i)
{
	const struct core_service *cs = &s->core.service[i];
	const struct plan_service *ps = plan_service(&s->plan, i);
	const struct sim_service *v = &s->service[i];
	uint32_t limit = limit_of(ps, cs->state);
	if (limit != UINT32_MAX)
		expect(s, INV_TIMEOUT,
			s->heard < v->phase_since + limit + (cs->state == SVC_STARTING ? world_grace(v) : 0),
			"s%u: is %s for %llu ms", i, core_state_name((enum core_state)cs->state),
			(unsigned long long)(s->now - v->phase_since));
	if (cs->state == SVC_UP && ps->runtime_ms && ps->type != TYPE_GROUP)
		expect(s, INV_RUNTIME,
			s->heard < v->up_since + ps->runtime_ms + ps->runtime_extra_ms + world_grace(v),
			"s%u: is up for %llu ms", i, (unsigned long long)(s->now - v->up_since));
	if (cs->state == SVC_UP && v->fed != CORE_NEVER)
		expect(s, INV_WATCHDOG_BITES, s->heard < v->fed + ps->watchdog_ms + world_grace(v),
			"s%u: was fed %llu ms ago", i, (unsigned long long)(s->now - v->fed));
	if (s->final_at != CORE_NEVER && !s->ended && s->final_bound != CORE_NEVER)
		expect(s, INV_FINAL_TIME, s->now - s->final_at <= s->final_bound,
			"%llu ms, at most %llu ms", (unsigned long long)(s->now - s->final_at),
			(unsigned long long)s->final_bound);
}

/* ---- shutdown ---- */

/* ExecStop, the TERM, the kill, ExecStopPost, its TERM and its kill: one service after the other,
 * if their order asks for it. */
void judge_final_begins(struct sim *s)
{
	s->final_at = s->now;
	s->final_bound = 0;
	for (uint32_t i = 0; i < s->count; i++) {
		uint32_t stop_ms = plan_service(&s->plan, i)->stop_ms;
		if (stop_ms == UINT32_MAX)
			s->final_bound = CORE_NEVER;
		if (s->final_bound != CORE_NEVER)
			s->final_bound += 4ull * stop_ms + 2 * SIM_KILL_MS;
	}
	if (final_ms(s) + SIM_KILL_MS < s->final_bound)
		s->final_bound = final_ms(s) + SIM_KILL_MS;
}

void judge_final(struct sim *s, const struct core_action *a)
{
	s->ended = true;
	s->final_count++;
	expect(s, INV_FINAL_ONCE, s->final_count == 1 && s->final_at != CORE_NEVER,
		"ACT_FINAL number %u", s->final_count);
	expect(s, INV_FINAL_ONCE, (uint32_t)a->value == s->core.final, "ACT_FINAL %d, asked for was %u",
		a->value, s->core.final);
	for (uint32_t i = 0; i < s->count && s->mode != MODE_WILD; i++) {
		const struct sim_service *v = &s->service[i];
		bool left = world_group_alive(v) || v->slot[SLOT_MAIN].known || v->slot[SLOT_CONTROL].known;
		expect(s, INV_FINAL_ALL_DEAD, !left || v->given_up, "something of s%u is left", i);
	}
}

/* ---- nothing more will happen by itself ---- */

/* Who may stay as it is for ever: it has no time-out, or its old processes cannot be killed, or
 * it waits for one like that. */
static bool may_stay(const struct sim *s, uint32_t i)
{
	const struct plan_service *ps = plan_service(&s->plan, i);
	uint32_t state = s->core.service[i].state;
	if (judge_is_starting(state) && ps->start_ms == UINT32_MAX)
		return true;
	return (state == SVC_STOP || state == SVC_TERM || state == SVC_STOP_POST) &&
		ps->stop_ms == UINT32_MAX;
}

static void judge_standing(struct sim *s, uint32_t i, bool blocked)
{
	const struct core_service *cs = &s->core.service[i];
	const char *name = core_state_name((enum core_state)cs->state);
	bool stands = cs->state == SVC_UP || cs->state == SVC_DONE || cs->state == SVC_LISTENING;
	bool settled = stands
		? cs->wanted && !cs->again
		: !judge_is_active(cs->state) && cs->state != SVC_WAITING && cs->state != SVC_BACKOFF;
	expect(s, INV_NO_STANDSTILL, settled || blocked, "s%u stays %s, wanted %u", i, name,
		cs->wanted);
	expect(s, INV_NO_STANDSTILL, !settled || core_settled(&s->core, i),
		"s%u is %s, and core_settled says no", i, name);
	expect(s, INV_STAYS_STOPPED, !s->service[i].stop_asked || !stands || blocked,
		"s%u is %s, but was stopped", i, name);
}

static void judge_required(struct sim *s, uint32_t i)
{
	const struct plan_edge *e;
	uint32_t n = plans_edges(s, i, &e), state = s->core.service[i].state;
	for (uint32_t k = 0; k < n && (state == SVC_UP || state == SVC_DONE || state == SVC_LISTENING);
		 k++) {
		uint32_t other = s->core.service[e[k].target].state;
		bool stands = other == SVC_UP || other == SVC_DONE || other == SVC_LISTENING ||
			s->service[e[k].target].skipped;
		if (e[k].kind == EDGE_BINDS)
			expect(s, INV_REQUIRED_DOWN, stands, "s%u is up, bound to s%u, which is %s", i,
				e[k].target, core_state_name((enum core_state)other));
		if (e[k].kind == EDGE_REQUIRES)
			expect(s, INV_REQUIRED_DOWN, stands || !s->service[e[k].target].stop_asked,
				"s%u is up, requires s%u, which was stopped", i, e[k].target);
	}
}

void judge_standstill(struct sim *s)
{
	bool blocked = false;
	for (uint32_t i = 0; i < s->count; i++)
		blocked = blocked || may_stay(s, i);
	for (uint32_t i = 0; i < s->count; i++) {
		judge_standing(s, i, blocked);
		if (!blocked)
			judge_required(s, i);
	}
	expect(s, INV_NO_STANDSTILL, s->final_at == CORE_NEVER || s->ended,
		"the shutdown does not end");
}
