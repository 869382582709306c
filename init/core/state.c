/* SPDX-License-Identifier: MIT
 * The primitives: see state.h.
 */
#include "core/state.h"
#include <string.h>
#include <sys/wait.h>

void core_enter(struct core_service *s, enum core_state state, uint64_t now, uint64_t deadline)
{
	s->state = (uint8_t)state;
	s->stuck = STUCK_NOT;
	s->stalled = 0;
	s->opening = 0;
	s->ready = 0;
	s->since_ms = now;
	s->deadline_ms = deadline;
	if (s->litter && (state == SVC_DOWN || state == SVC_FAILED || state == SVC_SKIPPED))
		s->litter = LITTER_DUE; /* it does not come back */
	if (state != SVC_UP) {
		s->watchdog_ms = CORE_NEVER;
		s->reload_ms = CORE_NEVER;
		s->reloads = RELOADS_NOT;
		s->todo &= (uint8_t)~TODO_RELOAD;
	}
}

void core_notice(struct core_service *s, enum core_notice r)
{
	s->notices |= (uint16_t)(1u << r);
}

bool core_is_starting(const struct core_service *s)
{
	return core_state_is(s->state, STATE_STARTING);
}

bool core_is_active(const struct core_service *s)
{
	return core_state_is(s->state, STATE_ACTIVE);
}

bool core_goes_down(const struct core_service *s)
{
	return !s->wanted || s->again || core_state_is(s->state, STATE_ENDING);
}

uint64_t core_after(uint64_t now, uint32_t ms)
{
	return ms == UINT32_MAX ? CORE_NEVER : now + ms;
}

uint64_t core_random(struct core *c)
{
	c->random ^= c->random << 13;
	c->random ^= c->random >> 7;
	c->random ^= c->random << 17;
	return c->random;
}

uint32_t core_random_below(struct core *c, uint32_t n)
{
	uint64_t any = core_random(c);
	return n ? (uint32_t)(any % n) : 0;
}

bool core_has_process(const struct core_service *s)
{
	return s->main_alive || s->control_alive || s->populated;
}

bool core_is_to_be_cleaned(const struct core *c, const struct core_service *s)
{
	/* What lies in memory goes with the machine. */
	return s->litter == LITTER_DUE && !s->cleaning && c->final == FINAL_NONE &&
		!core_is_active(s) && !core_has_process(s);
}

void core_let_go(struct core_service *s)
{
	if (!core_has_process(s))
		s->todo |= TODO_RELEASE;
}

bool core_listens(const struct core_service *s)
{
	if (s->state == SVC_LISTENING)
		return !(s->todo & TODO_LISTEN) && !s->opening;
	return s->called && (s->state == SVC_WAITING || core_is_starting(s));
}

bool core_awaits_call(const struct core_service *s, const struct plan_service *ps)
{
	return ps->flags & SERVICE_ON_DEMAND && !s->called;
}

void core_forget(struct core_service *s)
{
	s->starts = 0;
	s->restarts = 0;
	s->backoff_ms = 0;
	s->unanswered = 0;
}

uint32_t core_grace(const struct core_service *s)
{
	return s->unread && (s->state == SVC_STARTING || s->state == SVC_UP) ? CORE_UNREAD_MS : 0;
}

const struct plan_edge *core_edges(const struct plan *p, uint32_t i, uint32_t *count)
{
	const struct plan_service *s = plan_service(p, i);
	const struct plan_edge *e = s ? plan_elements(p, s->edges, sizeof(*e)) : NULL;
	*count = e ? s->edges.count : 0;
	return e;
}

bool core_has_status(const struct plan *p, struct plan_list list, int32_t status)
{
	const uint32_t *e = plan_elements(p, list, sizeof(*e));
	uint32_t code = WIFEXITED(status) ? (uint32_t)WEXITSTATUS(status)
									  : 256u + (uint32_t)WTERMSIG(status);
	for (uint32_t k = 0; e && k < list.count; k++)
		if (e[k] == code)
			return true;
	return false;
}

bool core_has_edge(const struct plan *p, uint32_t from, uint32_t to, uint32_t kinds)
{
	uint32_t n;
	const struct plan_edge *e = core_edges(p, from, &n);
	for (uint32_t k = 0; k < n; k++)
		if (e[k].target == to && kinds >> e[k].kind & 1)
			return true;
	return false;
}

enum plan_exec core_list_of(uint8_t state)
{
	return state < SVC_STATE_COUNT ? (enum plan_exec)core_traits[state].list : EXEC_COUNT;
}

void core_service_init(struct core_service *s, const struct plan_service *ps, uint64_t now)
{
	memset(s, 0, sizeof(*s));
	s->last_status = -1;
	s->end_list = EXEC_COUNT;
	s->watchdog_ms = CORE_NEVER;
	s->reload_ms = CORE_NEVER;
	core_enter(s, SVC_DOWN, now, CORE_NEVER);
	if (ps->flags & SERVICE_REFUSED) {
		core_enter(s, SVC_REFUSED, now, CORE_NEVER);
		core_notice(s, NOTICE_REFUSED);
	}
}
