/* SPDX-License-Identifier: MIT
 * A service that is up reads its configuration anew: see reload.h.
 */
#include "core/reload.h"
#include "core/state.h"

static void begin_reload(struct core_service *s, const struct plan_service *ps, uint64_t now)
{
	if (s->state != SVC_UP || core_goes_down(s) || !s->main_alive || !ps->reload_signal)
		return;
	s->todo |= TODO_RELOAD;
	s->reload_failed = 0;
	s->reload_since_ms = now;
	if (!(ps->flags & SERVICE_RELOADS))
		return;
	s->reloads = RELOADS_ASKED;
	s->reload_ms = core_after(now, ps->start_ms);
}

/* What it began before it was asked is not what it was asked for. */
static void has_begun(struct core_service *s, int32_t age_ms, uint64_t now)
{
	uint64_t age = age_ms > 0 ? (uint64_t)age_ms : 0;
	if (s->reloads == RELOADS_ASKED && !(s->todo & TODO_RELOAD) && age <= now &&
		now - age >= s->reload_since_ms)
		s->reloads = RELOADS_BEGUN;
}

void core_on_reload(struct core *c, const struct plan *p, struct core_event ev, uint64_t now)
{
	struct core_service *s = &c->service[ev.service];
	if (ev.kind == EV_RELOAD)
		begin_reload(s, plan_service(p, ev.service), now);
	else
		has_begun(s, ev.value, now);
}

static void reload_is_over(struct core_service *s, bool failed)
{
	s->reloads = RELOADS_NOT;
	s->reload_ms = CORE_NEVER;
	s->reload_failed = failed;
}

void core_reload_ready(struct core_service *s)
{
	if (s->reloads == RELOADS_BEGUN)
		reload_is_over(s, false);
}

bool core_reload_on_time(struct core_service *s, uint64_t heard)
{
	if (s->state != SVC_UP || heard < s->reload_ms)
		return false;
	reload_is_over(s, true);
	core_notice(s, NOTICE_RELOAD_LATE);
	return true;
}

bool core_reloads(const struct core *c, uint32_t i)
{
	const struct core_service *s = &c->service[i];
	return s->reloads || s->todo & TODO_RELOAD;
}
