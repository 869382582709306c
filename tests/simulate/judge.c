/* SPDX-License-Identifier: MIT
 * The judge's bench: the table of invariants with their counts, and who looks at what when. What
 * must hold at the beginning of a life stands in judge_start.c, what must hold at its end in
 * judge_end.c.
 */
#include "simulate/sim.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct invariant_count invariants[INV_COUNT];
struct sim_totals totals;

const char *invariant_name(enum invariant which)
{
	static const char *const names[INV_COUNT] = {
		[INV_RANGE] = "every action and state is within its range",
		[INV_BOUNDED] = "core_next ends: few actions an event",
		[INV_DEADLINE] = "the deadline lies ahead once core_next is done",
		[INV_READY] = "what a service requires is ready when it starts",
		[INV_MAIN] = "what is up has a main process, and core was told that it runs",
		[INV_ORDER] = "what a service orders itself after has settled when it starts",
		[INV_CONFLICT] = "services in conflict never run together",
		[INV_ONE_PROCESS] = "one process a slot, never two",
		[INV_EMPTY_GROUP] = "a life begins in an empty group",
		[INV_LIST_ORDER] = "commands run in their order, none twice, none left out",
		[INV_STAYS_STOPPED] = "a stopped service stays down until it is asked for",
		[INV_START_LIMIT] = "no more starts than StartLimitBurst, and none fewer",
		[INV_BACKOFF_GROWS] = "the back-off doubles while a service keeps failing",
		[INV_BACKOFF_BOUND] = "the back-off stays below RestartMaxDelaySec and an eighth",
		[INV_BACKOFF_KEPT] = "no restart before its back-off has passed",
		[INV_RESTARTS] = "automatic restarts are counted",
		[INV_POLICY] = "Restart= decides what comes back",
		[INV_EXIT_COUNTS] = "core knows which processes are there",
		[INV_STATUS] = "the wait status of the main process is kept",
		[INV_ERRNO] = "the errno of the wall that did not stand is kept, and decides",
		[INV_OUTCOME] = "the outcome says how the life ended",
		[INV_TIMEOUT] = "no state outlasts its time-out",
		[INV_WATCHDOG_BITES] = "the watchdog bites who does not feed it",
		[INV_WATCHDOG_SPARES] = "the watchdog spares who feeds it",
		[INV_RUNTIME] = "nothing is ended for its age before RuntimeMaxSec, nor outlasts it",
		[INV_MAIL_FIRST] =
			"no service that pinged in time is killed, however late its ping is read",
		[INV_READY_FIRST] =
			"no service that was ready in time is killed, however late its word is read",
		[INV_EXIT_FIRST] = "no service is unkillable whose end lies unread",
		[INV_STOP_ORDER] = "the order of stops is that of starts reversed",
		[INV_SIGNAL] = "a signal goes only to a process that is there",
		[INV_RELEASE] = "a group is released only when nothing is in it",
		[INV_LET_GO] = "what is down, and has nothing left, keeps no group",
		[INV_CLEAN_DEAD] =
			"directories are emptied only when nothing of the service lives and it does not come back",
		[INV_CLEAN_FIRST] = "no life begins before its directories are emptied",
		[INV_CLEAN_LAST] = "what is down has nothing in its directories",
		[INV_DOWN_REASON] = "nothing goes down without a reason",
		[INV_FINAL_STARTS_NOTHING] = "the shutdown starts nothing but ExecStop and ExecStopPost",
		[INV_FINAL_TIME] = "the shutdown ends within the sum of the time-outs, and within its own",
		[INV_FINAL_ONCE] = "the shutdown ends once",
		[INV_FINAL_ALL_DEAD] = "the shutdown ends when nothing is alive",
		[INV_NO_STANDSTILL] = "nothing waits for what will never come",
		[INV_REQUIRED_DOWN] = "nothing stays up that requires what was stopped",
		[INV_UNANSWERED] = "on demand callers that get no answer do not keep the device busy",
		[INV_DEMAND] = "on demand a life begins once somebody has called",
		[INV_LISTENING] = "what listens has no process, and may be there",
		[INV_IDLE_EVENTS] = "events that say nothing change nothing",
		[INV_ADOPTED_SAME] = "after a crash and core_adopt it decides the same",
		[INV_CORRUPT_CONTAINED] = "a damaged byte concerns one service",
		[INV_CORRUPT_SANE] = "a damaged block is rejected or goes on in bounds, and shuts down",
		[INV_RELOAD] = "a reload is of one that is up, and comes to its end",
		[INV_MOVED] = "what has not changed goes on under another plan as it was",
		[INV_MOVED_NEW] = "what is new under another plan has no past",
	};
	return names[which];
}

bool expect(struct sim *s, enum invariant which, bool holds, const char *format, ...)
{
	va_list args;
	invariants[which].checked++;
	if (holds || s->broken)
		return holds;
	if (invariants[which].broken++ == 0)
		invariants[which].first_seed = s->seed;
	s->broken = invariant_name(which);
	va_start(args, format);
	vsnprintf(s->message, sizeof(s->message), format, args);
	va_end(args);
	return false;
}

