/* SPDX-License-Identifier: MIT
 * bulkctl: the command line. What a verb may be given stands in its row of the table.
 */
#include "base/channel.h"
#include "base/errname.h"
#include "base/feature.h"
#include "base/num.h"
#include "ctl/ctl.h"
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define COMPILER "/usr/lib/bulkhead/bulkhead-compile"

struct verb {
	const char *name;
	int (*run)(const struct ctl *c); /* NULL: left out with the option in `value` */
	int value;
	const char *options; /* short forms of those it takes; all take `all_options` */
	int least, most;     /* names */
	const char *usage;
	const char *help;
};

static int help(const struct ctl *c);
static int usage(const char *verb, const char *what, const char *which);

static const char all_options[] = "jhVSLC";
static const struct verb verbs[] = {
	{"status", ctl_status, 0, "", 0, INT_MAX, "[SERVICE...]", "all services as a tree, or some in full"},
	{"start", ctl_change, PROTO_START, "", 1, INT_MAX, "SERVICE...", "start, with what they require; waits until they are ready"},
	{"stop", ctl_change, PROTO_STOP, "", 1, INT_MAX, "SERVICE...", "stop, after what requires them"},
	{"restart", ctl_change, PROTO_RESTART, "", 1, INT_MAX, "SERVICE...", "stop and start"},
	{"kill", ctl_change, PROTO_KILL, "s", 1, INT_MAX, "[-s SIGNAL] SERVICE...", "send a signal (TERM) to the main process"},
	{"reset", ctl_change, PROTO_RESET, "", 1, INT_MAX, "SERVICE...", "forget a failure and the start limit"},
	{"logs", ctl_logs, 0, "fn", 0, INT_MAX, "[-f] [-n LINES] [SERVICE...]", "what services wrote, by time; -f follows"},
	{"explain", ON(EXPLAIN, ctl_explain), OF(EXPLAIN), "r", 1, 1, "[--root DIR] SERVICE",
		"the walls in force and where each value comes from"},
	{"security", ON(SECURITY, ctl_security), OF(SECURITY), "rl", 0, INT_MAX, "[--root DIR] [--limit SCORE] [SERVICE...]",
		"what each service has open, and why that matters"},
	{"check", ON(COMPILER, ctl_check), OF(COMPILER), "r", 0, INT_MAX, "[--root DIR] [FILE...]", "check service files"},
	{"try", ON(TRY, ctl_try), OF(TRY), "O", 1, INT_MAX, "[--optional WALLS] FILE [-- ARGUMENT...]",
		"run a service file here, without PID 1"},
	{"learn", ON(LEARN, ctl_learn), OF(LEARN), "OToA", 1, INT_MAX, "[OPTIONS] SERVICE|FILE [-- ARGUMENT...]",
		"watch it run, and write the lines that it needs"},
	{"kernel-check", ON(KERNEL_CHECK, ctl_kernel), OF(KERNEL_CHECK), "F", 0, 1, "[--fragment] [FILE]",
		"what a kernel's configuration lacks, and what that costs"},
	{"info", ctl_info, 0, "", 0, 0, "", "the machine, and the bounds of this build"},
	{"poweroff", ctl_final, FINAL_POWEROFF, "", 0, 0, "", "stop everything and power off"},
	{"reboot", ctl_final, FINAL_REBOOT, "", 0, 0, "", "stop everything and start again"},
	{"halt", ctl_final, FINAL_HALT, "", 0, 0, "", "stop everything and halt"},
	{"rescue", ctl_final, FINAL_RESCUE, "", 0, 0, "", "stop everything but a console"},
	{"help", help, 0, "", 0, 1, "[VERB]", "this text"},
};

static const struct option options[] = {
	{"json", no_argument, NULL, 'j'},
	{"follow", no_argument, NULL, 'f'},
	{"lines", required_argument, NULL, 'n'},
	{"signal", required_argument, NULL, 's'},
	{"root", required_argument, NULL, 'r'},
	{"limit", required_argument, NULL, 'l'},
	{"optional", required_argument, NULL, 'O'},
	{"seconds", required_argument, NULL, 'T'},
	{"output", required_argument, NULL, 'o'},
	{"apply", no_argument, NULL, 'A'},
	{"fragment", no_argument, NULL, 'F'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	/* for tests: another PID 1, other rings, another compiler */
	{"socket", required_argument, NULL, 'S'},
	{"logs", required_argument, NULL, 'L'},
	{"compiler", required_argument, NULL, 'C'},
	{NULL, 0, NULL, 0},
};

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < COUNT(verbs); i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	return NULL;
}

static void print_verb(FILE *out, const struct verb *v)
{
	if (!v->run)
		return;
	int n = fprintf(out, "  %s %s", v->name, v->usage);

	fprintf(out, "%*s%s\n", n < 40 ? 40 - n : 1, "", v->help);
}

static int help(const struct ctl *c)
{
	const struct verb *one = c->count ? find_verb(c->names[0]) : NULL;

	if (c->count && !one)
		return usage("help", "no such verb:", c->names[0]);
	if (one) {
		print_verb(stdout, one);
		return CTL_OK;
	}
	puts("bulkctl: looks after the services of bulkhead(8)\n\nusage: bulkctl [--json] VERB [ARGUMENTS]");
	for (size_t i = 0; i < COUNT(verbs); i++)
		print_verb(stdout, &verbs[i]);
	puts("\nExit status: 0 well, 1 failed or not found, 2 usage, 3 not running (status SERVICE), 4 no permission,\n"
		 "111 PID 1 can't be reached. More in bulkctl(8).");
	return CTL_OK;
}

