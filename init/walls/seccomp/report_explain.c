/* SPDX-License-Identifier: MIT
 * The calls that its filter allows, and under which conditions.
 */
#include "walls/seccomp/conf.h"
#include "walls/report.h"
#include "walls/seccomp/rules.h"
#include <string.h>

/* Those without a condition, side by side. */
static void calls_text(struct explain *e, const struct seccomp_conf *c)
{
	struct seccomp_call call;
	int column = 999;
	for (unsigned i = 0; seccomp_allowed(c, i, &call); i++) {
		if (call.rule.n > 0 || call.logged)
			continue;
		if (column + (int)strlen(call.name) > 120)
			column = explain_text(e, "%s%17s", i ? "\n" : "", "") - 1;
		column += explain_text(e, " %s", call.name);
	}
	explain_text(e, "\n");
}

/* The calls of the default, for what a filter adds to it and takes away. */
static struct {
	struct seccomp_call call[SECCOMP_SLOTS];
	unsigned count;
} usual;

static void find_usual(void)
{
	static struct seccomp_conf conf;
	struct span usually = span_of("default");
	if (usual.count)
		return;
	seccomp_conf_init(&conf);
	if (seccomp_set_filter(&conf, span_of(SECCOMP_USUAL), NULL) < 0 ||
		seccomp_set_families(&conf, usually, NULL) < 0 ||
		seccomp_set_namespaces(&conf, usually, NULL) < 0)
		return;
	while (usual.count < SECCOMP_SLOTS &&
		seccomp_allowed(&conf, usual.count, &usual.call[usual.count]))
		usual.count++;
	for (unsigned i = 0; i < usual.count; i++) /* the next list takes their place */
		usual.call[i].rule = span_of(diag_text("%.*s", SPAN_ARGS(usual.call[i].rule)));
}

static const struct seccomp_call *find_call(const struct seccomp_call *call, unsigned count,
	const char *name)
{
	for (unsigned i = 0; i < count; i++)
		if (strcmp(call[i].name, name) == 0)
			return &call[i];
	return NULL;
}

struct names { /* of calls, as they are printed */
	struct explain *e;
	const char *what;
	int column;
	unsigned count;
};

static void put_name(struct names *n, const char *name)
{
	if (n->count++ == 0)
		n->column = explain_text(n->e, "  %-16s%s", "", n->what) - 1;
	else if (n->column + (int)strlen(name) > 120)
		n->column = explain_text(n->e, "\n%17s", "") - 1;
	n->column += explain_text(n->e, " %s", name);
}

static void end_names(const struct names *n)
{
	if (n->count)
		explain_text(n->e, "\n");
}

/* What is allowed under another condition than by default. */
static void put_conditions(struct explain *e, const struct seccomp_call *call, unsigned count)
{
	unsigned same = 0;
	for (unsigned i = 0; i < count; i++) {
		const struct seccomp_call *by = find_call(usual.call, usual.count, call[i].name);
		if (call[i].logged)
			explain_line(e, "", "%s, logged", call[i].name);
		if (by ? span_same(by->rule, call[i].rule) : call[i].rule.n == 0)
			same += by && by->rule.n > 0;
		else if (call[i].rule.n > 0)
			explain_line(e, "", "%s only if %.*s", call[i].name, SPAN_ARGS(call[i].rule));
		else
			explain_line(e, "", "%s without the default's condition", call[i].name);
	}
	if (same)
		explain_line(e, "", "%u under the conditions of the default", same);
}

/* By what differs from the default, where that is the shorter list. */
static bool by_difference(struct explain *e, const struct seccomp_conf *c)
{
	static struct seccomp_call call[SECCOMP_SLOTS];
	struct names more = {.e = e, .what = "and"}, less = {.e = e, .what = "but not"};
	unsigned count = 0, common = 0;
	find_usual();
	while (count < SECCOMP_SLOTS && seccomp_allowed(c, count, &call[count]))
		count++;
	for (unsigned i = 0; i < usual.count; i++)
		common += find_call(call, count, usual.call[i].name) != NULL;
	if (common <= usual.count - common)
		return false;
	explain_line(e, "", "those of %s", SECCOMP_USUAL);
	for (unsigned i = 0; i < count; i++)
		if (!find_call(usual.call, usual.count, call[i].name))
			put_name(&more, call[i].name);
	end_names(&more);
	for (unsigned i = 0; i < usual.count; i++)
		if (!find_call(call, count, usual.call[i].name))
			put_name(&less, usual.call[i].name);
	end_names(&less);
	put_conditions(e, call, count);
	return true;
}

static void calls(struct explain *e, const struct seccomp_conf *c)
{
	struct seccomp_call call;
	json_row(&e->json, "system_calls", '{');
	for (unsigned i = 0; seccomp_allowed(c, i, &call); i++) {
		if (call.rule.n > 0) {
			explain_line(e, "", "%s%s only if %.*s", call.name, call.logged ? ", logged," : "",
				SPAN_ARGS(call.rule));
			json_span(&e->json, call.name, call.rule);
			continue;
		}
		if (call.logged)
			explain_line(e, "", "%s, logged", call.name);
		json_bool(&e->json, call.name, true);
	}
	json_close(&e->json, '}');
}

void seccomp_explain(struct explain *e, const void *conf, const struct wall_context *context)
{
	static struct sock_filter insn[BPF_MAXINSNS];
	struct seccomp_call call;
	unsigned count = 0;
	(void)context;
	while (seccomp_allowed(conf, count, &call))
		count++;
	explain_line(e, "system calls", "%u allowed, filter of %zu instructions", count,
		seccomp_program(conf, insn));
	if (!e->text || e->full || !by_difference(e, conf)) {
		if (e->text)
			calls_text(e, conf);
		calls(e, conf);
	}
	json_row(&e->json, "logged_calls", '[');
	for (unsigned i = 0; seccomp_allowed(conf, i, &call); i++)
		if (call.logged)
			json_text(&e->json, NULL, call.name);
	json_close(&e->json, ']');
	if (seccomp_no_exec_gain(conf))
		explain_line(e, "memory",
			"what is written is never run: PR_SET_MDWE too, where the kernel has it");
}
