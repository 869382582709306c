/* SPDX-License-Identifier: MIT
 * The effect of events and of time on a service: see events.h.
 */
#include "core/events.h"
#include "core/life.h"
#include "core/reload.h"
#include "core/request.h"
#include "core/restart.h"
#include "core/state.h"
#include <sys/wait.h>

static bool may_fail(const struct plan *p, uint32_t i, enum plan_exec list, uint32_t index)
{
	const struct plan_service *s = plan_service(p, i);
	const struct plan_command *cmd = s ? plan_elements(p, s->exec[list], sizeof(*cmd)) : NULL;
	return cmd && index < s->exec[list].count && (cmd[index].flags & COMMAND_IGNORE_FAILURE);
}

static enum core_outcome judge_command(int32_t status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status) == 0 ? OUT_SUCCESS : OUT_EXIT;
	return OUT_SIGNAL;
}

/* SuccessExitStatus is about the main process, as with systemd. */
static enum core_outcome judge_main(const struct plan *p, uint32_t i, int32_t status)
{
	return core_has_status(p, plan_service(p, i)->success, status) ? OUT_SUCCESS
																   : judge_command(status);
}

bool core_is_success(const struct plan *p, uint32_t service, int32_t status)
{
	return judge_main(p, service, status) == OUT_SUCCESS;
}

void core_on_started(struct core *c, const struct plan *p, uint32_t i, uint32_t slot, uint64_t now)
{
	struct core_service *s = &c->service[i];
	if ((slot == SLOT_MAIN && s->main_alive) || (slot == SLOT_CONTROL && s->control_alive))
		s->entering = 0;
	if (slot == SLOT_MAIN && s->state == SVC_STARTING && s->main_alive &&
		(s->ready || plan_service(p, i)->type == TYPE_SIMPLE))
		core_begin_list(c, p, i, SVC_POST, now);
}

void core_on_ready(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	core_reload_ready(s);
	if (s->state != SVC_STARTING || !s->main_alive || plan_service(p, i)->type != TYPE_NOTIFY)
		return;
	/* its program may be faster than its cell, which tells who it is */
	if (s->entering)
		s->ready = 1;
	else
		core_begin_list(c, p, i, SVC_POST, now);
}

void core_on_ping(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	if (s->state == SVC_UP && s->watchdog_ms != CORE_NEVER)
		s->watchdog_ms = core_after(now, plan_service(p, i)->watchdog_ms);
}

void core_on_connect(struct core *c, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	if (s->state != SVC_LISTENING || !core_listens(s) || core_goes_down(s))
		return;
	core_forget_unanswered(s, now);
	s->called = 1;
	core_enter(s, SVC_WAITING, now, CORE_NEVER); /* what it requires may have gone meanwhile */
}

static bool may_be_skipped(const struct core_service *s)
{
	bool begins = (s->state == SVC_PRE || s->state == SVC_STARTING) &&
		(s->main_alive || s->control_alive);
	return begins || s->state == SVC_LISTENING;
}

void core_on_skipped(struct core *c, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	if (!may_be_skipped(s))
		return;
	s->called = 0;
	s->notices &= (uint16_t) ~(1u << NOTICE_READY);
	s->main_alive = 0;
	s->control_alive = 0;
	s->populated = 0;
	s->wanted = 0;
	s->again = 0;
	s->todo = TODO_RELEASE;
	core_enter(s, SVC_SKIPPED, now, CORE_NEVER);
	core_notice(s, NOTICE_SKIPPED_START);
}

static bool clear_slot(struct core_service *s, uint32_t slot)
{
	if (slot > SLOT_CONTROL)
		return false;
	uint8_t *alive = slot == SLOT_MAIN ? &s->main_alive : &s->control_alive;
	bool was = *alive;
	*alive = 0;
	if (was)
		s->entering = 0;
	return was;
}

