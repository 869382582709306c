/* SPDX-License-Identifier: MIT
 * The state of the services under another plan: see core.h.
 */
#include "core/request.h"
#include "core/state.h"
#include "core/timer.h"
#include <stddef.h>
#include <string.h>

bool core_may_move(const struct core *c, uint32_t i, enum core_moves how)
{
	const struct core_service *s = &c->service[i];
	if (how == MOVES_ON)
		return true;
	return core_state_is(s->state, STATE_AT_REST) && !core_has_process(s) && !s->stuck &&
		!s->cleaning && !s->todo && !s->notices && !core_is_to_be_cleaned(c, s);
}

/* What the new definition does not have cannot be under way: it is at rest. */
static void fit(struct core_service *s, const struct plan_service *ps, uint64_t now)
{
	bool refused = ps->flags & SERVICE_REFUSED;
	if (refused != (s->state == SVC_REFUSED))
		core_service_init(s, ps, now);
	if (!ps->reload_signal)
		s->todo &= (uint8_t)~TODO_RELOAD;
	if (!(ps->flags & SERVICE_CLEANS))
		s->litter = LITTER_NONE;
	if (!(ps->flags & SERVICE_ON_DEMAND))
		s->called = 0;
}

static uint16_t displaced_by(const struct core_service *s, const uint16_t *index, uint32_t count)
{
	uint16_t by = s->displaced;
	if (by == 0 || by > count || index[by - 1] == CORE_GONE)
		return 0;
	return (uint16_t)(index[by - 1] + 1);
}

/* Whether one that is to be up asks for it. */
static bool is_pulled(const struct core *c, const struct plan *q, uint32_t i)
{
	for (uint32_t j = 0; j < c->count; j++)
		if (j != i && c->service[j].wanted &&
			core_has_edge(q, j, i, 1u << EDGE_WANTS | 1u << EDGE_REQUIRES | 1u << EDGE_BINDS))
			return true;
	return false;
}

static bool is_of_this_boot(const struct core *c, const struct plan *q, uint32_t i)
{
	uint32_t flags = plan_service(q, i)->flags;
	bool no_group = plan_header(q)->machine.default_group >= c->count;
	return flags & SERVICE_LOGGER || (no_group && flags & SERVICE_ENABLED) || is_pulled(c, q, i);
}

void core_move(struct core *to, const struct core *from, const struct plan *q,
	const uint16_t *index, uint64_t now)
{
	uint8_t known[CONFIG_MAX_SERVICES] = {0};
	memcpy(to, from, offsetof(struct core, service));
	to->count = plan_service_count(q);
	to->cursor = 0;
	for (uint32_t j = 0; j < to->count; j++)
		core_service_init(&to->service[j], plan_service(q, j), now);
	for (uint32_t i = 0; i < from->count; i++) {
		uint32_t j = index[i];
		if (j >= to->count)
			continue;
		memcpy(&to->service[j], &from->service[i], sizeof(to->service[j]));
		to->service[j].displaced = displaced_by(&from->service[i], index, from->count);
		fit(&to->service[j], plan_service(q, j), now);
		known[j] = from->service[i].state != SVC_REFUSED;
	}
	core_timers_move(to, from, q, index, now);
	for (uint32_t j = 0; j < to->count; j++) {
		if (!is_of_this_boot(to, q, j) || (known[j] && !core_timer_is_new(to, j)))
			continue;
		if (!core_timer_arm(to, j))
			core_request_start(to, j, now);
	}
}
