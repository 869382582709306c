/* SPDX-License-Identifier: MIT
 * Filters that are errors: one under which the program is never executed, one that contradicts
 * itself, one that the kernel would not accept.
 */
#include "walls/seccomp/rules.h"
#include "base/count.h"
#include <errno.h>
#include <string.h>

/* Several rules about one call are alternatives, of which there is a limit. */
static int check_joined(const struct seccomp_conf *conf, struct diag *d)
{
	static struct seccomp_rule scratch;
	for (size_t i = 0; i < conf->rules; i++) {
		struct span name, other, expression;
		scratch.clauses = 0;
		rule_split(conf->rule[i], &name, &expression, NULL);
		for (size_t j = 0; j < conf->rules; j++) {
			rule_split(conf->rule[j], &other, &expression, NULL);
			int err = abi_same_call(name, other) ? rule_parse(other, expression, &scratch, d) : 0;
			if (err < 0)
				return err;
		}
	}
	return 0;
}

/* The filter stands before the program is executed: without these not even its first
 * instruction, or its end, is reached. */
static int check_needed(const struct seccomp_conf *conf, struct diag *d)
{
	static const char *const needed[] = {"execve", "exit_group"};
	struct seccomp_call call;
	for (size_t i = 0; i < COUNT(needed); i++) {
		bool found = false;
		for (unsigned k = 0; seccomp_allowed(conf, k, &call); k++)
			found = found || strcmp(call.name, needed[i]) == 0;
		if (!found)
			return diag_error(d,
				"%s must be allowed, or nothing can start: the filter stands before the program is executed",
				needed[i]);
	}
	return 0;
}

/* Who names a call means it: not to be answered by a directive that keeps it out. */
static int check_named(const struct seccomp_conf *conf, struct diag *d)
{
	static struct seccomp_set set;
	memset(&set, 0, sizeof(set));
	for (size_t i = 0; i < conf->filter.count; i++)
		set_line(abi_native(), &set, conf->filter.line[i], false, "");
	const char *call;
	for (size_t i = 0; (call = restrict_hidden(i)) != NULL; i++) {
		const char *directive = restrict_contradicts(conf, set.everything, call);
		if (directive && set_names(&conf->filter, call))
			return diag_error(d,
				"%s cannot be allowed while %s holds: what it does lies in memory, out of a filter's sight: say %s = no",
				call, directive, directive);
	}
	return 0;
}

int seccomp_check(const struct seccomp_conf *conf, struct diag *d)
{
	static struct sock_filter insn[BPF_MAXINSNS];
	/* most services ask for the same one */
	if (program_is_checked(conf))
		return 0;
	int err = check_needed(conf, d);
	if (err == 0)
		err = check_named(conf, d);
	if (err == 0)
		err = check_joined(conf, d);
	if (err == 0 && seccomp_program(conf, insn) == 0)
		return diag_error(d,
			"the filter would have more than %d instructions, the kernel's limit: use fewer rules",
			BPF_MAXINSNS);
	if (err == 0)
		program_passed(conf);
	return err;
}
