/* SPDX-License-Identifier: MIT
 * What a service waits for: other services, and conditions: see unit.h.
 */
#include "base/count.h"
#include "compile/unit/unit.h"
#include "plan/names.h"
#include <string.h>

/* ---- dependencies ---- */

bool unit_name_valid(struct span name)
{
	if (name.n == 0 || name.n >= CONFIG_MAX_NAME)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!plain && (i == 0 || (c != '_' && c != '-' && c != '@')))
			return false;
	}
	return true;
}

static void drop_edges(struct unit_conf *u, enum unit_dependency kind)
{
	size_t kept = 0;
	for (size_t i = 0; i < u->edges; i++)
		if (u->edge[i].kind != kind)
			u->edge[kept++] = u->edge[i];
	u->edges = kept;
}

static struct unit_edge *find_edge(struct unit_conf *u, enum unit_dependency kind, struct span name)
{
	for (size_t i = 0; i < u->edges; i++)
		if (u->edge[i].kind == kind && span_same(u->edge[i].name, name))
			return &u->edge[i];
	return NULL;
}

/* [-]NAME: there need not be such a service, where it can be done without. */
static int add_edge(struct unit_conf *u, enum unit_dependency kind, struct span name,
	struct diag *d)
{
	bool optional = name.n > 1 && name.p[0] == '-';
	if (optional)
		name = (struct span){name.p + 1, name.n - 1};
	if (span_ends(name, ".service"))
		return diag_error(d, "\"%.*s\" is not a service's name, expected it without .service",
			SPAN_ARGS(name));
	if (span_ends(name, ".target"))
		return diag_error(d,
			"\"%.*s\" is not a service's name, expected one: targets there are none, so leave it out or name who does it",
			SPAN_ARGS(name));
	if (!unit_name_valid(name))
		return diag_error(d,
			"\"%.*s\" is not a service's name, expected letters, digits, _ - and @ (at most %d)",
			SPAN_ARGS(name), CONFIG_MAX_NAME - 1);
	if (optional && (kind == DEP_REQUIRES || kind == DEP_BINDS))
		return diag_error(d, "\"-%.*s\" is required and may be absent: say Wants", SPAN_ARGS(name));
	struct unit_edge *known = find_edge(u, kind, name);
	if (known) {
		known->optional = known->optional && optional;
		return 0;
	}
	if (u->edges == CONFIG_MAX_EDGES)
		return diag_error(d, "more than %d dependencies in all", CONFIG_MAX_EDGES);
	u->edge[u->edges++] = (struct unit_edge){.name = name,
		.kind = kind,
		.optional = optional,
		.place = {d->file, d->line}};
	return 0;
}

int unit_set_edges(void *conf, unsigned kind, struct span value, struct diag *d)
{
	struct unit_conf *u = conf;
	struct span rest = value, word;
	if (value.n == 0)
		drop_edges(u, kind);
	while (span_word(&rest, &word)) {
		int err = add_edge(u, kind, word, d);
		if (err < 0)
			return err;
	}
	return 0;
}

/* ---- conditions ---- */

static int add_condition(struct unit_conf *u, enum plan_condition_kind kind, bool negate,
	struct span value, struct diag *d)
{
	if (u->conditions == UNIT_MAX_CONDITIONS)
		return diag_error(d, "more than %d conditions", UNIT_MAX_CONDITIONS);
	u->condition[u->conditions].kind = (uint16_t)kind;
	u->condition[u->conditions].negate = negate;
	u->condition[u->conditions++].value = value;
	return 0;
}

static bool resets_condition(struct unit_conf *u, enum plan_condition_kind kind, struct span value)
{
	size_t kept = 0;
	if (value.n > 0)
		return false;
	for (size_t i = 0; i < u->conditions; i++)
		if (u->condition[i].kind != kind)
			u->condition[kept++] = u->condition[i];
	u->conditions = kept;
	return true;
}

static bool take_negation(struct span *value)
{
	if (value->n == 0 || value->p[0] != '!')
		return false;
	*value = span_trim((struct span){value->p + 1, value->n - 1});
	return true;
}

int unit_set_condition_path(void *conf, struct span value, struct diag *d)
{
	bool negate = take_negation(&value);
	if (!negate && resets_condition(conf, COND_PATH_EXISTS, value))
		return 0;
	int err = value_path(value, d);
	return err < 0 ? err : add_condition(conf, COND_PATH_EXISTS, negate, value, d);
}

int unit_set_condition_command_line(void *conf, struct span value, struct diag *d)
{
	bool negate = take_negation(&value);
	if (!negate && resets_condition(conf, COND_KERNEL_COMMAND_LINE, value))
		return 0;
	if (value.n == 0 || memchr(value.p, ' ', value.n))
		return diag_error(d, "\"%.*s\" is not one word, expected WORD or NAME=VALUE",
			SPAN_ARGS(value));
	return add_condition(conf, COND_KERNEL_COMMAND_LINE, negate, value, d);
}

int unit_set_condition_architecture(void *conf, struct span value, struct diag *d)
{
	static const char *const names[] = {"x86-64", "arm64", "arm", "native", NULL};
	bool negate = take_negation(&value);
	unsigned i = 0;
	if (!negate && resets_condition(conf, COND_ARCHITECTURE, value))
		return 0;
	int err = value_choice(value, names, &i, d);
	return err < 0 ? err : add_condition(conf, COND_ARCHITECTURE, negate, value, d);
}

int unit_set_condition_first_boot(void *conf, struct span value, struct diag *d)
{
	bool yes = false;
	if (resets_condition(conf, COND_FIRST_BOOT, value))
		return 0;
	int err = value_bool(value, &yes, d);
	return err < 0 ? err
				   : add_condition(conf, COND_FIRST_BOOT, false, span_of(yes ? "yes" : "no"), d);
}
