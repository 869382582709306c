/* SPDX-License-Identifier: MIT
 * One service's life, from the first command of ExecStartPre to the last of ExecStopPost, and what
 * follows it. Each state has one function that begins it, and the events move it on. A life that
 * had a process always ends through KILL, so that no process is left.
 */
#include "core/life.h"
#include "core/request.h"
#include "core/restart.h"
#include "core/state.h"
#include "core/timer.h"

static uint32_t list_length(const struct plan *p, uint32_t i, enum plan_exec list)
{
	const struct plan_service *s = plan_service(p, i);
	return s ? s->exec[list].count : 0;
}

/* ---- endings ---- */

void core_begin_kill(struct core_service *s, uint64_t now)
{
	s->todo = (uint8_t)((s->todo & ~(TODO_SPAWN | TODO_SIGNAL)) | TODO_KILL);
	s->watchdog_ms = CORE_NEVER;
	core_enter(s, SVC_KILL, now, core_after(now, CORE_KILL_MS));
}

void core_begin_term(const struct plan *p, uint32_t i, struct core_service *s, uint64_t now)
{
	s->todo &= (uint8_t)~TODO_SPAWN;
	s->watchdog_ms = CORE_NEVER;
	if (!s->main_alive && !s->control_alive) {
		core_begin_kill(s, now);
		return;
	}
	s->todo |= TODO_SIGNAL;
	core_enter(s, SVC_TERM, now, core_after(now, plan_service(p, i)->stop_ms));
}

/* The life ends by itself, or by our decision that it is lost. gently: TERM before KILL. */
void core_end_life(struct core *c, const struct plan *p, uint32_t i, enum core_outcome o,
	bool gently, uint64_t now)
{
	struct core_service *s = &c->service[i];
	core_forget_backoff(s, plan_service(p, i), o, now);
	s->outcome = (uint8_t)o;
	s->end_list = EXEC_COUNT;
	core_notice(s, NOTICE_ENDED);
	core_unbind(c, p, i);
	if (gently)
		core_begin_term(p, i, s, now);
	else
		core_begin_kill(s, now);
}

void core_give_up(struct core *c, const struct plan *p, uint32_t i, enum core_outcome o,
	uint64_t now)
{
	struct core_service *s = &c->service[i];
	const struct plan_service *ps = plan_service(p, i);
	s->outcome = (uint8_t)o;
	s->wanted = 0;
	s->again = 0;
	s->pull = 0;
	s->called = 0;
	core_enter(s, SVC_FAILED, now, CORE_NEVER);
	core_timer_ended(c, i, now);
	/* it may have waited for its turn, or for its back-off, with the group of its last life */
	core_let_go(s);
	core_unbind(c, p, i);
	core_notice(s, NOTICE_GAVE_UP);
	uint32_t action = o == OUT_START_LIMIT ? ps->start_limit_action : ps->failure_action;
	if (c->final == FINAL_NONE)
		core_begin_final(c, p, action, now);
}

static void begin_backoff(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	if (!core_begin_backoff(c, p, i, now))
		core_give_up(c, p, i, OUT_START_LIMIT, now);
}

/* Nothing of the life is left: what now? */
void core_finish(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	enum core_outcome o = (enum core_outcome)s->outcome;
	core_timer_ended(c, i, now);
	s->todo = (uint8_t)((s->todo & ~TODO_LISTEN) | TODO_RELEASE);
	s->stop_post = 0;
	s->command = 0;
	s->called = 0;
	if (s->again && s->wanted) {
		s->again = 0;
		core_enter(s, SVC_WAITING, now, CORE_NEVER);
		return;
	}
	s->again = 0;
	if (!s->wanted) {
		core_enter(s, SVC_DOWN, now, CORE_NEVER);
		core_notice(s, NOTICE_STOPPED);
		return;
	}
	if (plan_service(p, i)->flags & SERVICE_ON_DEMAND && o == OUT_SUCCESS) {
		core_begin_pause(s, plan_service(p, i), now);
		return;
	}
	if (core_comes_back(p, i, s)) {
		s->lacking = o == OUT_WALL && core_lacks(s->failed_errno);
		begin_backoff(c, p, i, now);
		return;
	}
	if (o != OUT_SUCCESS) {
		core_give_up(c, p, i, o, now);
		return;
	}
	s->wanted = 0;
	core_enter(s, SVC_DOWN, now, CORE_NEVER);
}

/* What was given up as unkillable has ended after all. */
static bool come_back(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	uint8_t stuck = s->stuck;
	if (!stuck || core_has_process(s))
		return false;
	s->stuck = STUCK_NOT;
	s->todo |= TODO_RELEASE;
	if (c->final != FINAL_NONE || stuck == STUCK_STAYS)
		return true;
	s->wanted = stuck == STUCK_AGAIN || core_comes_back(p, i, s);
	s->command = 0;
	s->stop_post = 0;
	if (stuck == STUCK_AGAIN)
		core_enter(s, SVC_WAITING, now, CORE_NEVER);
	else if (s->wanted)
		begin_backoff(c, p, i, now);
	return true;
}

