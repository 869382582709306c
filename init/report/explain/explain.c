/* SPDX-License-Identifier: MIT
 * `--explain`: each directive with its effective value and origin, then the walls as they will
 * stand. See explain.h.
 */
#include "report/explain/explain.h"
#include "compile/emit/context.h"
#include "compile/read/load.h"
#include "compile/unit/directives.h"
#include "report/inforce/inforce.h"
#include "walls/report.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct page {
	struct explain e;
	const struct service *s;
	struct inforce *inforce; /* NULL: not asked for */
	const char *section;     /* of the line before */
	bool differing;          /* those that differ from the default are printed, or the others */
};

struct shown { /* a line of a directive */
	enum directive_id directive;
	struct span value;
	const struct assignment *set; /* NULL: the default */
};

static void origin_text(const struct assignment *a, char *buf, size_t cap)
{
	static const char *const before[] = {
		[LAYER_DEFAULTS] = "[Defaults] ",
		[LAYER_PROFILE] = "profile ",
		[LAYER_FILE] = "",
		[LAYER_DROP_IN] = "drop-in ",
	};
	snprintf(buf, cap, "%s%s:%u", before[a->layer], a->place.file, a->place.line);
}

/* Whether the i-th line is among those that make the value: of a scalar the last, of a list
 * those behind the last reset. */
static bool effective(const struct service *s, size_t i)
{
	const struct directive *t = &directives[s->set[i].directive];
	if (!load_counts(s, &s->set[i]) || (t->flags & LIST && s->set[i].value.n == 0))
		return false;
	for (size_t k = i + 1; k < s->set_count; k++)
		if (s->set[k].directive == s->set[i].directive && load_counts(s, &s->set[k]) &&
			(!(t->flags & LIST) || s->set[k].value.n == 0))
			return false;
	return true;
}

static bool is_set(const struct service *s, enum directive_id directive)
{
	for (size_t i = 0; i < s->set_count; i++)
		if (s->set[i].directive == directive)
			return true;
	return false;
}

/* Of what this build leaves out nothing is the default, and of a service without sockets nothing
 * is said about them. */
static const char *default_of(const struct service *s, enum directive_id directive)
{
	bool none = strcmp(directives[directive].section, "Socket") == 0 && s->sockets.count == 0;
	return !directives[directive].left_out && !none ? directives[directive].fallback : NULL;
}

/* ---- directives ---- */

static const char *value_at_default(enum directive_id directive)
{
	const char *value = directives[directive].left_out ? NULL : directives[directive].fallback;
	return value ? value : "";
}

/* Whether a line says what would hold without it. */
static bool is_default(const struct shown *line)
{
	return !line->set || span_is(line->value, value_at_default(line->directive));
}

static void text_line(struct page *p, const struct shown *line)
{
	const struct directive *d = &directives[line->directive];
	char origin[300] = "default";
	if (strcmp(p->section, d->section) != 0)
		printf("\n[%s]\n", d->section);
	p->section = d->section;
	if (line->set)
		origin_text(line->set, origin, sizeof(origin));
	int n = printf("%c %-24s = %.*s", is_default(line) ? ' ' : '*', d->key, SPAN_ARGS(line->value));
	if (CONFIG_IN_FORCE && p->inforce) {
		n += printf("%*s  %s", n < 52 ? 52 - n : 0, "", inforce_of(p->inforce, line->directive));
		n -= 12; /* two columns of values need the room */
	}
	printf("%*s  %s\n", n < 72 ? 72 - n : 0, "", origin);
}

static void json_line(struct page *p, const struct shown *line)
{
	static const char *const kinds[] = {[LAYER_DEFAULTS] = "defaults",
		[LAYER_PROFILE] = "profile",
		[LAYER_FILE] = "file",
		[LAYER_DROP_IN] = "drop-in"};
	const struct directive *d = &directives[line->directive];
	struct json *j = &p->e.json;
	json_row(j, NULL, '{');
	json_text(j, "section", d->section);
	json_text(j, "name", d->key);
	json_span(j, "value", line->value);
	if (CONFIG_IN_FORCE && p->inforce)
		json_text(j, "in_force", inforce_of(p->inforce, line->directive));
	json_text(j, "origin", line->set ? kinds[line->set->layer] : "default");
	if (line->set) {
		json_text(j, "file", line->set->place.file);
		json_u64(j, "line", line->set->place.line);
	}
	json_close(j, '}');
}

