/* SPDX-License-Identifier: MIT
 * Events in, actions out. core_event() changes the state of the service that the event is about.
 * core_next() then goes round all services until nothing changes, and hands out what was decided.
 */
#include "core/events.h"
#include "core/life.h"
#include "core/reload.h"
#include "core/request.h"
#include "core/state.h"
#include "core/timer.h"
#include "core/turn.h"
#include <stddef.h>
#include <string.h>

/* core_next() ends its round after this many changes per service, even with a corrupt state. */
#define CORE_STEPS_PER_SERVICE 64u

/* The log program is part of every boot: without it the output of the others would fill their
 * pipes. */
static bool is_of_the_boot(uint32_t flags, bool is_group, bool no_group)
{
	return flags & SERVICE_LOGGER || is_group || (no_group && flags & SERVICE_ENABLED);
}

void core_init(struct core *c, const struct plan *p, uint64_t now, uint64_t seed)
{
	core_init_group(c, p, plan_header(p)->machine.default_group, now, seed);
}

void core_init_group(struct core *c, const struct plan *p, uint32_t group, uint64_t now,
	uint64_t seed)
{
	/* places of services that do not exist are never touched: they cost no page */
	memset(c, 0, offsetof(struct core, service));
	c->count = plan_service_count(p);
	c->random = seed ? seed : 1;
	c->final_due_ms = CORE_NEVER;
	for (uint32_t i = 0; i < c->count; i++)
		core_service_init(&c->service[i], plan_service(p, i), now);
	core_timers_init(c, p, now);
	for (uint32_t i = 0; i < c->count; i++)
		if (is_of_the_boot(plan_service(p, i)->flags, i == group, group >= c->count) &&
			!core_timer_arm(c, i))
			core_request_start(c, i, now);
}

static void reset(struct core_service *s, uint64_t now)
{
	core_forget(s);
	if (s->state != SVC_FAILED && s->state != SVC_SKIPPED)
		return; /* a life that is ending still needs its errno, to decide what follows */
	s->failed_errno = 0;
	core_enter(s, SVC_DOWN, now, CORE_NEVER);
}

/* A request of somebody's, who speaks of the service's timer too. */
static void on_request(struct core *c, const struct plan *p, enum core_event_kind kind, uint32_t i,
	uint64_t now)
{
	if (kind == EV_STOP) {
		core_timer_disarm(c, i);
		core_request_stop(c, p, i, now);
		return;
	}
	core_timer_arm(c, i);
	if (kind == EV_RESTART)
		core_request_restart(c, p, i, now);
	else
		core_request_start(c, i, now);
}

void core_event(struct core *c, const struct plan *p, struct core_event ev, uint64_t now)
{
	uint32_t i = ev.service;
	if (ev.kind == EV_FINAL) {
		core_begin_final(c, p, (uint32_t)ev.value, now);
		return;
	}
	if (i >= c->count || c->service[i].state == SVC_REFUSED)
		return;
	switch ((enum core_event_kind)ev.kind) {
	case EV_START:
	case EV_STOP:
	case EV_RESTART:
		on_request(c, p, (enum core_event_kind)ev.kind, i, now);
		break;
	case EV_RELOAD:
	case EV_RELOADING:
		core_on_reload(c, p, ev, now);
		break;
	case EV_RESET:
		reset(&c->service[i], now);
		break;
	case EV_SKIPPED:
		core_on_skipped(c, i, now);
		break;
	case EV_STARTED:
		core_on_started(c, p, i, ev.slot, now);
		break;
	case EV_FAILED:
		core_on_failed(c, p, i, ev.slot, ev.value, now);
		break;
	case EV_READY:
		core_on_ready(c, p, i, now);
		break;
	case EV_PING:
		core_on_ping(c, p, i, now);
		break;
	case EV_EXITED:
		core_on_exited(c, p, i, ev.slot, ev.value, now);
		break;
	case EV_LEFT:
		core_on_left(c, p, i, ev.value, now);
		break;
	case EV_EMPTY:
		core_on_empty(c, p, i, now);
		break;
	case EV_LIMIT:
		core_on_limit(c, p, i, ev.value == 1, now);
		break;
	case EV_CLEANED:
		if (!(c->service[i].todo & TODO_CLEAN))
			c->service[i].cleaning = 0;
		break;
	case EV_CONNECT:
		core_on_connect(c, i, now);
		break;
	case EV_FINAL:
	case EV_KIND_COUNT:
		break;
	}
}

/* ---- handing out ---- */

/* The caller's copy of an action is written before the pending bit is cleared. After a crash in
 * between the action is in both places, never in none. */
