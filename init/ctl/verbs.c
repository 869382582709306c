/* SPDX-License-Identifier: MIT
 * The table of verbs: see verbs.h.
 */
#include "ctl/verbs.h"
#include "base/count.h"
#include "base/feature.h"
#include "base/nearest.h"
#include <limits.h>
#include <stdio.h>
#include <string.h>

static int help(const struct ctl *c);

static const char all_options[] = "jhVSLC";
static const struct verb verbs[] = {
	{"status", ctl_status, 0, "", 0, INT_MAX, "[SERVICE...]",
		"all services as a tree, or some in full"},
	{"start", ctl_change, PROTO_START, "", 1, INT_MAX, "SERVICE...",
		"start, with what they require; waits until they are ready"},
	{"stop", ctl_change, PROTO_STOP, "", 1, INT_MAX, "SERVICE...",
		"stop, after what requires them"},
	{"restart", ctl_change, PROTO_RESTART, "", 1, INT_MAX, "SERVICE...", "stop and start"},
	{"kill", ctl_change, PROTO_KILL, "s", 1, INT_MAX, "[-s SIGNAL] SERVICE...",
		"send a signal (TERM) to the main process"},
	{"reset", ctl_change, PROTO_RESET, "", 1, INT_MAX, "SERVICE...",
		"forget a failure and the start limit"},
	{"logs", ctl_logs, 0, "fn", 0, INT_MAX, "[-f] [-n LINES] [SERVICE...]",
		"what services wrote, by time; -f follows"},
	{"timers", ON(TIMERS, ctl_timers), OF(TIMERS), "", 0, 0, "",
		"services with a [Timer]: when they start next, and did last"},
	{"explain", ON(EXPLAIN, ctl_explain), OF(EXPLAIN), "ra", 1, 1,
		"[--full] [--root DIR] SERVICE|FILE.ini",
		"what differs from the default and where from, and the walls in force"},
	{"security", ON(SECURITY, ctl_security), OF(SECURITY), "rl", 0, INT_MAX,
		"[--root DIR] [--limit SCORE] [SERVICE|FILE.ini...]",
		"what each service has open, and why that matters"},
	{"check", ON(COMPILER, ctl_check), OF(COMPILER), "r", 0, INT_MAX, "[--root DIR] [FILE...]",
		"check service files"},
	{"diff", ON(RELOAD, ctl_diff), OF(RELOAD), "r", 0, INT_MAX, "[--root DIR] [SERVICE...]",
		"how the service files differ from what PID 1 runs by"},
	{"reload", ON(RELOAD, ctl_reload), OF(RELOAD), "A", 0, INT_MAX, "[--apply] [SERVICE...]",
		"put the service files in force (--apply restarts what has changed); or tell services to reload"},
	{"try", ON(TRY, ctl_try), OF(TRY), "O", 1, INT_MAX, "[--optional WALLS] FILE [-- ARGUMENT...]",
		"run a service file here, without PID 1"},
	{"learn", ON(LEARN, ctl_learn), OF(LEARN), "OToA", 1, INT_MAX,
		"[--seconds N] [--output FILE | --apply] [--optional WALLS] SERVICE|FILE.ini [-- ARGUMENT...]",
		"watch it run, and write the lines that it needs"},
	{"kernel-check", ON(KERNEL_CHECK, ctl_kernel), OF(KERNEL_CHECK), "F", 0, 1,
		"[--fragment] [FILE]", "what a kernel's configuration lacks, and what that costs"},
	{"info", ctl_info, 0, "", 0, 0, "", "the machine, and the limits of this build"},
	{"poweroff", ctl_final, FINAL_POWEROFF, "", 0, 0, "", "stop everything and power off"},
	{"reboot", ctl_final, FINAL_REBOOT, "", 0, 0, "", "stop everything and start again"},
	{"halt", ctl_final, FINAL_HALT, "", 0, 0, "", "stop everything and halt"},
	{"rescue", ctl_final, FINAL_RESCUE, "", 0, 0, "",
		"stop everything; then a shell on the console, or a reboot (RescueShell)"},
	{"help", help, 0, "", 0, 1, "[VERB]", "this text"},
};

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < COUNT(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

const struct verb *verb_seek(char **argv)
{
	const struct verb *v = NULL;
	while (!v && *++argv)
		v = verb_find(*argv);
	return v;
}

/* One line, to which the right usage belongs: that of the verb, if it is known. */
int verb_usage(const struct verb *v, const char *what, const char *which)
{
	fprintf(stderr, "bulkctl: %s%s%s%s%s; ", v ? v->name : "", v ? ": " : "", what,
		which ? " " : "", which ? which : "");
	if (v)
		fprintf(stderr, "usage: bulkctl %s%s%s\n", v->name, *v->usage ? " " : "", v->usage);
	else
		fputs("see bulkctl help\n", stderr);
	return CTL_USAGE;
}

int verb_unknown(const struct verb *v, const char *name)
{
	struct nearest near;
	nearest_begin(&near, span_of(name));
	for (size_t i = 0; i < COUNT(verbs); i++)
		nearest_try(&near, span_of(verbs[i].name));
	fprintf(stderr, "bulkctl: %s%sno such verb: %s%s; see bulkctl help\n", v ? v->name : "",
		v ? ": " : "", name, nearest_hint(&near));
	return CTL_USAGE;
}

int verb_left_out(const char *what, int option)
{
	fprintf(stderr, "bulkctl: %s: " FEATURE_WITHOUT " %s\n", what, feature_name((unsigned)option));
	return CTL_USAGE;
}

static void print_verb(FILE *out, const struct verb *v)
{
	if (!v->run)
		return;
	int n = fprintf(out, "  %s %s", v->name, v->usage);
	fprintf(out, "%s%*s%s\n", n < 40 ? "" : "\n", n < 40 ? 40 - n : 40, "", v->help);
}

static int help_verb(const struct verb *v)
{
	if (!v->run)
		return verb_left_out(v->name, v->value);
	print_verb(stdout, v);
	return CTL_OK;
}

static int help(const struct ctl *c)
{
	const struct verb *one = c->count ? verb_find(c->names[0]) : NULL;
	if (c->count)
		return one ? help_verb(one) : verb_unknown(verb_find("help"), c->names[0]);
	puts(
		"bulkctl: looks after the services of bulkhead(8)\n\nusage: bulkctl [--json] VERB [ARGUMENTS]");
	for (size_t i = 0; i < COUNT(verbs); i++)
		print_verb(stdout, &verbs[i]);
	puts(
		"\nExit status: 0 well, 1 failed or not found, 2 usage, 3 not running (status SERVICE), 4 no permission,\n"
		"5 something asked for is not in force (explain, diff), 6 it goes on unseen, 111 PID 1 can't be reached. More in bulkctl(8).");
	return CTL_OK;
}

bool verb_takes(const struct verb *v, char letter)
{
	return strchr(v->options, letter) || strchr(all_options, letter);
}

int verb_help(const struct ctl *c, const struct verb *v)
{
	return v ? help_verb(v) : help(c);
}