static int usage(const char *verb, const char *what, const char *which)
{
	const struct verb *v = verb ? find_verb(verb) : NULL;

	fprintf(stderr, "bulkctl: %s%s%s%s%s\n", verb ? verb : "", verb ? ": " : "", what, which ? " " : "", which ? which : "");
	fprintf(stderr, "usage: bulkctl %s %s\n", v ? v->name : "VERB [ARGUMENTS], see bulkctl help", v ? v->usage : "");
	return CTL_USAGE;
}

/* "" if it is not set: the two mean the same here. */
static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value ? value : "";
}

static bool locale_is_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < COUNT(names); i++) {
		const char *value = variable(names[i]);

		if (*value)
			return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
	}
	return false;
}

static bool set_number(const char *text, uint64_t max, long *out)
{
	uint64_t v;

	if (num_u64(span_of(text), max, &v) < 0)
		return false;
	*out = (long)v;
	return true;
}

static bool set_signal(const char *text, int *out)
{
	long number = sig_number(text);

	if (number < 1 && (!set_number(text, 64, &number) || number < 1))
		return false;
	*out = (int)number;
	return true;
}

static bool set_option(struct ctl *c, int option, const char *value)
{
	switch (option) {
	case 'j':
		c->json = true;
		return true;
	case 'f':
		c->follow = true;
		return true;
	case 'n':
		return set_number(value, LONG_MAX, &c->lines);
	case 's':
		return set_signal(value, &c->signal);
	case 'r':
		c->root = value;
		return true;
	case 'T':
		return set_number(value, 86400, &c->seconds) && c->seconds > 0;
	case 'o':
		c->output = value;
		return true;
	case 'A':
		c->apply = true;
		return true;
	case 'F':
		c->fragment = true;
		return true;
	case 'O':
		c->optional = value;
		return true;
	case 'l':
		c->limit = value;
		return true;
	case 'S':
		c->socket = value;
		return true;
	case 'L':
		c->logs = value;
		return true;
	case 'C':
		c->compile = value;
		return true;
	default:
		return false;
	}
}

/* Reads every option; 0, or the exit status plus one when there is nothing more to do. `given`
 * collects their letters. */
static int read_options(struct ctl *c, int argc, char **argv, char *given, size_t cap)
{
	size_t n = 0;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":jfn:s:hV", options, NULL)) != -1) {
		if (option == '?' || option == ':')
			return usage(NULL, option == ':' ? "a value is missing after" : "unknown option", argv[optind - 1]) + 1;
		if (option == 'V') {
			puts("bulkctl " BULKHEAD_VERSION);
			return CTL_OK + 1;
		}
		if (option == 'h')
			return help(c) + 1;
		if (!set_option(c, option, optarg))
			return usage(NULL, "a bad value:", optarg) + 1;
		if (n + 1 < cap)
			given[n++] = (char)option;
	}
	given[n] = '\0';
	return 0;
}

static const char *option_name(char letter)
{
	for (size_t i = 0; options[i].name; i++) {
		if (options[i].val == letter)
			return options[i].name;
	}
	return "?";
}

static int run(struct ctl *c, const struct verb *v, const char *given)
{
	if (!v->run) {
		fprintf(stderr, "bulkctl: %s: " FEATURE_WITHOUT " %s\n", v->name, feature_name((unsigned)v->value));
		return CTL_USAGE;
	}
	if (c->json && !CONFIG_JSON) {
		fprintf(stderr, "bulkctl: --json: " FEATURE_WITHOUT " %s\n", feature_name(OF(JSON)));
		return CTL_USAGE;
	}
	for (const char *o = given; *o; o++) {
		if (!strchr(v->options, *o) && !strchr(all_options, *o))
			return usage(v->name, "this verb has no option", option_name(*o));
	}
	if (c->count < v->least)
		return usage(v->name, "which one?", NULL);
	if (c->count > v->most)
		return usage(v->name, "too much:", c->names[v->most]);
	c->value = v->value;
	return v->run(c);
}

int main(int argc, char **argv)
{
	struct ctl c = {
		.verb = "help", .signal = SIGTERM, .lines = -1, .socket = PROTO_SOCKET, .logs = LOG_DIRECTORY, .compile = COMPILER};
	const struct verb *v;
	char given[64] = "";
	int done;

	c.colour = isatty(STDOUT_FILENO) && !*variable("NO_COLOR") && strcmp(variable("TERM"), "dumb") != 0;
	c.unicode = locale_is_utf8();
	done = read_options(&c, argc, argv, given, sizeof(given));
	if (done)
		return done - 1;
	if (optind == argc)
		return usage(NULL, "what shall it do?", NULL);
	v = find_verb(argv[optind]);
	if (!v)
		return usage(NULL, "no such verb:", argv[optind]);
	c.verb = v->name;
	c.count = argc - optind - 1;
	c.names = argv + optind + 1;
	done = run(&c, v, given);
	if (fflush(stdout) == EOF || ferror(stdout)) {
		fputs("bulkctl: the output could not be written\n", stderr);
		return done ? done : CTL_FAILED;
	}
	return done;
}