static void end_by_command(struct core *c, const struct plan *p, uint32_t i, enum core_outcome o,
	uint64_t now)
{
	struct core_service *s = &c->service[i];
	uint8_t list = (uint8_t)core_list_of(s->state), command = s->command;
	core_end_life(c, p, i, o, true, now);
	s->end_list = list;
	s->end_command = command;
}

/* A process of the list that the state is about has ended (o), or never began. */
static void list_moved(struct core *c, const struct plan *p, uint32_t i, enum core_outcome o,
	uint64_t now)
{
	struct core_service *s = &c->service[i];
	bool ending = s->state == SVC_STOP || s->state == SVC_STOP_POST;
	bool pardoned = o != OUT_WALL && may_fail(p, i, core_list_of(s->state), s->command);
	if (o == OUT_SUCCESS || ending || pardoned)
		core_next_command(c, p, i, now);
	else
		end_by_command(c, p, i, o, now);
}

static void main_ended(struct core *c, const struct plan *p, uint32_t i, enum core_outcome o,
	uint64_t now)
{
	struct core_service *s = &c->service[i];
	const struct plan_service *ps = plan_service(p, i);
	if (s->state == SVC_STARTING && ps->type == TYPE_ONESHOT)
		list_moved(c, p, i, o, now);
	/* it promised to say when it is ready, and did not */
	else if (s->state == SVC_STARTING && ps->type == TYPE_NOTIFY && o == OUT_SUCCESS)
		core_end_life(c, p, i, OUT_EXIT, true, now);
	else if (s->state == SVC_STARTING || s->state == SVC_POST || s->state == SVC_UP)
		core_end_life(c, p, i, o, true, now);
	else if (s->state == SVC_TERM && !s->control_alive)
		core_begin_kill(s, now);
	else
		core_try_settle(c, p, i, now);
}

static void control_ended(struct core *c, const struct plan *p, uint32_t i, enum core_outcome o,
	uint64_t now)
{
	struct core_service *s = &c->service[i];
	if (s->state == SVC_PRE || s->state == SVC_POST || s->state == SVC_STOP ||
		s->state == SVC_STOP_POST)
		list_moved(c, p, i, o, now);
	else if (s->state == SVC_TERM && !s->main_alive)
		core_begin_kill(s, now);
	else
		core_try_settle(c, p, i, now);
}

/* Of a life that was given up, and forgotten since: its exit and the emptiness of its group come
 * in either order. */
static void forgotten_ended(struct core_service *s)
{
	if (!s->stuck && (s->state == SVC_DOWN || s->state == SVC_FAILED))
		core_let_go(s);
}

static void slot_ended(struct core *c, const struct plan *p, uint32_t i, uint32_t slot,
	enum core_outcome o, uint64_t now)
{
	if (slot == SLOT_MAIN)
		main_ended(c, p, i, o, now);
	else
		control_ended(c, p, i, o, now);
	forgotten_ended(&c->service[i]);
}

/* Its sockets cannot be had. */
static void not_listening(struct core *c, const struct plan *p, uint32_t i, int32_t err,
	uint64_t now)
{
	struct core_service *s = &c->service[i];
	s->failed_errno = err;
	s->outcome = OUT_WALL;
	s->end_list = EXEC_COUNT;
	s->notices &= (uint16_t) ~(1u << NOTICE_READY);
	core_notice(s, NOTICE_ENDED);
	core_unbind(c, p, i);
	core_finish(c, p, i, now);
}

void core_on_failed(struct core *c, const struct plan *p, uint32_t i, uint32_t slot, int32_t err,
	uint64_t now)
{
	struct core_service *s = &c->service[i];
	if (s->state == SVC_LISTENING) {
		not_listening(c, p, i, err, now);
		return;
	}
	if (!clear_slot(s, slot))
		return;
	if (core_is_starting(s)) /* a command of the end that fails is not why the life ended */
		s->failed_errno = err;
	slot_ended(c, p, i, slot, OUT_WALL, now);
}

