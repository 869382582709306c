/* SPDX-License-Identifier: MIT
 * Nothing goes down without a reason. The reasons: it was asked to stop, or something that it
 * requires was; it is in conflict with what is wanted; its own life ended; or the device goes down,
 * which has a reason of its own.
 */
#include "simulate/sim.h"
#include <string.h>

#define NEEDS (1u << EDGE_REQUIRES | 1u << EDGE_BINDS)

static bool has_edge(const struct sim *s, uint32_t from, uint32_t to, uint32_t kinds)
{
	const struct plan_edge *e;
	uint32_t n = plans_edges(s, from, &e);
	for (uint32_t k = 0; k < n; k++)
		if (e[k].target == to && kinds >> e[k].kind & 1)
			return true;
	return false;
}

/* Marks what has an edge of these kinds to something marked, directly or by way of others. */
static void spread(const struct sim *s, bool *marked, uint32_t kinds)
{
	for (uint32_t round = 0; round < s->count; round++)
		for (uint32_t j = 0; j < s->count; j++)
			for (uint32_t k = 0; k < s->count && !marked[j]; k++)
				marked[j] = marked[k] && has_edge(s, j, k, kinds);
}

/* Whether i is `other`, or needs it. */
static bool depends(const struct sim *s, uint32_t i, uint32_t other)
{
	bool marked[SIM_SERVICES] = {false};
	marked[other] = true;
	spread(s, marked, NEEDS);
	return marked[i];
}

/* Also what is pulled in by one that has yet to ask for what it depends on: it may be withdrawn in
 * the same call. */
static bool is_wanted(const struct sim *s, uint32_t j)
{
	bool pulls[SIM_SERVICES] = {false}, wanted = s->core.service[j].wanted || s->before[j].wanted;
	pulls[j] = true;
	spread(s, pulls, NEEDS | 1u << EDGE_WANTS);
	for (uint32_t k = 0; k < s->count; k++)
		wanted = wanted || (pulls[k] && s->before[k].pull);
	return wanted;
}

/* Something that is wanted, or was just now, excludes i or what i needs. */
static bool is_excluded(const struct sim *s, uint32_t i)
{
	for (uint32_t j = 0; j < s->count; j++) {
		if (!is_wanted(s, j))
			continue;
		for (uint32_t k = 0; k < s->count; k++) {
			bool conflict = has_edge(s, j, k, 1u << EDGE_CONFLICTS) ||
				has_edge(s, k, j, 1u << EDGE_CONFLICTS);
			if (j != k && conflict && depends(s, i, k))
				return true;
		}
	}
	return false;
}

/* It gave up, was skipped, or had nothing more to do. */
static bool ended_by_itself(const struct core_service *cs, const struct core_service *was)
{
	bool waited = was->state == SVC_WAITING || was->state == SVC_BACKOFF;
	return cs->state == SVC_FAILED || cs->state == SVC_SKIPPED ||
		(cs->state == SVC_DOWN && was->state != SVC_DOWN && !waited);
}

void judge_unwanted(struct sim *s, uint32_t i, const struct core_event *ev)
{
	const struct core_service *cs = &s->core.service[i], *was = &s->before[i];
	if (!was->wanted || cs->wanted || s->core.final != FINAL_NONE)
		return;
	bool asked = ev && ev->kind == EV_STOP && depends(s, i, ev->service);
	expect(s, INV_DOWN_REASON, asked || ended_by_itself(cs, was) || is_excluded(s, i),
		"s%u was %s, is %s and not wanted any more, and nobody asked", i,
		core_state_name((enum core_state)was->state), core_state_name((enum core_state)cs->state));
}

/* An end of what runs: it was to go, or to come back, or something happened to it. */
void judge_ending(struct sim *s, uint32_t i)
{
	const struct core_service *cs = &s->core.service[i], *was = &s->before[i];
	if (!core_state_is(was->state, STATE_READY) || !core_state_is(cs->state, STATE_ENDING))
		return;
	expect(s, INV_DOWN_REASON,
		!was->wanted || !cs->wanted || was->again || cs->again || cs->outcome != OUT_NONE,
		"s%u was %s and is %s, and nothing has happened", i,
		core_state_name((enum core_state)was->state), core_state_name((enum core_state)cs->state));
}

static bool has_given_up(const struct sim *s, uint32_t action)
{
	for (uint32_t i = 0; i < s->count; i++) {
		const struct core_service *cs = &s->core.service[i];
		const struct plan_service *ps = plan_service(&s->plan, i);
		uint32_t own = cs->outcome == OUT_START_LIMIT ? ps->start_limit_action : ps->failure_action;
		if (cs->state == SVC_FAILED && own == action)
			return true;
	}
	return false;
}

void judge_final_reason(struct sim *s, const struct core_event *ev)
{
	bool asked = ev && ev->kind == EV_FINAL && (uint32_t)ev->value == s->core.final;
	expect(s, INV_DOWN_REASON, asked || has_given_up(s, s->core.final),
		"a shutdown of kind %u has begun, and nobody asked", s->core.final);
}