/* What a default asks for and the kernel does not show is said in the brief form, too. */
static bool is_lacking(struct page *p, const struct shown *line)
{
	return CONFIG_IN_FORCE && p->inforce && inforce_lacks(p->inforce, line->directive);
}

static void choose_line(struct page *p, const struct shown *line)
{
	bool wanted = p->differing != is_default(line) || (p->differing && is_lacking(p, line));
	if (!p->e.text)
		json_line(p, line);
	else if (wanted)
		text_line(p, line);
}

/* Each line of each directive that is set or has a default, in the order of the table. */
static void each_line(struct page *p)
{
	const struct service *s = p->s;
	for (unsigned d = 0; directives[d].section; d++) {
		if (!is_set(s, d) && default_of(s, d))
			choose_line(p, &(struct shown){d, span_of(default_of(s, d)), NULL});
		for (size_t i = 0; i < s->set_count; i++)
			if (s->set[i].directive == d && effective(s, i))
				choose_line(p, &(struct shown){d, s->set[i].value, &s->set[i]});
	}
}

/* First what differs from the default. */
static void text_lines(struct page *p)
{
	p->differing = true;
	each_line(p);
	if (!p->e.full) {
		printf("\nWhat is as by default is left out: --full prints it\n");
		return;
	}
	p->differing = false;
	p->section = "";
	printf("\nAs by default\n");
	each_line(p);
}

/* ---- walls ---- */

/* The sockets stand in another place in JSON. */
static void walls(struct page *p)
{
	const struct wall_context *context = context_of(p->s);
	unsigned before_sockets = p->e.text ? WALL_FILESYSTEM : WALL_IDENTITY;
#define EXPLAIN(NAME, name) \
	if (CONFIG_SOCKETS && WALL_##NAME == before_sockets) \
		explain_sockets(&p->e, p->s); \
	name##_explain(&p->e, &p->s->name, context);
	PLAN_WALLS(EXPLAIN)
}

/* ---- all of it ---- */

static void text_page(struct page *p)
{
	const struct service *s = p->s;
	printf("%s: %.*s\n%s\n", s->name,
		SPAN_ARGS(s->unit.description.n ? s->unit.description : span_of("(no description)")),
		s->file);
	if (s->diag.errors > 0)
		printf("REFUSED: %s\n", s->diag.first);
	if (CONFIG_IN_FORCE && p->inforce)
		printf("\n  %-24s   %-23s  %-18s  %s\n", "DIRECTIVE", "ASKED FOR", "IN FORCE", "FROM");
	text_lines(p);
	if (s->unit.type == TYPE_GROUP)
		return;
	printf("\nWalls\n");
	walls(p);
	if (CONFIG_IN_FORCE && p->inforce)
		inforce_text(p->inforce);
}

static void json_page(struct page *p)
{
	struct json *j = &p->e.json;
	json_open(j, NULL, '{');
	json_text(j, "service", p->s->name);
	json_text(j, "file", p->s->file);
	if (p->s->diag.errors > 0)
		json_text(j, "refused", p->s->diag.first);
	else
		json_null(j, "refused");
	json_open(j, "directives", '[');
	each_line(p);
	json_close(j, ']');
	if (CONFIG_IN_FORCE && p->inforce)
		inforce_json(p->inforce, j);
	json_open(j, "walls", '{');
	walls(p);
	json_close(j, '}');
	json_close(j, '}');
}

void explain_service(const struct service *s, struct inforce *inforce, enum explain_form form)
{
	bool json = form == EXPLAIN_JSON;
	struct page p = {
		.e = {.text = !json, .full = form != EXPLAIN_BRIEF, .json = {.out = json ? stdout : NULL}},
		.s = s,
		.inforce = inforce,
		.section = ""};
	(json ? json_page : text_page)(&p);
}
