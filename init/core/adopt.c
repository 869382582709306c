/* SPDX-License-Identifier: MIT
 * Taking over the state block of a life that has crashed. Its bytes are not trusted: a service with
 * an impossible state is ended, and its policy decides what follows. Others are not affected.
 */
#include "core/request.h"
#include "core/state.h"
#include "core/timer.h"

static bool is_flag(uint8_t v)
{
	return v <= 1;
}

static uint32_t command_limit(const struct core_service *s, const struct plan_service *ps)
{
	enum plan_exec list = core_list_of(s->state);
	/* no list is running: any leftover index is harmless */
	return list == EXEC_COUNT ? UINT8_MAX + 1u : ps->exec[list].count;
}

static bool has_deadline_if_needed(const struct core_service *s)
{
	bool needs = s->state == SVC_KILL || s->state == SVC_BACKOFF;
	return !needs || s->deadline_ms != CORE_NEVER;
}

/* A state that waits for a process must have one, or be about to: nothing else would ever end
 * it. */
static bool has_what_it_waits_for(const struct core_service *s, const struct plan_service *ps)
{
	bool spawns = s->todo & TODO_SPAWN;
	if (s->state == SVC_TERM)
		return s->main_alive || s->control_alive;
	if (s->state == SVC_UP)
		return s->main_alive || ps->type == TYPE_GROUP;
	if (s->state == SVC_STOP || s->state == SVC_STOP_POST)
		return s->control_alive || spawns;
	if (s->state == SVC_STARTING)
		return s->main_alive || spawns || core_goes_down(s);
	if (s->state == SVC_LISTENING) /* for a call, with nobody there */
		return !core_has_process(s);
	if (s->state == SVC_PRE || s->state == SVC_POST)
		return s->control_alive || spawns || core_goes_down(s);
	return true;
}

static bool is_litter_possible(const struct core_service *s, const struct plan_service *ps)
{
	if (s->litter >= LITTER_COUNT || !is_flag(s->cleaning))
		return false;
	if (s->todo & TODO_CLEAN && (!s->cleaning || core_has_process(s)))
		return false;
	return ps->flags & SERVICE_CLEANS || (!s->litter && !s->cleaning);
}

static bool is_reload_possible(const struct core_service *s, const struct plan_service *ps,
	uint64_t now)
{
	bool waits = s->reloads || s->reload_ms != CORE_NEVER;
	if (s->reloads >= RELOADS_COUNT || !is_flag(s->reload_failed) || s->reload_since_ms > now)
		return false;
	if (s->todo & TODO_RELOAD && (!ps->reload_signal || !s->main_alive))
		return false;
	return !waits || (s->state == SVC_UP && s->reloads && ps->flags & SERVICE_RELOADS);
}

static bool is_possible(const struct core_service *s, const struct plan_service *ps, uint64_t now)
{
	bool refused = ps->flags & SERVICE_REFUSED;
	if (s->state >= SVC_STATE_COUNT || s->outcome >= OUT_COUNT ||
		(s->state == SVC_REFUSED) != refused)
		return false;
	if (!is_flag(s->wanted) || !is_flag(s->again) || !is_flag(s->main_alive) ||
		!is_flag(s->control_alive) || !is_flag(s->populated) || !is_flag(s->pull) ||
		!is_flag(s->stop_post) || !is_flag(s->called) || !is_flag(s->unread) ||
		!is_flag(s->entering) || !is_flag(s->stalled) || !is_flag(s->opening) ||
		!is_flag(s->ready) || !is_flag(s->lacking))
		return false;
	if (s->stalled && s->state != SVC_WAITING)
		return false;
	if (s->ready && (s->state != SVC_STARTING || !s->entering))
		return false;
	if (!is_reload_possible(s, ps, now))
		return false;
	if (s->unanswered > CORE_UNANSWERED_MOST)
		return false;
	if (s->opening && (s->state != SVC_LISTENING || s->todo & TODO_LISTEN))
		return false;
	if ((s->called || s->state == SVC_LISTENING) && !(ps->flags & SERVICE_ON_DEMAND))
		return false;
	if (s->stuck >= STUCK_COUNT || (s->stuck && s->state != SVC_FAILED))
		return false;
	if (s->todo & ~TODO_ALL || s->notices >> NOTICE_COUNT || s->since_ms > now)
		return false;
	if (s->todo & ~core_traits[s->state].todo || !is_litter_possible(s, ps))
		return false;
	return s->command < command_limit(s, ps) && has_deadline_if_needed(s) &&
		has_what_it_waits_for(s, ps);
}

