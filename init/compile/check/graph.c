/* SPDX-License-Identifier: MIT
 * Dependencies: see check.h. Every edge but Conflicts also orders, so a cycle of them would wait
 * for itself. A cycle is broken at an edge that only wants or only orders, and refused if
 * everything in it is required.
 */
#include "compile/check/check.h"
#include "base/count.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct edge {
	int from, to;
	enum plan_edge_kind kind;
	struct place place;
	enum directive_id directive;
	bool dropped;
};

struct graph {
	struct set *set;
	struct edge *edge; /* malloc'd */
	size_t count;
};

static const enum directive_id keys[DEP_KINDS] = {
	[DEP_AFTER] = D_Service_After,
	[DEP_BEFORE] = D_Service_Before,
	[DEP_REQUIRES] = D_Service_Requires,
	[DEP_WANTS] = D_Service_Wants,
	[DEP_BINDS] = D_Service_BindsTo,
	[DEP_CONFLICTS] = D_Service_Conflicts,
	[DEP_WANTED_BY] = D_Service_WantedBy,
};

static const enum plan_edge_kind kinds[DEP_KINDS] = {
	[DEP_AFTER] = EDGE_AFTER,
	[DEP_BEFORE] = EDGE_AFTER,
	[DEP_REQUIRES] = EDGE_REQUIRES,
	[DEP_WANTS] = EDGE_WANTS,
	[DEP_BINDS] = EDGE_BINDS,
	[DEP_CONFLICTS] = EDGE_CONFLICTS,
	[DEP_WANTED_BY] = EDGE_WANTS,
};

static void add_edge(struct graph *g, struct edge e)
{
	for (size_t i = 0; i < g->count; i++)
		if (g->edge[i].from == e.from && g->edge[i].to == e.to && g->edge[i].kind == e.kind)
			return;
	g->edge = diag_realloc(g->edge, (g->count + 1) * sizeof(*g->edge));
	g->edge[g->count++] = e;
}

static void unknown_service(const struct set *set, struct span name, struct diag *d)
{
	struct nearest near;
	char template[CONFIG_MAX_NAME];
	const char *at = memchr(name.p, '@', name.n);
	/* Another instance is there, so the template is. */
	snprintf(template, sizeof(template), "%.*s", at ? (int)(at - name.p) + 1 : 0, name.p);
	nearest_begin(&near, name);
	for (size_t i = 0; i < set->count; i++) {
		if (at && strncmp(set->service[i]->name, template, strlen(template)) == 0) {
			diag_error(d,
				"there is no instance \"%.*s\", expected its name among Instances of %s.ini",
				SPAN_ARGS(name), template);
			return;
		}
		nearest_try(&near, span_of(set->service[i]->name));
	}
	diag_error(d, "there is no service \"%.*s\"%s", SPAN_ARGS(name), nearest_hint(&near));
}

static void resolve_one(struct graph *g, int index, const struct unit_edge *u)
{
	struct set *set = g->set;
	struct service *s = set->service[index];
	int other = set_index(set, u->name);
	bool backwards = u->kind == DEP_BEFORE || u->kind == DEP_WANTED_BY;
	diag_silence(s->extra);
	directive_place(&s->diag, &u->place, keys[u->kind]);
	if (other < 0 && u->optional)
		return;
	if (other < 0)
		unknown_service(set, u->name, &s->diag);
	else if (other == index)
		diag_error(&s->diag, "the service names itself");
	else
		add_edge(g,
			(struct edge){
				.from = backwards ? other : index,
				.to = backwards ? index : other,
				.kind = kinds[u->kind],
				.place = u->place,
				.directive = keys[u->kind],
			});
}

/* A network that is joined binds: without its owner it is an empty room, and after the owner's
 * restart it is another one. */
static void resolve_join(struct graph *g, int index)
{
	struct set *set = g->set;
	struct service *s = set->service[index];
	struct span name = s->network.name;
	int other = set_index(set, name);
	diag_silence(s->extra);
	struct diag *d = service_at(s, D_Namespaces_Network);
	struct service *t = other < 0 ? NULL : set->service[other];
	if (!t)
		unknown_service(set, name, d);
	else if (other == index)
		diag_error(d, "the service joins itself: say private");
	else if (t->unit.type == TYPE_GROUP)
		diag_error(d, "%s is a group, which has no process and so no network", t->name);
	else if (t->sockets.on_demand)
		diag_error(d,
			"%s is started on demand and has no network before: say Activate = boot there",
			t->name);
	else if (t->network.mode == NETWORK_JOIN)
		diag_error(d, "%s itself joins the network of %.*s: join that one", t->name,
			SPAN_ARGS(t->network.name));
	else if (t->network.mode == NETWORK_NAMED)
		diag_error(d, "%s itself is in a network of /run/netns: say netns:%.*s", t->name,
			SPAN_ARGS(t->network.name));
	else if (t->network.mode == NETWORK_HOST)
		diag_error(d, "%s has the host's network: say host", t->name);
	if (!t || s->diag.errors > 0)
		return;
	s->network_of = (uint32_t)other + 1;
	t->joined = true;
	add_edge(g,
		(struct edge){.from = index,
			.to = other,
			.kind = EDGE_BINDS,
			.place = {d->file, d->line},
			.directive = D_Namespaces_Network});
}