void core_on_exited(struct core *c, const struct plan *p, uint32_t i, uint32_t slot, int32_t status,
	uint64_t now)
{
	struct core_service *s = &c->service[i];
	if (!clear_slot(s, slot))
		return;
	if (slot == SLOT_MAIN)
		s->last_status = status;
	/* not what ends later, nor a command of the end */
	if (core_is_starting(s) || s->state == SVC_UP)
		s->end_status = status;
	slot_ended(c, p, i, slot, slot == SLOT_MAIN ? judge_main(p, i, status) : judge_command(status),
		now);
}

void core_on_left(struct core *c, const struct plan *p, uint32_t i, int32_t status, uint64_t now)
{
	struct core_service *s = &c->service[i];
	bool runs = core_is_starting(s) || s->state == SVC_UP;
	if (!s->main_alive || plan_service(p, i)->type == TYPE_ONESHOT)
		return;
	s->last_status = status;
	if (s->state == SVC_TERM)
		s->todo |= TODO_SIGNAL;
	if (!runs)
		return;
	s->end_status = status;
	main_ended(c, p, i, judge_main(p, i, status), now);
}

void core_on_limit(struct core *c, const struct plan *p, uint32_t i, bool gently, uint64_t now)
{
	const struct core_service *s = &c->service[i];
	/* One that is on its way down already is bounded by its time-outs. */
	if ((core_is_starting(s) || s->state == SVC_UP) && (s->main_alive || s->control_alive))
		core_end_life(c, p, i, OUT_MEMORY, gently, now);
}

void core_on_empty(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	bool was = s->populated;
	s->populated = 0;
	if (was)
		forgotten_ended(s);
	core_try_settle(c, p, i, now);
}

static void unkillable(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	enum core_stuck stuck = !s->wanted ? STUCK_STAYS : s->again ? STUCK_AGAIN : STUCK_POLICY;
	core_notice(s, NOTICE_UNKILLABLE);
	s->again = 0;
	s->wanted = 0; /* its processes are still there: it may not start again before they are gone */
	core_give_up(c, p, i, s->outcome == OUT_NONE ? OUT_STUCK : (enum core_outcome)s->outcome, now);
	s->stuck = (uint8_t)stuck; /* comes back by its policy once they are gone */
}

static bool deadline_passed(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	switch ((enum core_state)s->state) {
	case SVC_PRE:
	case SVC_STARTING:
	case SVC_POST:
		end_by_command(c, p, i, OUT_TIMEOUT, now);
		return true;
	case SVC_STOP:
	case SVC_STOP_POST:
		core_begin_term(p, i, s, now);
		return true;
	case SVC_TERM:
		core_notice(s, NOTICE_STOP_TIMEOUT);
		core_begin_kill(s, now);
		return true;
	case SVC_KILL:
		unkillable(c, p, i, now);
		return true;
	case SVC_BACKOFF:
		s->restarts++;
		core_enter(s, SVC_WAITING, now, CORE_NEVER);
		return true;
	case SVC_UP:
		if (plan_service(p, i)->runtime_ms == 0)
			break;
		core_end_life(c, p, i, OUT_RUNTIME, true, now);
		return true;
	case SVC_DOWN:
	case SVC_WAITING:
	case SVC_DONE:
	case SVC_FAILED:
	case SVC_REFUSED:
	case SVC_SKIPPED:
	case SVC_LISTENING:
	case SVC_STATE_COUNT:
		break;
	}
	s->deadline_ms = CORE_NEVER;
	return false;
}

bool core_on_time(struct core *c, const struct plan *p, uint32_t i, uint64_t now, uint64_t heard)
{
	struct core_service *s = &c->service[i];
	heard -= heard < core_grace(s) ? heard : core_grace(s);
	if (s->state == SVC_UP && heard >= s->watchdog_ms) {
		core_end_life(c, p, i, OUT_WATCHDOG, false, now);
		return true;
	}
	if (core_reload_on_time(s, heard))
		return true;
	return heard >= s->deadline_ms && deadline_passed(c, p, i, now);
}