bool judge_is_starting(uint32_t state)
{
	return state == SVC_PRE || state == SVC_STARTING || state == SVC_POST;
}

bool judge_is_active(uint32_t state)
{
	return judge_is_starting(state) || state == SVC_UP || state == SVC_DONE || state == SVC_STOP ||
		state == SVC_TERM || state == SVC_KILL || state == SVC_STOP_POST || state == SVC_LISTENING;
}

/* ---- after every call of core ---- */

void judge_remember(struct sim *s)
{
	memcpy(s->before, s->core.service, s->count * sizeof(*s->before));
	s->final_before = s->core.final;
	s->pulling = false;
	for (uint32_t i = 0; i < s->count; i++)
		s->pulling = s->pulling || s->before[i].pull;
}

static void judge_processes(struct sim *s, uint32_t i)
{
	const struct core_service *cs = &s->core.service[i];
	const struct sim_service *v = &s->service[i];
	expect(s, INV_EXIT_COUNTS, cs->main_alive == v->slot[SLOT_MAIN].known, "s%u: main_alive is %u",
		i, cs->main_alive);
	expect(s, INV_EXIT_COUNTS, cs->control_alive == v->slot[SLOT_CONTROL].known,
		"s%u: control_alive is %u", i, cs->control_alive);
	expect(s, INV_MAIN,
		cs->state != SVC_UP || plan_service(&s->plan, i)->type == TYPE_GROUP ||
			(v->slot[SLOT_MAIN].known && v->slot[SLOT_MAIN].told),
		"s%u: is up without one", i);
	expect(s, INV_EXIT_COUNTS, cs->populated || !world_group_alive(v),
		"s%u: populated is 0, but something is alive", i);
}

/* A service that is coming back keeps its group. */
static void judge_group(struct sim *s, uint32_t i)
{
	const struct core_service *cs = &s->core.service[i];
	bool may = judge_is_active(cs->state) || cs->state == SVC_WAITING || cs->state == SVC_BACKOFF ||
		cs->main_alive || cs->control_alive || cs->populated;
	expect(s, INV_LET_GO, may || !s->service[i].group, "s%u is %s and keeps its group", i,
		core_state_name((enum core_state)cs->state));
}

/* What a life has left is gone, or somebody is at it, once it does not come back. */
static void judge_litter(struct sim *s, uint32_t i)
{
	const struct core_service *cs = &s->core.service[i];
	const struct sim_service *v = &s->service[i];
	bool rests = v->rested && !judge_is_active(cs->state) && !cs->main_alive &&
		!cs->control_alive && !cs->populated;
	expect(s, INV_CLEAN_LAST, !rests || !v->dirty || s->core.final,
		"s%u is %s, and its directories are not empty", i,
		core_state_name((enum core_state)cs->state));
	expect(s, INV_CLEAN_LAST, !v->cleaning || !core_settled(&s->core, i),
		"s%u: has settled before they are empty", i);
}

static void judge_clean(struct sim *s, uint32_t i)
{
	const struct sim_service *v = &s->service[i];
	uint32_t flags = plan_service(&s->plan, i)->flags;
	bool left = world_group_alive(v) || v->slot[SLOT_MAIN].known || v->slot[SLOT_CONTROL].known;
	expect(s, INV_CLEAN_DEAD, flags & SERVICE_CLEANS && !left && !v->cleaning,
		"s%u: something of it lives", i);
	expect(s, INV_CLEAN_DEAD, !(flags & SERVICE_KEEPS) || v->rested, "s%u: it comes back", i);
}

void judge_changes(struct sim *s, const struct core_event *ev)
{
	for (uint32_t i = 0; i < s->count; i++) {
		const struct core_service *cs = &s->core.service[i];
		if (!memcmp(cs, &s->before[i], sizeof(*cs)))
			continue;
		if (cs->state != s->before[i].state || cs->wanted != s->before[i].wanted ||
			cs->again != s->before[i].again)
			trace_change(s, i);
		expect(s, INV_RANGE, cs->state < SVC_STATE_COUNT && cs->outcome < OUT_COUNT,
			"s%u: state %u, outcome %u", i, cs->state, cs->outcome);
		if (s->broken)
			return;
		totals.by_state[cs->state]++;
		totals.by_outcome[cs->outcome]++;
		if (s->mode == MODE_WILD)
			continue;
		if (cs->state == SVC_DOWN || cs->state == SVC_FAILED || cs->state == SVC_SKIPPED)
			s->service[i].rested = true;
		judge_end_changes(s, i, ev);
		judge_start_changes(s, i, ev);
		judge_unwanted(s, i, ev);
		judge_ending(s, i);
	}
	if (s->final_before == FINAL_NONE && s->core.final != FINAL_NONE) {
		judge_final_begins(s);
		if (s->mode != MODE_WILD)
			judge_final_reason(s, ev);
	}
}