/* So that a group of the name exists for what is merely ordered: the log program comes before
 * everything but itself. */
static void order_after_logger(struct graph *g)
{
	const struct set *set = g->set;
	for (size_t logger = 0; logger < set->count; logger++) {
		if (!set->service[logger]->logger)
			continue;
		for (size_t i = 0; i < set->count; i++) {
			if (i != logger)
				add_edge(g,
					(struct edge){.from = (int)i,
						.to = (int)logger,
						.kind = EDGE_AFTER,
						.place = {set->service[i]->file, 0},
						.directive = D_Service_After});
		}
	}
}

/* ---- cycles ---- */

enum colour { WHITE, GREY, BLACK };

struct search {
	struct graph *g;
	enum colour colour[CONFIG_MAX_SERVICES];
	size_t path[CONFIG_MAX_SERVICES + 1]; /* edges from the root of the search to here */
	size_t depth;
};

static bool orders(const struct edge *e)
{
	return !e->dropped && e->kind != EDGE_CONFLICTS;
}

static void cycle_text(const struct graph *g, const size_t *cycle, size_t n, char *text, size_t cap)
{
	size_t used = (size_t)snprintf(text, cap, "%s", g->set->service[g->edge[cycle[0]].from]->name);
	for (size_t i = 0; i < n && used < cap; i++)
		used += (size_t)snprintf(text + used, cap - used, " -> %s",
			g->set->service[g->edge[cycle[i]].to]->name);
}

/* The edge that holds least: one of order alone, else one that only wants. -1: all are required. */
static int weakest(const struct graph *g, const size_t *cycle, size_t n)
{
	static const enum plan_edge_kind weak[] = {EDGE_AFTER, EDGE_WANTS};
	for (size_t k = 0; k < COUNT(weak); k++) {
		for (size_t i = n; i-- > 0;)
			if (g->edge[cycle[i]].kind == weak[k])
				return (int)cycle[i];
	}
	return -1;
}

static void report_cycle(struct graph *g, const size_t *cycle, size_t n)
{
	char text[512];
	int weak = weakest(g, cycle, n);
	cycle_text(g, cycle, n, text, sizeof(text));
	if (weak >= 0) {
		struct edge *e = &g->edge[weak];
		struct diag d = {0};
		diag_silence(g->set->service[e->from]->extra);
		e->dropped = true;
		directive_place(&d, &e->place, e->directive);
		diag_note(&d,
			"the services wait for each other in a circle (%s): %s no longer waits for %s", text,
			g->set->service[e->from]->name, g->set->service[e->to]->name);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const struct edge *e = &g->edge[cycle[i]];
		struct service *s = g->set->service[e->from];
		diag_silence(s->extra);
		directive_place(&s->diag, &e->place, e->directive);
		diag_error(&s->diag,
			"the services require each other in a circle (%s): use After or Wants for one of them",
			text);
		g->edge[cycle[i]].dropped = i == 0; /* goes on to look for others */
	}
}

/* True if a cycle was found and dealt with: the search begins anew. Depth is bounded by
 * CONFIG_MAX_SERVICES. */
static bool visit(struct search *r, int node)
{
	struct graph *g = r->g;
	r->colour[node] = GREY;
	for (size_t i = 0; i < g->count; i++) {
		int to = g->edge[i].to;
		if (g->edge[i].from != node || !orders(&g->edge[i]) || r->colour[to] == BLACK)
			continue;
		r->path[r->depth++] = i;
		if (r->colour[to] == GREY) {
			size_t start = r->depth - 1;
			while (g->edge[r->path[start]].from != to)
				start--;
			report_cycle(g, r->path + start, r->depth - start);
			return true;
		}
		if (visit(r, to))
			return true;
		r->depth--;
	}
	r->colour[node] = BLACK;
	return false;
}

static void break_cycles(struct graph *g)
{
	static struct search r;
	bool again = true;
	while (again) {
		again = false;
		r = (struct search){.g = g};
		for (size_t i = 0; i < g->set->count && !again; i++)
			again = r.colour[i] == WHITE && visit(&r, (int)i);
	}
}

