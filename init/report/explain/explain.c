/* SPDX-License-Identifier: MIT
 * `--explain`: each directive with its effective value and origin, then the walls as they will
 * stand. See explain.h.
 */
#include "report/explain/explain.h"
#include "compile/emit/context.h"
#include "compile/read/load.h"
#include "compile/unit/directives.h"
#include "print/json.h"
#include "report/inforce/inforce.h"
#include "walls/report.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct explain {
	const struct service *s;
	struct inforce *inforce; /* NULL: not asked for */
	const char *section;     /* of the line before */
	bool first;
};

struct shown { /* a line of a directive */
	int directive;
	struct span value;
	const struct assignment *set; /* NULL: the default */
};

typedef void show(struct explain *e, const struct shown *line);

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

static bool is_set(const struct service *s, int directive)
{
	for (size_t i = 0; i < s->set_count; i++)
		if (s->set[i].directive == directive)
			return true;
	return false;
}

/* Of what this build leaves out nothing is the default, and of a service without sockets nothing
 * is said about them. */
static const char *default_of(const struct service *s, int directive)
{
	bool none = strcmp(directives[directive].section, "Socket") == 0 && s->sockets.count == 0;
	return !directives[directive].left_out && !none ? directives[directive].fallback : NULL;
}

/* Each line of each directive that is set or has a default, in the order of the table. */
static void each_line(struct explain *e, show *line)
{
	const struct service *s = e->s;
	for (int d = 0; directives[d].section; d++) {
		if (!is_set(s, d) && default_of(s, d))
			line(e, &(struct shown){d, span_of(default_of(s, d)), NULL});
		for (size_t i = 0; i < s->set_count; i++)
			if (s->set[i].directive == d && effective(s, i))
				line(e, &(struct shown){d, s->set[i].value, &s->set[i]});
	}
}

/* ---- text ---- */

static void text_line(struct explain *e, const struct shown *line)
{
	const struct directive *d = &directives[line->directive];
	char origin[300] = "default";
	if (strcmp(e->section, d->section) != 0)
		printf("\n[%s]\n", d->section);
	e->section = d->section;
	if (line->set)
		origin_text(line->set, origin, sizeof(origin));
	int n = printf("  %-24s = %.*s", d->key, SPAN_ARGS(line->value));
	if (e->inforce) {
		n += printf("%*s  %s", n < 52 ? 52 - n : 0, "",
			inforce_of(e->inforce, (enum directive_id)line->directive));
		n -= 12; /* two columns of values need the room */
	}
	printf("%*s  %s\n", n < 72 ? 72 - n : 0, "", origin);
}

static void text_walls(const struct service *s)
{
	struct landlock_conf_rule rules[CONTEXT_RULES];
	struct wall_context context;
	context_of(s, rules, &context);
	printf("\nWalls\n");
#define TEXT(NAME, name) \
	if (CONFIG_SOCKETS && WALL_##NAME == WALL_FILESYSTEM) \
		sockets_text(s); \
	if (name##_explain.text) \
		name##_explain.text(&s->name, &context);
	WALLS_SHOWN(TEXT)
}

void explain_text(const struct service *s, struct inforce *inforce)
{
	struct explain e = {.s = s, .inforce = inforce, .section = ""};
	printf("%s: %.*s\n%s\n", s->name,
		SPAN_ARGS(s->unit.description.n ? s->unit.description : span_of("(no description)")),
		s->file);
	if (s->diag.errors > 0)
		printf("REFUSED: %s\n", s->diag.first);
	if (inforce)
		printf("\n  %-24s   %-23s  %-18s  %s\n", "DIRECTIVE", "ASKED FOR", "IN FORCE", "FROM");
	each_line(&e, text_line);
	if (s->unit.type == TYPE_GROUP)
		return;
	text_walls(s);
	if (inforce)
		inforce_text(inforce);
}

/* ---- JSON ---- */

static void json_line(struct explain *e, const struct shown *line)
{
	static const char *const kinds[] = {[LAYER_DEFAULTS] = "defaults",
		[LAYER_PROFILE] = "profile",
		[LAYER_FILE] = "file",
		[LAYER_DROP_IN] = "drop-in"};
	const struct directive *d = &directives[line->directive];
	printf("%s\n    {\"section\": \"%s\", \"name\": \"%s\", \"value\": ", e->first ? "" : ",",
		d->section, d->key);
	e->first = false;
	json_span(line->value);
	if (e->inforce) {
		printf(", \"in_force\": ");
		json_text(inforce_of(e->inforce, (enum directive_id)line->directive));
	}
	printf(", \"origin\": \"%s\"", line->set ? kinds[line->set->layer] : "default");
	if (line->set) {
		printf(", \"file\": ");
		json_text(line->set->place.file);
		printf(", \"line\": %u", line->set->place.line);
	}
	printf("}");
}

static void json_walls(const struct service *s)
{
	struct landlock_conf_rule rules[CONTEXT_RULES];
	struct wall_context context;
	bool first = true;
	context_of(s, rules, &context);
	printf("  \"walls\": {\n");
#define JSON(NAME, name) \
	if (CONFIG_SOCKETS && WALL_##NAME == WALL_IDENTITY) \
		sockets_json(s); \
	if (name##_explain.json) { \
		printf("%s", first ? "" : ",\n"); \
		name##_explain.json(&s->name, &context); \
		first = false; \
	}
	WALLS_SHOWN(JSON)
	printf("\n  }\n");
}

void explain_json(const struct service *s, struct inforce *inforce)
{
	struct explain e = {.s = s, .inforce = inforce, .first = true};
	printf("{\n  \"service\": ");
	json_text(s->name);
	printf(",\n  \"file\": ");
	json_text(s->file);
	printf(",\n  \"refused\": ");
	if (s->diag.errors > 0)
		json_text(s->diag.first);
	else
		printf("null");
	printf(",\n  \"directives\": [");
	each_line(&e, json_line);
	printf("\n  ],\n");
	if (inforce)
		inforce_json(inforce);
	json_walls(s);
	printf("}\n");
}
