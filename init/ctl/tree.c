/* SPDX-License-Identifier: MIT
 * The forest of services, see tree.h: a breadth-first search finds each one's parent, a walk puts
 * them in order.
 */
#include "ctl/tree.h"
#include <string.h>

#define NOWHERE (-2)
#define ROOT (-1)

struct search {
	const struct plan *plan;
	uint32_t count;
	int16_t parent[CONFIG_MAX_SERVICES]; /* a service, ROOT or NOWHERE */
	uint16_t queue[CONFIG_MAX_SERVICES]; /* those that have a place, in the order of finding */
	uint32_t found;
};

static bool pulls(const struct plan_edge *e)
{
	return e->kind == EDGE_WANTS || e->kind == EDGE_REQUIRES || e->kind == EDGE_BINDS;
}

static bool is_group(const struct search *s, uint32_t service)
{
	return plan_service(s->plan, service)->type == TYPE_GROUP;
}

static void place(struct search *s, uint32_t service, int parent)
{
	if (service >= s->count || s->parent[service] != NOWHERE)
		return;
	s->parent[service] = (int16_t)parent;
	s->queue[s->found++] = (uint16_t)service;
}

/* Places what those that have a place pull in; with `groups`, only what groups do, so that a
 * member hangs on its group and not on another member. */
static void grow(struct search *s, bool groups)
{
	for (uint32_t i = 0; i < s->found; i++) {
		const struct plan_service *from = plan_service(s->plan, s->queue[i]);
		const struct plan_edge *edge = plan_elements(s->plan, from->edges, sizeof(*edge));
		if (!edge || (groups && from->type != TYPE_GROUP))
			continue;
		for (uint32_t k = 0; k < from->edges.count; k++)
			if (pulls(&edge[k]))
				place(s, edge[k].target, s->queue[i]);
	}
}

static void mark_pulled(const struct search *s, bool *pulled, uint32_t from)
{
	const struct plan_service *service = plan_service(s->plan, from);
	const struct plan_edge *edge = plan_elements(s->plan, service->edges, sizeof(*edge));
	for (uint32_t k = 0; edge && k < service->edges.count; k++)
		if (pulls(&edge[k]) && edge[k].target < s->count && edge[k].target != from)
			pulled[edge[k].target] = true;
}

/* What nobody pulls becomes a root: groups alone, or everything. */
static void place_roots(struct search *s, bool groups)
{
	bool pulled[CONFIG_MAX_SERVICES] = {false};
	for (uint32_t i = 0; i < s->count; i++)
		mark_pulled(s, pulled, i);
	for (uint32_t i = 0; i < s->count; i++)
		if (!pulled[i] && (!groups || is_group(s, i)))
			place(s, i, ROOT);
}

static int16_t next_child(const struct search *s, int parent, int after)
{
	for (int i = after + 1; i < (int)s->count; i++)
		if (s->parent[i] == parent)
			return (int16_t)i;
	return ROOT;
}

/* Adds `service` below the row `parent`. */
static int16_t add_row(struct tree *t, const struct search *s, int service, int parent)
{
	struct tree_row *row = &t->row[t->count];
	row->service = (uint16_t)service;
	row->parent = (int16_t)parent;
	row->depth = parent < 0 ? 0 : (uint16_t)(t->row[parent].depth + 1);
	row->last = next_child(s, s->parent[service], service) < 0;
	return (int16_t)t->count++;
}

/* The rows of one root and everything below it, without recursion: down to the first child, else
 * across, else up. */
static void walk(struct tree *t, const struct search *s, int root)
{
	int16_t at = add_row(t, s, root, ROOT);
	int after = -1;
	while (at >= 0) {
		int16_t child = next_child(s, t->row[at].service, after);
		if (child >= 0) {
			at = add_row(t, s, child, at);
			after = -1;
			continue;
		}
		after = t->row[at].service;
		at = t->row[at].parent;
	}
}

void tree_build(struct tree *t, const struct plan *p)
{
	struct search s = {.plan = p, .count = plan_service_count(p)};
	uint32_t first = plan_header(p)->machine.default_group;
	if (s.count > CONFIG_MAX_SERVICES)
		s.count = CONFIG_MAX_SERVICES;
	for (uint32_t i = 0; i < s.count; i++)
		s.parent[i] = NOWHERE;
	place(&s, first, ROOT);
	place_roots(&s, true);
	grow(&s, true);
	grow(&s, false);
	place_roots(&s, false);
	grow(&s, false);
	for (uint32_t i = 0; i < s.count; i++) { /* cycles that nothing leads to */
		place(&s, i, ROOT);
		grow(&s, false);
	}
	t->count = 0;
	if (first < s.count)
		walk(t, &s, (int)first);
	for (uint32_t i = 0; i < s.count; i++)
		if (s.parent[i] == ROOT && i != first)
			walk(t, &s, (int)i);
}

void tree_flat(struct tree *t, uint32_t count)
{
	t->count = count < CONFIG_MAX_SERVICES ? count : CONFIG_MAX_SERVICES;
	for (uint32_t i = 0; i < t->count; i++)
		t->row[i] = (struct tree_row){.service = (uint16_t)i,
			.parent = -1,
			.last = i + 1 == t->count};
}
