/* SPDX-License-Identifier: MIT
 * The calls that its filter allows, and under which conditions.
 */
#include "walls/seccomp/conf.h"
#include "walls/report.h"
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
	if (e->text)
		calls_text(e, conf);
	calls(e, conf);
	json_row(&e->json, "logged_calls", '[');
	for (unsigned i = 0; seccomp_allowed(conf, i, &call); i++)
		if (call.logged)
			json_text(&e->json, NULL, call.name);
	json_close(&e->json, ']');
	if (seccomp_no_exec_gain(conf))
		explain_line(e, "memory",
			"what is written is never run: PR_SET_MDWE too, where the kernel has it");
}
