/* SPDX-License-Identifier: MIT
 * The calls that its filter allows, and under which conditions.
 */
#include "walls/seccomp/conf.h"
#include "print/json.h"
#include "walls/report.h"
#include <stdio.h>
#include <string.h>

static void explain_text(const void *conf, const struct wall_context *context)
{
	static struct sock_filter insn[BPF_MAXINSNS];
	struct seccomp_call call;
	unsigned count = 0;
	int column = 999;
	(void)context;
	while (seccomp_allowed(conf, count, &call))
		count++;
	printf("  system calls    %u allowed, filter of %zu instructions\n", count,
		seccomp_program(conf, insn));
	for (unsigned i = 0; seccomp_allowed(conf, i, &call); i++) {
		if (call.rule.n > 0 || call.logged)
			continue;
		if (column + (int)strlen(call.name) > 120)
			column = printf("%s                 ", i ? "\n" : "") - 1;
		column += printf(" %s", call.name);
	}
	printf("\n");
	for (unsigned i = 0; seccomp_allowed(conf, i, &call); i++)
		if (call.rule.n > 0)
			printf("                  %s%s only if %.*s\n", call.name,
				call.logged ? ", logged," : "", SPAN_ARGS(call.rule));
		else if (call.logged)
			printf("                  %s, logged\n", call.name);
	if (seccomp_no_exec_gain(conf))
		printf(
			"  memory          what is written is never run: PR_SET_MDWE too, where the kernel has it\n");
}

static void explain_json(const void *conf, const struct wall_context *context)
{
	struct seccomp_call call;
	bool first = true;
	(void)context;
	printf("    \"system_calls\": {");
	for (unsigned i = 0; seccomp_allowed(conf, i, &call); i++) {
		printf("%s\"%s\": ", i ? ", " : "", call.name);
		if (call.rule.n > 0)
			json_span(call.rule);
		else
			printf("true");
	}
	printf("},\n    \"logged_calls\": [");
	for (unsigned i = 0; seccomp_allowed(conf, i, &call); i++) {
		if (call.logged)
			printf("%s\"%s\"", first ? "" : ", ", call.name);
		first = first && !call.logged;
	}
	printf("]");
}

const struct wall_explain seccomp_explain = {explain_text, explain_json};