/* ---- what rules itself out ---- */

static bool requires(const struct edge *e)
{
	return e->kind == EDGE_REQUIRES || e->kind == EDGE_BINDS;
}

/* Marks who cannot run without it, itself too. */
static void mark_needers(const struct graph *g, int of, bool *needs)
{
	needs[of] = true;
	for (bool changed = true; changed;) {
		changed = false;
		for (size_t i = 0; i < g->count; i++) {
			const struct edge *e = &g->edge[i];
			if (!requires(e) || !needs[e->to] || needs[e->from])
				continue;
			needs[e->from] = true;
			changed = true;
		}
	}
}

/* What leads a service to both: its own Conflicts, or a service that it requires. NULL if one that
 * it requires needs both already, and is refused itself. */
static const struct edge *way_to_both(const struct graph *g, const struct edge *conflict, int from,
	const bool *one, const bool *other)
{
	const struct edge *way = conflict->from == from ? conflict : NULL;
	for (size_t i = 0; i < g->count; i++) {
		const struct edge *e = &g->edge[i];
		if (e->from != from || !requires(e) || !(one[e->to] || other[e->to]))
			continue;
		if (one[e->to] && other[e->to])
			return NULL;
		way = way ? way : e;
	}
	return way;
}

/* It would be stopped by what it starts, and end without a word. */
static void refuse_contradictions(const struct graph *g)
{
	const struct set *set = g->set;
	for (size_t k = 0; k < g->count; k++) {
		const struct edge *c = &g->edge[k], *way;
		bool one[CONFIG_MAX_SERVICES] = {0}, other[CONFIG_MAX_SERVICES] = {0};
		if (c->kind != EDGE_CONFLICTS)
			continue;
		mark_needers(g, c->from, one);
		mark_needers(g, c->to, other);
		for (size_t i = 0; i < set->count; i++) {
			struct service *s = set->service[i];
			if (!one[i] || !other[i] || s->diag.errors > 0)
				continue;
			if (!(way = way_to_both(g, c, (int)i, one, other)))
				continue;
			diag_silence(s->extra);
			directive_place(&s->diag, &way->place, way->directive);
			diag_error(&s->diag, "%s and %s conflict, and it needs both: it would never run",
				set->service[c->from]->name, set->service[c->to]->name);
		}
	}
}

/* ---- what a refused service takes with it ---- */

static void refuse_dependents(struct graph *g)
{
	const struct set *set = g->set;
	for (bool changed = true; changed;) {
		changed = false;
		for (size_t i = 0; i < g->count; i++) {
			const struct edge *e = &g->edge[i];
			struct service *s = set->service[e->from], *other = set->service[e->to];
			if (!requires(e) || s->diag.errors > 0 || other->diag.errors == 0)
				continue;
			diag_silence(s->extra);
			directive_place(&s->diag, &e->place, e->directive);
			diag_error(&s->diag, "%s is refused: its own file has errors", other->name);
			changed = true;
		}
	}
}

static int by_target(const void *a, const void *b)
{
	const struct plan_edge *x = a, *y = b;
	return x->target != y->target ? (int)x->target - (int)y->target : (int)x->kind - (int)y->kind;
}

static void store(const struct graph *g)
{
	const struct set *set = g->set;
	for (size_t i = 0; i < set->count; i++) {
		struct service *s = set->service[i];
		s->edge = diag_calloc(g->count + 1, sizeof(*s->edge));
		for (size_t e = 0; e < g->count; e++) {
			if (g->edge[e].from == (int)i && !g->edge[e].dropped)
				s->edge[s->edges++] = (struct plan_edge){(uint16_t)g->edge[e].to,
					(uint16_t)g->edge[e].kind};
		}
		qsort(s->edge, s->edges, sizeof(*s->edge), by_target);
		s->edge = diag_realloc(s->edge, (s->edges + 1) * sizeof(*s->edge));
	}
}

void graph_resolve(struct set *set)
{
	struct graph g = {.set = set};
	for (size_t i = 0; i < set->count; i++)
		for (size_t e = 0; e < set->service[i]->unit.edges; e++)
			resolve_one(&g, (int)i, &set->service[i]->unit.edge[e]);
	for (size_t i = 0; i < set->count; i++)
		if (set->service[i]->network.mode == NETWORK_JOIN)
			resolve_join(&g, (int)i);
	order_after_logger(&g);
	break_cycles(&g);
	refuse_contradictions(&g);
	refuse_dependents(&g);
	diag_silence(false);
	store(&g);
}
