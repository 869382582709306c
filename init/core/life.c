/* SPDX-License-Identifier: MIT
 * One service's life: from the first command of ExecStartPre to the last of ExecStopPost, and what
 * follows. Each state has one way to begin (begin_…) and the events move it on; whatever the
 * reason, a life that had a process ends through KILL, so that nothing of it is left. */
#include "core/internal.h"
#include <sys/wait.h>

static void begin_list(struct core *c, const struct plan *p, uint32_t i, enum core_state state,
	uint64_t now);

static uint32_t list_length(const struct plan *p, uint32_t i, enum plan_exec list)
{
	const struct plan_service *s = plan_service(p, i);
	return s ? s->exec[list].count : 0;
}

static bool may_fail(const struct plan *p, uint32_t i, enum plan_exec list, uint32_t index)
{
	const struct plan_service *s = plan_service(p, i);
	const struct plan_command *cmd = s ? plan_elements(p, s->exec[list], sizeof(*cmd)) : NULL;
	return cmd && index < s->exec[list].count && (cmd[index].flags & COMMAND_IGNORE_FAILURE);
}

static bool is_listed(const struct plan *p, uint32_t i, uint32_t code)
{
	const struct plan_service *s = plan_service(p, i);
	const uint32_t *ok = s ? plan_elements(p, s->success, sizeof(*ok)) : NULL;
	for (uint32_t k = 0; ok && k < s->success.count; k++)
		if (ok[k] == code)
			return true;
	return false;
}

static enum core_outcome judge_status(const struct plan *p, uint32_t i, int32_t status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status) == 0 || is_listed(p, i, (uint32_t)WEXITSTATUS(status))
			? OUT_SUCCESS
			: OUT_EXIT;
	return is_listed(p, i, 256u + (uint32_t)WTERMSIG(status)) ? OUT_SUCCESS : OUT_SIGNAL;
}

bool core_is_success(const struct plan *p, uint32_t service, int32_t status)
{
	return judge_status(p, service, status) == OUT_SUCCESS;
}

/* ---- endings ---- */

void core_begin_kill(struct core_service *s, uint64_t now)
{
	s->todo = (uint8_t)((s->todo & ~(TODO_SPAWN | TODO_SIGNAL)) | TODO_KILL);
	s->watchdog_ms = CORE_NEVER;
	core_enter(s, SVC_KILL, now, core_after(now, CORE_KILL_MS));
}

static void begin_term(const struct plan *p, uint32_t i, struct core_service *s, uint64_t now)
{
	s->todo &= (uint8_t)~TODO_SPAWN;
	s->watchdog_ms = CORE_NEVER;
	if (!s->main_alive) {
		core_begin_kill(s, now);
		return;
	}
	s->todo |= TODO_SIGNAL;
	core_enter(s, SVC_TERM, now, core_after(now, plan_service(p, i)->stop_ms));
}

/* The life ends by itself, or by our decision that it is lost. gently: TERM before KILL. */
static void end_life(struct core *c, const struct plan *p, uint32_t i, enum core_outcome o,
	bool gently, uint64_t now)
{
	struct core_service *s = &c->service[i];
	core_forget_backoff(s, plan_service(p, i), now);
	s->outcome = (uint8_t)o;
	core_report(s, REPORT_ENDED);
	core_unbind(c, p, i);
	if (gently)
		begin_term(p, i, s, now);
	else
		core_begin_kill(s, now);
}

static void shut_down_for(struct core *c, const struct plan *p, uint8_t action, uint64_t now)
{
	if (action == FINAL_NONE || action >= FINAL_COUNT || c->final != FINAL_NONE)
		return;
	struct core_event ev = {.kind = EV_FINAL, .value = action};
	core_event(c, p, ev, now);
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
	/* it may have waited for its turn, or for its back-off, with the group of its last life */
	core_let_go(s);
	core_unbind(c, p, i);
	core_report(s, REPORT_GAVE_UP);
	shut_down_for(c, p, o == OUT_START_LIMIT ? ps->start_limit_action : ps->failure_action, now);
}