static void at_no_moment_nowhere(void)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static void hand_spawn(struct core_service *s, const struct plan_service *ps,
	struct core_action *out)
{
	out->list = (uint16_t)core_list_of(s->state);
	out->index = s->command;
	out->slot = out->list == EXEC_START ? SLOT_MAIN : SLOT_CONTROL;
	out->kind = ACT_SPAWN;
	if (ps->flags & SERVICE_CLEANS)
		s->litter = ps->flags & SERVICE_KEEPS ? LITTER_KEPT : LITTER_DUE;
	s->populated = 1;
	s->entering = core_is_starting(s);
	if (out->slot == SLOT_MAIN)
		s->main_alive = 1;
	else
		s->control_alive = 1;
}

static void hand_todo(struct core_service *s, const struct plan_service *ps,
	struct core_action *out)
{
	uint8_t bit = s->todo & (uint8_t)-s->todo;
	if (bit == TODO_SPAWN) {
		hand_spawn(s, ps, out);
	} else if (bit == TODO_SIGNAL) {
		out->kind = ACT_SIGNAL;
		out->value = ps->kill_signal;
	} else if (bit == TODO_RELOAD) {
		out->kind = ACT_RELOAD;
		out->value = ps->reload_signal;
	} else if (bit == TODO_KILL) {
		out->kind = ACT_KILL;
	} else if (bit == TODO_RELEASE) {
		out->kind = ACT_RELEASE;
	} else if (bit == TODO_CLEAN) {
		out->kind = ACT_CLEAN;
	} else {
		out->kind = ACT_LISTEN;
		core_notice(s, NOTICE_READY); /* handed out after it, unless it fails */
	}
	at_no_moment_nowhere();
	s->todo &= (uint8_t)~bit;
}

static uint32_t notice_argument(const struct core_service *s, uint32_t notice)
{
	if (notice == NOTICE_RESTARTING || notice == NOTICE_UNANSWERED)
		return s->deadline_ms == CORE_NEVER ? 0 : (uint32_t)(s->deadline_ms - s->since_ms);
	return notice == NOTICE_STOPPED ? s->displaced : s->outcome;
}

static void hand_notice(struct core_service *s, struct core_action *out)
{
	uint32_t r = (uint32_t)__builtin_ctz(s->notices);
	out->value = (int32_t)r;
	out->argument = notice_argument(s, r);
	out->kind = ACT_NOTICE;
	at_no_moment_nowhere();
	s->notices &= (uint16_t)(s->notices - 1u);
}

static bool hand_out(struct core *c, const struct plan *p, uint32_t i, struct core_action *out)
{
	struct core_service *s = &c->service[i];
	s->todo &= TODO_ALL;
	/* it only waits for its turn to stop: nothing more of its start is begun */
	if (core_is_starting(s) && core_goes_down(s))
		s->todo &= (uint8_t)~TODO_SPAWN;
	s->notices &= (uint16_t)((1u << NOTICE_COUNT) - 1u);
	if (!s->todo && !s->notices)
		return false;
	*out = (struct core_action){.kind = ACT_KIND_COUNT, .service = (uint16_t)i};
	if (s->notices)
		hand_notice(s, out);
	else
		hand_todo(s, plan_service(p, i), out);
	return true;
}

/* Decided before a start can be, which then waits until it is done. */
static bool try_clean(struct core *c, uint32_t i)
{
	struct core_service *s = &c->service[i];
	if (!core_is_to_be_cleaned(c, s))
		return false;
	s->litter = LITTER_NONE;
	s->cleaning = 1;
	s->todo |= TODO_CLEAN;
	return true;
}

static bool advance(struct core *c, const struct plan *p, uint32_t i, uint64_t now, uint64_t heard)
{
	return core_try_settle(c, p, i, now) || core_cut_short(c, p, i, now, heard) ||
		core_on_time(c, p, i, now, heard) || core_pull(c, p, i, now) ||
		core_try_stop(c, p, i, now) || try_clean(c, i) || core_try_start(c, p, i, now);
}

static bool hand_final(struct core *c, struct core_action *out)
{
	if (c->final == FINAL_NONE || c->final_done)
		return false;
	for (uint32_t i = 0; i < c->count; i++)
		if (core_is_active(&c->service[i]))
			return false;
	c->final_done = 1;
	*out = (struct core_action){.kind = ACT_FINAL, .value = (int32_t)c->final};
	return true;
}

/* All services that a request brings along are requested before any is started, so that one that
 * fails at once is not requested again later in the round. Each service pulls once. */
static void pull_all(struct core *c, const struct plan *p, uint64_t now)
{
	for (uint32_t round = 0; c->pulling && round <= c->count; round++) {
		c->pulling = 0;
		for (uint32_t i = 0; i < c->count; i++)
			core_pull(c, p, i, now);
	}
}