static void repair(struct core_service *s, const struct plan_service *ps, uint64_t now)
{
	bool wanted = s->wanted == 1, cleans = ps->flags & SERVICE_CLEANS;
	/* Whoever empties its directories may still be at it. */
	*s = (struct core_service){.last_status = -1,
		.watchdog_ms = CORE_NEVER,
		.reload_ms = CORE_NEVER,
		.cleaning = cleans && s->cleaning == 1};
	if (ps->flags & SERVICE_REFUSED) {
		core_enter(s, SVC_REFUSED, now, CORE_NEVER);
		return;
	}
	s->wanted = wanted;
	s->outcome = OUT_LOST;
	s->populated = 1;
	s->litter = !cleans ? LITTER_NONE : ps->flags & SERVICE_KEEPS ? LITTER_KEPT : LITTER_DUE;
	s->todo = TODO_KILL;
	core_notice(s, NOTICE_ENDED);
	core_enter(s, SVC_KILL, now, now + CORE_KILL_MS);
}

bool core_spawn_again(struct core *c, uint32_t service, uint16_t slot)
{
	struct core_service *s = service < c->count ? &c->service[service] : NULL;
	enum plan_exec list = s ? core_list_of(s->state) : EXEC_COUNT;
	if (list == EXEC_COUNT || (list == EXEC_START) != (slot == SLOT_MAIN))
		return false;
	if (slot == SLOT_MAIN)
		s->main_alive = 0;
	else
		s->control_alive = 0;
	s->todo |= TODO_SPAWN;
	return true;
}

bool core_has_handed_out(const struct core *c, const struct core_action *a)
{
	static const uint8_t todo[ACT_KIND_COUNT] = {[ACT_SPAWN] = TODO_SPAWN,
		[ACT_SIGNAL] = TODO_SIGNAL,
		[ACT_RELOAD] = TODO_RELOAD,
		[ACT_KILL] = TODO_KILL,
		[ACT_RELEASE] = TODO_RELEASE,
		[ACT_LISTEN] = TODO_LISTEN,
		[ACT_CLEAN] = TODO_CLEAN};
	if (a->kind >= ACT_KIND_COUNT || a->service >= c->count)
		return false;
	const struct core_service *s = &c->service[a->service];
	if (a->kind == ACT_NOTICE)
		return a->value >= 0 && a->value < NOTICE_COUNT && !(s->notices & 1u << a->value);
	return !(s->todo & todo[a->kind]);
}

bool core_adopt(struct core *c, const struct plan *p, uint64_t now)
{
	if (c->count != plan_service_count(p) || c->count > CONFIG_MAX_SERVICES ||
		c->final >= FINAL_COUNT)
		return false;
	c->final_done = c->final_done && c->final; /* or no end could be asked for any more */
	c->final_ms = c->final_ms > now ? now : c->final_ms;
	core_bound_final(c, p);
	c->cursor = c->cursor < c->count ? c->cursor : 0;
	c->random = c->random ? c->random : 1;
	core_timers_adopt(c, p, now);
	for (uint32_t i = 0; i < c->count; i++) {
		if (c->service[i].displaced > c->count)
			c->service[i].displaced = 0; /* it is only told */
		if (!is_possible(&c->service[i], plan_service(p, i), now))
			repair(&c->service[i], plan_service(p, i), now);
	}
	return true;
}