/* On demand, and it has nothing more to do. It listens again, after a pause: with a call that it
 * has left unanswered it would be there again at once. */
static bool begin_pause(struct core_service *s, const struct plan_service *ps, uint64_t now)
{
	if (!(ps->flags & SERVICE_ON_DEMAND) || s->outcome != OUT_SUCCESS)
		return false;
	core_enter(s, SVC_BACKOFF, now, core_after(now, ps->restart_ms ? ps->restart_ms : 1));
	return true;
}

/* Nothing of the life is left: what now? */
void core_finish(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	enum core_outcome o = (enum core_outcome)s->outcome;
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
		core_report(s, REPORT_STOPPED);
		return;
	}
	if (begin_pause(s, plan_service(p, i), now))
		return;
	if (core_comes_back(plan_service(p, i), o, s->failed_errno)) {
		core_begin_backoff(c, p, i, now);
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
	s->wanted = stuck == STUCK_AGAIN ||
		core_comes_back(plan_service(p, i), (enum core_outcome)s->outcome, s->failed_errno);
	s->command = 0;
	s->stop_post = 0;
	if (stuck == STUCK_AGAIN)
		core_enter(s, SVC_WAITING, now, CORE_NEVER);
	else if (s->wanted)
		core_begin_backoff(c, p, i, now);
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
	begin_list(c, p, i, SVC_STOP_POST, now);
	return true;
}

/* ---- beginnings ---- */

static void become_ready(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	const struct plan_service *ps = plan_service(p, i);
	bool oneshot = ps->type == TYPE_ONESHOT;
	core_enter(s, oneshot ? SVC_DONE : SVC_UP, now, CORE_NEVER);
	s->watchdog_ms = ps->watchdog_ms && !oneshot && ps->type != TYPE_GROUP
		? core_after(now, ps->watchdog_ms)
		: CORE_NEVER;
	core_report(s, REPORT_READY);
}

struct phase {
	enum plan_exec list;
	enum core_state next; /* where it goes when the list is done, or empty */
};

static const struct phase phases[SVC_STATE_COUNT] = {
	[SVC_PRE] = {EXEC_PRE, SVC_STARTING},
	[SVC_STARTING] = {EXEC_START, SVC_POST},
	[SVC_POST] = {EXEC_POST, SVC_UP},
	[SVC_STOP] = {EXEC_STOP, SVC_TERM},
	[SVC_STOP_POST] = {EXEC_STOP_POST, SVC_DOWN},
};

enum plan_exec core_list_of(uint8_t state)
{
	if (state >= SVC_STATE_COUNT || (state != SVC_PRE && phases[state].list == EXEC_PRE))
		return EXEC_COUNT;
	return phases[state].list;
}

static void leave_list(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	enum core_state next = phases[s->state].next;
	if (next == SVC_UP)
		become_ready(c, p, i, now);
	else if (next == SVC_TERM)
		begin_term(p, i, s, now);
	else if (next == SVC_DOWN)
		core_begin_kill(s, now); /* ExecStopPost may have left something behind */
	else
		begin_list(c, p, i, next, now);
}

/* The deadline of a start covers all its lists; the ending lists have one each. */
static void begin_list(struct core *c, const struct plan *p, uint32_t i, enum core_state state,
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
	if (list_length(p, i, phases[state].list) == 0)
		leave_list(c, p, i, now);
	else
		s->todo |= TODO_SPAWN;
}