void judge_event(struct sim *s, const struct core_event *ev)
{
	judge_changes(s, ev);
	if (s->mode == MODE_WILD)
		return;
	if (ev->kind == EV_CONNECT && ev->service < s->count)
		s->service[ev->service].called |= judge_listens(&s->before[ev->service]) &&
			s->before[ev->service].state == SVC_LISTENING;
	judge_requested(s, ev);
	if (ev->kind == EV_LIMIT && ev->service < s->count)
		judge_memory(s, ev);
	if (ev->kind == EV_FAILED && ev->service < s->count)
		judge_wall(s, ev);
	if ((ev->kind == EV_EXITED || ev->kind == EV_LEFT) && ev->service < s->count &&
		ev->slot == SLOT_MAIN)
		judge_exit(s, ev);
}

static bool command_exists(const struct plan_service *ps, const struct core_action *a)
{
	if (a->list >= EXEC_COUNT || a->index >= ps->exec[a->list].count)
		return false;
	return a->slot == (a->list == EXEC_START ? SLOT_MAIN : SLOT_CONTROL);
}

bool judge_action_in_range(const struct plan *p, const struct core *c, const struct core_action *a)
{
	const struct plan_service *ps = plan_service(p, a->service);
	if (!ps || a->service >= c->count)
		return false;
	switch ((enum core_action_kind)a->kind) {
	case ACT_SPAWN:
		return !(ps->flags & SERVICE_REFUSED) && command_exists(ps, a);
	case ACT_SIGNAL:
	case ACT_RELOAD:
		return a->value >= 1 && a->value <= 64;
	case ACT_KILL:
	case ACT_RELEASE:
		return true;
	case ACT_CLEAN:
		return ps->flags & SERVICE_CLEANS && !judge_is_active(c->service[a->service].state);
	case ACT_LISTEN:
		return (ps->flags & (SERVICE_REFUSED | SERVICE_ON_DEMAND)) == SERVICE_ON_DEMAND;
	case ACT_NOTICE:
		return a->value >= 0 && a->value < NOTICE_COUNT &&
			(a->value == NOTICE_RESTARTING || a->value == NOTICE_UNANSWERED ||
				a->argument < OUT_COUNT || (a->value == NOTICE_STOPPED && a->argument <= c->count));
	case ACT_FINAL:
		return a->value > FINAL_NONE && a->value < FINAL_COUNT;
	case ACT_KIND_COUNT:
		break;
	}
	return false;
}

void judge_action(struct sim *s, const struct core_action *a)
{
	const struct sim_service *v = &s->service[a->service < s->count ? a->service : 0];
	if (!expect(s, INV_RANGE, judge_action_in_range(&s->plan, &s->core, a),
			"action kind %u, service %u, list %u, index %u, slot %u, value %d", a->kind, a->service,
			a->list, a->index, a->slot, a->value))
		return;
	totals.actions++;
	totals.by_action[a->kind]++;
	if (a->kind == ACT_NOTICE)
		totals.by_notice[a->value]++;
	if (a->kind == ACT_FINAL)
		judge_final(s, a);
	if (s->mode == MODE_WILD)
		return;
	if (a->kind == ACT_SPAWN)
		judge_spawn(s, a);
	else if (a->kind == ACT_CLEAN)
		judge_clean(s, a->service);
	else if (a->kind == ACT_NOTICE)
		judge_notice(s, a);
	else if (a->kind == ACT_SIGNAL)
		expect(s, INV_SIGNAL, v->slot[SLOT_MAIN].known || v->slot[SLOT_CONTROL].known,
			"s%u: there is no process", a->service);
	else if (a->kind == ACT_LISTEN)
		expect(s, INV_LISTENING, s->core.service[a->service].state == SVC_LISTENING,
			"s%u: is told to, and does not", a->service);
	else if (a->kind == ACT_RELEASE)
		expect(s, INV_RELEASE,
			v->given_up || (!world_group_alive(v) && !v->slot[0].known && !v->slot[1].known),
			"s%u: something is left", a->service);
}

static void judge_reload(struct sim *s, uint32_t i)
{
	const struct core_service *c = &s->core.service[i];
	expect(s, INV_RELOAD,
		!core_reloads(&s->core, i) ||
			(c->state == SVC_UP && (c->unread || c->reload_ms > s->heard)),
		"s%u is %s", i, core_state_name((enum core_state)c->state));
}

void judge_drained(struct sim *s)
{
	uint64_t deadline = core_deadline(&s->core);
	expect(s, INV_DEADLINE, deadline > s->heard, "the deadline is %llu ms ago",
		(unsigned long long)(s->heard - deadline));
	for (uint32_t i = 0; i < s->count && s->mode != MODE_WILD; i++) {
		judge_processes(s, i);
		judge_group(s, i);
		judge_litter(s, i);
		judge_times(s, i);
		judge_reload(s, i);
	}
}

void judge_quiet(struct sim *s)
{
	if (s->mode != MODE_WILD)
		judge_standstill(s);
}