/* KILL is over once nothing is left; then ExecStopPost, once, and then it is finished. */
bool core_try_settle(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	if (s->state == SVC_FAILED)
		return come_back(c, p, i, now);
	if (s->state != SVC_KILL || core_has_process(s) || s->todo & TODO_KILL)
		return false;
	if (s->stop_post) {
		core_finish(c, p, i, now);
		return true;
	}
	s->stop_post = 1;
	core_begin_list(c, p, i, SVC_STOP_POST, now);
	return true;
}

/* ---- beginnings ---- */

static void become_ready(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	const struct plan_service *ps = plan_service(p, i);
	bool oneshot = ps->type == TYPE_ONESHOT;
	s->lacking = 0;
	core_enter(s, oneshot ? SVC_DONE : SVC_UP, now, CORE_NEVER);
	if (ps->runtime_ms && !oneshot && ps->type != TYPE_GROUP)
		s->deadline_ms = now + ps->runtime_ms + core_random_below(c, ps->runtime_extra_ms);
	s->watchdog_ms = ps->watchdog_ms && !oneshot && ps->type != TYPE_GROUP
		? core_after(now, ps->watchdog_ms)
		: CORE_NEVER;
	core_notice(s, NOTICE_READY);
}

/* A oneshot with a timer does not stay done: it could not be started again. */
static bool rests_between(const struct plan_service *ps)
{
	return ps->type == TYPE_ONESHOT && ps->timer.count;
}

static void leave_list(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	enum core_state next = (enum core_state)core_traits[s->state].next;
	if (next == SVC_UP && rests_between(plan_service(p, i)))
		core_end_life(c, p, i, OUT_SUCCESS, true, now);
	else if (next == SVC_UP)
		become_ready(c, p, i, now);
	else if (next == SVC_TERM)
		core_begin_term(p, i, s, now);
	else if (next == SVC_DOWN)
		core_begin_kill(s, now); /* ExecStopPost may have left something behind */
	else
		core_begin_list(c, p, i, next, now);
}

/* The deadline of a start covers all its lists; the ending lists have one each. */
void core_begin_list(struct core *c, const struct plan *p, uint32_t i, enum core_state state,
	uint64_t now)
{
	struct core_service *s = &c->service[i];
	const struct plan_service *ps = plan_service(p, i);
	uint64_t deadline = s->deadline_ms;
	if (state == SVC_STOP || state == SVC_STOP_POST)
		deadline = core_after(now, ps->stop_ms);
	if (state == SVC_STOP_POST && list_length(p, i, EXEC_STOP_POST) == 0) {
		core_finish(c, p, i, now);
		return;
	}
	core_enter(s, state, now, deadline);
	s->command = 0;
	if (list_length(p, i, core_list_of((uint8_t)state)) == 0)
		leave_list(c, p, i, now);
	else
		s->todo |= TODO_SPAWN;
}

void core_next_command(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	if (s->command + 1u < list_length(p, i, core_list_of(s->state))) {
		s->command++;
		s->todo |= TODO_SPAWN;
		return;
	}
	leave_list(c, p, i, now);
}

void core_begin(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	const struct plan_service *ps = plan_service(p, i);
	core_timer_began(c, i, now);
	s->outcome = OUT_NONE;
	s->failed_errno = 0;
	s->stop_post = 0;
	s->todo &= (uint8_t)~TODO_RELEASE;
	if (ps->type == TYPE_GROUP) {
		become_ready(c, p, i, now);
		return;
	}
	if (core_awaits_call(s, ps)) {
		core_enter(s, SVC_LISTENING, now, CORE_NEVER);
		s->todo |= TODO_LISTEN;
		return;
	}
	core_enter(s, SVC_PRE, now, core_after(now, ps->start_ms));
	core_begin_list(c, p, i, SVC_PRE, now);
}

void core_begin_stop(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	bool was_ready = s->state == SVC_UP || s->state == SVC_DONE || s->state == SVC_POST;
	core_forget_backoff(s, plan_service(p, i), OUT_NONE, now);
	s->outcome = OUT_NONE;
	s->watchdog_ms = CORE_NEVER;
	if (plan_service(p, i)->type == TYPE_GROUP || s->state == SVC_LISTENING)
		core_finish(c, p, i, now);
	else if (was_ready && !s->control_alive)
		core_begin_list(c, p, i, SVC_STOP, now);
	else
		core_begin_term(p, i, s, now);
}
