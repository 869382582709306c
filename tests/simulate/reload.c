/* SPDX-License-Identifier: MIT
 * Reloads: at some moment the services get other indexes in another plan, and one that is at rest
 * and that nobody depends on is gone, while a new one of the same kind has come. What goes on must
 * go on as if nothing had happened: it keeps its process, its state, its deadlines and its counts,
 * and all judges see it after as before.
 */
#include "simulate/random.h"
#include <stdlib.h>
#include <string.h>

#define PLAN_BYTES (256 * 1024)

static _Alignas(8) unsigned char bytes[2][PLAN_BYTES];
static struct core moved, adopted;
static struct sim_service services[SIM_SERVICES];
static uint16_t places[SIM_SERVICES], indexes[SIM_SERVICES];

static bool is_depended_on(const struct sim *s, uint32_t i)
{
	const struct plan_edge *e;
	for (uint32_t j = 0; j < s->count; j++)
		for (uint32_t k = 0, n = plans_edges(s, j, &e); k < n; k++)
			if (j != i && e[k].target == i)
				return true;
	return false;
}

static bool is_quiet(const struct sim *s, uint32_t i)
{
	const struct sim_service *v = &s->service[i];
	bool quiet = !v->slot[0].alive && !v->slot[1].alive && !v->orphans && !v->cleaning && !v->held;
	for (uint32_t k = 0; k < s->pending_count; k++)
		quiet &= s->pending[k].service != i;
	return quiet;
}

/* The same bytes, with the records at their new places. Lists may be shared: each once. */
static void write_plan(const struct sim *s, struct plan *q)
{
	unsigned char *to = s->plan.base == bytes[0] ? bytes[1] : bytes[0];
	static uint8_t seen[PLAN_BYTES / 8];
	memset(seen, 0, sizeof(seen));
	memcpy(to, s->plan.base, s->plan.size);
	*q = (struct plan){to, s->plan.size};
	struct plan_header *h = (struct plan_header *)to;
	struct plan_service *all = (struct plan_service *)(to + h->services.off);
	uint32_t *group = &h->machine.default_group;
	*group = *group < s->count ? places[*group] : *group;
	for (uint32_t i = 0; i < s->count; i++) {
		all[places[i]] = *plan_service(&s->plan, i);
		struct plan_list list = all[places[i]].edges;
		struct plan_edge *e = (struct plan_edge *)(to + list.off);
		if (list.count == 0 || seen[list.off / 8]++)
			continue;
		for (uint32_t k = 0; k < list.count; k++)
			e[k].target = places[e[k].target];
	}
}

/* What of the state is another in the new plan: the service that it made room for. */
static struct core_service expected(const struct core_service *before)
{
	struct core_service c;
	memcpy(&c, before, sizeof(c)); /* padding too */
	if (c.displaced) {
		uint16_t by = indexes[c.displaced - 1];
		c.displaced = by == CORE_GONE ? 0 : (uint16_t)(by + 1);
	}
	return c;
}

static void judge_move(struct sim *s, const struct plan *q)
{
	for (uint32_t i = 0; i < s->count; i++) {
		const struct core_service *after = &moved.service[places[i]];
		struct core_service want = expected(&s->core.service[i]);
		bool is_new = indexes[i] == CORE_GONE;
		expect(s, INV_MOVED, is_new || memcmp(after, &want, sizeof(want)) == 0,
			"s%u is not what it was", i);
		expect(s, INV_MOVED_NEW,
			!is_new ||
				(!after->main_alive && !after->control_alive && !after->todo && !after->restarts &&
					(after->state == (after->wanted ? SVC_WAITING : SVC_DOWN) ||
						after->state == SVC_REFUSED)),
			"s%u is in %s", i, core_state_name((enum core_state)after->state));
	}
	adopted = moved;
	expect(s, INV_MOVED,
		core_adopt(&adopted, q, s->now) &&
			memcmp(adopted.service, moved.service, s->count * sizeof(*moved.service)) == 0,
		"the next life would mend it");
}

/* The world's own notes go where the services go. */
static void move_world(struct sim *s)
{
	memcpy(services, s->service, sizeof(services));
	for (uint32_t i = 0; i < s->count; i++) {
		struct sim_service *v = &s->service[places[i]];
		*v = services[i];
		if (indexes[i] == CORE_GONE)
			*v = (struct sim_service){.mood = services[i].mood, .fed = CORE_NEVER};
	}
	for (uint32_t k = 0; k < s->pending_count; k++)
		s->pending[k].service = places[s->pending[k].service];
}

void reload_try(struct sim *s)
{
	struct plan q;
	uint32_t leaves = random_below(s, s->count);
	if (s->final_at != CORE_NEVER || s->core.final || s->plan.size > PLAN_BYTES)
		return;
	random_order(s, places);
	write_plan(s, &q);
	for (uint32_t i = 0; i < s->count; i++)
		indexes[i] = places[i];
	if (core_may_move(&s->core, leaves, MOVES_AT_REST) && !is_depended_on(s, leaves) &&
		is_quiet(s, leaves))
		indexes[leaves] = CORE_GONE;
	totals.reloads++;
	core_move(&moved, &s->core, &q, indexes, s->now);
	judge_move(s, &q);
	move_world(s);
	s->core = moved;
	s->plan = q;
	s->has_shadow = false;
	s->crash_at = random_below(s, 200);
	judge_remember(s);
	for (uint32_t i = 0; i < s->count; i++) {
		const struct core_event start = {.kind = EV_START, .service = places[i]};
		if (indexes[i] == CORE_GONE && s->core.service[places[i]].wanted)
			judge_requested(s, &start); /* with what it depends on */
	}
}