/* By the clock, not by what has been heard: nobody is judged. */
static void count_entering(struct core *c, uint64_t now)
{
	c->entering = 0;
	c->entered_ms = CORE_NEVER;
	for (uint32_t i = 0; i < c->count; i++) {
		const struct core_service *s = &c->service[i];
		uint64_t until = s->since_ms + CORE_AT_ONCE_MS;
		if (!s->entering || !core_is_starting(s) || now >= until)
			continue;
		c->entering++;
		c->entered_ms = until < c->entered_ms ? until : c->entered_ms;
	}
}

bool core_next(struct core *c, const struct plan *p, uint64_t now, uint64_t heard,
	struct core_action *out)
{
	uint32_t budget = c->count * CORE_STEPS_PER_SERVICE;
	pull_all(c, p, now);
	count_entering(c, now);
	for (uint32_t quiet = 0; quiet < c->count && budget > 0; budget--) {
		uint32_t i = c->cursor < c->count ? c->cursor : 0;
		c->cursor = i;
		if (hand_out(c, p, i, out))
			return true;
		if (advance(c, p, i, now, heard)) {
			quiet = 0;
			continue;
		}
		quiet++;
		c->cursor = i + 1 < c->count ? i + 1 : 0;
	}
	return hand_final(c, out);
}

void core_unread(struct core *c, uint32_t i, bool unread)
{
	if (i < c->count)
		c->service[i].unread = unread;
}

void core_opening(struct core *c, uint32_t i, bool opening)
{
	struct core_service *s = i < c->count ? &c->service[i] : NULL;
	if (!s || s->state != SVC_LISTENING || s->opening == opening)
		return;
	s->opening = opening;
	if (opening)
		s->notices &= (uint16_t) ~(1u << NOTICE_READY);
	else
		core_notice(s, NOTICE_READY);
}

static uint64_t service_deadline(const struct core_service *s)
{
	uint64_t next = s->deadline_ms;
	if (s->state == SVC_UP && s->watchdog_ms < next)
		next = s->watchdog_ms;
	if (s->state == SVC_UP && s->reload_ms < next)
		next = s->reload_ms;
	return next > CORE_NEVER - CORE_UNREAD_MS ? next : next + core_grace(s);
}

static uint64_t final_deadline(const struct core *c, const struct core_service *s)
{
	return core_is_active(s) && s->state != SVC_KILL ? c->final_due_ms : CORE_NEVER;
}

uint64_t core_deadline(const struct core *c)
{
	uint64_t next = c->entering < CORE_AT_ONCE ? CORE_NEVER : c->entered_ms;
	for (uint32_t i = 0; i < c->count; i++) {
		uint64_t own = service_deadline(&c->service[i]);
		uint64_t last = final_deadline(c, &c->service[i]);
		own = last < own ? last : own;
		next = own < next ? own : next;
	}
	return next;
}

bool core_settled(const struct core *c, uint32_t i)
{
	if (i >= c->count)
		return true;
	const struct core_service *s = &c->service[i];
	if ((s->state == SVC_WAITING && !s->stalled) || s->pull || core_is_starting(s))
		return false;
	if (s->state == SVC_LISTENING && !core_listens(s))
		return false;
	/* who has stopped it finds its directories empty */
	if (s->cleaning || core_is_to_be_cleaned(c, s))
		return false;
	return !(core_is_active(s) && core_goes_down(s));
}

bool core_holds_boot(const struct core *c, uint32_t i)
{
	const struct core_service *s = &c->service[i];
	return (s->state == SVC_WAITING && !s->stalled) || core_is_starting(s) || s->opening;
}

bool core_boot_settled(const struct core *c)
{
	for (uint32_t i = 0; i < c->count; i++)
		if (core_holds_boot(c, i))
			return false;
	return true;
}

bool core_boot_good(const struct core *c, const struct plan *p, bool settled)
{
	bool any = false;
	for (uint32_t i = 0; i < c->count; i++) {
		if (!(plan_service(p, i)->flags & SERVICE_ESSENTIAL))
			continue;
		if (!core_is_ready(c, i))
			return false;
		any = true;
	}
	return any || settled;
}

bool core_is_missed(const struct core *c, uint32_t i)
{
	const struct core_service *s = &c->service[i];
	return core_state_is(s->state, STATE_BAD) || (s->wanted && !core_is_ready(c, i));
}

bool core_is_ready(const struct core *c, uint32_t i)
{
	return i < c->count && core_state_is(c->service[i].state, STATE_READY) &&
		!c->service[i].opening;
}