static void next_command(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	if (s->command + 1u < list_length(p, i, phases[s->state].list)) {
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
	begin_list(c, p, i, SVC_PRE, now);
}

void core_begin_stop(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	bool was_ready = s->state == SVC_UP || s->state == SVC_DONE || s->state == SVC_POST;
	core_forget_backoff(s, plan_service(p, i), now);
	s->outcome = OUT_NONE;
	s->watchdog_ms = CORE_NEVER;
	if (plan_service(p, i)->type == TYPE_GROUP || s->state == SVC_LISTENING)
		core_finish(c, p, i, now);
	else if (was_ready && !s->control_alive)
		begin_list(c, p, i, SVC_STOP, now);
	else
		begin_term(p, i, s, now);
}

/* ---- events ---- */

void core_on_started(struct core *c, const struct plan *p, uint32_t i, uint32_t slot, uint64_t now)
{
	struct core_service *s = &c->service[i];
	if ((slot == SLOT_MAIN && s->main_alive) || (slot == SLOT_CONTROL && s->control_alive))
		s->entering = 0;
	if (slot == SLOT_MAIN && s->state == SVC_STARTING && s->main_alive &&
		plan_service(p, i)->type == TYPE_SIMPLE)
		begin_list(c, p, i, SVC_POST, now);
}

void core_on_ready(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	if (s->state == SVC_STARTING && s->main_alive && plan_service(p, i)->type == TYPE_NOTIFY)
		begin_list(c, p, i, SVC_POST, now);
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
	s->reports &= (uint16_t) ~(1u << REPORT_READY);
	s->main_alive = 0;
	s->control_alive = 0;
	s->populated = 0;
	s->wanted = 0;
	s->again = 0;
	s->todo = TODO_RELEASE;
	core_enter(s, SVC_SKIPPED, now, CORE_NEVER);
	core_report(s, REPORT_SKIPPED_START);
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

/* A process of the list that the state is about has ended (o), or never began. */
static void list_moved(struct core *c, const struct plan *p, uint32_t i, enum core_outcome o,
	uint64_t now)
{
	struct core_service *s = &c->service[i];
	bool ending = s->state == SVC_STOP || s->state == SVC_STOP_POST;
	bool pardoned = o != OUT_WALL && may_fail(p, i, phases[s->state].list, s->command);
	if (o == OUT_SUCCESS || ending || pardoned)
		next_command(c, p, i, now);
	else
		end_life(c, p, i, o, s->main_alive, now);
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
		end_life(c, p, i, OUT_EXIT, false, now);
	else if (s->state == SVC_STARTING || s->state == SVC_POST || s->state == SVC_UP)
		end_life(c, p, i, o, false, now);
	else if (s->state == SVC_TERM)
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
	s->reports &= (uint16_t) ~(1u << REPORT_READY);
	core_report(s, REPORT_ENDED);
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
	slot_ended(c, p, i, slot, judge_status(p, i, status), now);
}

void core_on_limit(struct core *c, const struct plan *p, uint32_t i, bool gently, uint64_t now)
{
	const struct core_service *s = &c->service[i];
	/* One that is on its way down already is bounded by its time-outs. */
	if ((core_is_starting(s) || s->state == SVC_UP) && (s->main_alive || s->control_alive))
		end_life(c, p, i, OUT_MEMORY, gently, now);
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
	core_report(s, REPORT_UNKILLABLE);
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
		end_life(c, p, i, OUT_TIMEOUT, true, now);
		return true;
	case SVC_STOP:
		begin_term(p, i, s, now);
		return true;
	case SVC_TERM:
		core_report(s, REPORT_STOP_TIMEOUT);
		core_begin_kill(s, now);
		return true;
	case SVC_KILL:
		unkillable(c, p, i, now);
		return true;
	case SVC_STOP_POST:
		core_begin_kill(s, now);
		return true;
	case SVC_BACKOFF:
		s->restarts++;
		core_enter(s, SVC_WAITING, now, CORE_NEVER);
		return true;
	case SVC_DOWN:
	case SVC_WAITING:
	case SVC_UP:
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
		end_life(c, p, i, OUT_WATCHDOG, false, now);
		return true;
	}
	return heard >= s->deadline_ms && deadline_passed(c, p, i, now);
}
