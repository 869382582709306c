/* SPDX-License-Identifier: MIT
 * bulkctl: the command line. What a verb may be given stands in its row of the table.
 */
#include "base/channel.h"
#include "base/count.h"
#include "base/errname.h"
#include "base/feature.h"
#include "base/nearest.h"
#include "base/num.h"
#include "ctl/ctl.h"
#include "plan/names.h"
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	{"explain", ON(EXPLAIN, ctl_explain), OF(EXPLAIN), "r", 1, 1, "[--root DIR] SERVICE",
		"the walls in force and where each value comes from"},
	{"security", ON(SECURITY, ctl_security), OF(SECURITY), "rl", 0, INT_MAX,
		"[--root DIR] [--limit SCORE] [SERVICE...]",
		"what each service has open, and why that matters"},
	{"check", ON(COMPILER, ctl_check), OF(COMPILER), "r", 0, INT_MAX, "[--root DIR] [FILE...]",
		"check service files"},
	{"try", ON(TRY, ctl_try), OF(TRY), "O", 1, INT_MAX, "[--optional WALLS] FILE [-- ARGUMENT...]",
		"run a service file here, without PID 1"},
	{"learn", ON(LEARN, ctl_learn), OF(LEARN), "OToA", 1, INT_MAX,
		"[--seconds N] [--output FILE | --apply] [--optional WALLS] SERVICE|FILE.ini [-- ARGUMENT...]",
		"watch it run, and write the lines that it needs"},
	{"kernel-check", ON(KERNEL_CHECK, ctl_kernel), OF(KERNEL_CHECK), "F", 0, 1,
		"[--fragment] [FILE]", "what a kernel's configuration lacks, and what that costs"},
	{"info", ctl_info, 0, "", 0, 0, "", "the machine, and the bounds of this build"},
	{"poweroff", ctl_final, FINAL_POWEROFF, "", 0, 0, "", "stop everything and power off"},
	{"reboot", ctl_final, FINAL_REBOOT, "", 0, 0, "", "stop everything and start again"},
	{"halt", ctl_final, FINAL_HALT, "", 0, 0, "", "stop everything and halt"},
	{"rescue", ctl_final, FINAL_RESCUE, "", 0, 0, "",
		"stop everything; then a shell on the console, or a reboot (RescueShell)"},
	{"help", help, 0, "", 0, 1, "[VERB]", "this text"},
};

/* A value that is none of what is `expected` (NULL: it takes none, or anything). */
static const struct {
	struct option option;
	const char *expected;
} options[] = {
	{{"json", no_argument, NULL, 'j'}, NULL},
	{{"follow", no_argument, NULL, 'f'}, NULL},
	{{"lines", required_argument, NULL, 'n'}, "a number of lines"},
	{{"signal", required_argument, NULL, 's'}, "a signal (TERM, SIGHUP, or a number from 1 to 64)"},
	{{"root", required_argument, NULL, 'r'}, "a directory"},
	{{"limit", required_argument, NULL, 'l'}, "a score from 0 to 10"},
	{{"optional", required_argument, NULL, 'O'},
		"walls with commas between (user,landlock,cgroup: see OptionalWalls)"},
	{{"seconds", required_argument, NULL, 'T'}, "a number of seconds from 1 to 86400"},
	{{"output", required_argument, NULL, 'o'}, "a file"},
	{{"apply", no_argument, NULL, 'A'}, NULL},
	{{"fragment", no_argument, NULL, 'F'}, NULL},
	{{"help", no_argument, NULL, 'h'}, NULL},
	{{"version", no_argument, NULL, 'V'}, NULL},
	/* for tests: another PID 1, other rings, another compiler */
	{{"socket", required_argument, NULL, 'S'}, "a socket"},
	{{"logs", required_argument, NULL, 'L'}, "a directory"},
	{{"compiler", required_argument, NULL, 'C'}, "a program"},
};

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < COUNT(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

/* The verb on a command line that is not understood yet: the first word that is one, or NULL. */
static const struct verb *seek_verb(char **argv)
{
	const struct verb *v = NULL;
	while (!v && *++argv)
		v = find_verb(*argv);
	return v;
}

/* One line, to which the right usage belongs: that of the verb, if it is known. */
static int usage(const struct verb *v, const char *what, const char *which)
{
	fprintf(stderr, "bulkctl: %s%s%s%s%s; ", v ? v->name : "", v ? ": " : "", what,
		which ? " " : "", which ? which : "");
	if (v)
		fprintf(stderr, "usage: bulkctl %s%s%s\n", v->name, *v->usage ? " " : "", v->usage);
	else
		fputs("see bulkctl help\n", stderr);
	return CTL_USAGE;
}

static int no_such_verb(const struct verb *v, const char *name)
{
	struct nearest near;
	nearest_begin(&near, span_of(name));
	for (size_t i = 0; i < COUNT(verbs); i++)
		nearest_try(&near, span_of(verbs[i].name));
	fprintf(stderr, "bulkctl: %s%sno such verb: %s%s; see bulkctl help\n", v ? v->name : "",
		v ? ": " : "", name, nearest_hint(&near));
	return CTL_USAGE;
}

static int left_out(const char *what, int option)
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
		return left_out(v->name, v->value);
	print_verb(stdout, v);
	return CTL_OK;
}

static int help(const struct ctl *c)
{
	const struct verb *one = c->count ? find_verb(c->names[0]) : NULL;
	if (c->count)
		return one ? help_verb(one) : no_such_verb(find_verb("help"), c->names[0]);
	puts(
		"bulkctl: looks after the services of bulkhead(8)\n\nusage: bulkctl [--json] VERB [ARGUMENTS]");
	for (size_t i = 0; i < COUNT(verbs); i++)
		print_verb(stdout, &verbs[i]);
	puts(
		"\nExit status: 0 well, 1 failed or not found, 2 usage, 3 not running (status SERVICE), 4 no permission,\n"
		"5 something asked for is not in force (explain), 6 it goes on unseen, 111 PID 1 can't be reached. More in bulkctl(8).");
	return CTL_OK;
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

#define SHORT_OPTIONS ":jfn:s:hV"

static bool set_signal(const char *text, int *out)
{
	char name[32];
	long number;
	snprintf(name, sizeof(name), "%s", text);
	for (char *c = name; *c; c++)
		*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
	number = sig_number(name);

	if (number < 1 && (!set_number(text, 64, &number) || number < 1))
		return false;
	*out = (int)number;
	return true;
}

/* As the compiler reads it: in tenths. */
static bool set_score(const char *text, const char **out)
{
	size_t whole = strspn(text, "0123456789"), n = strlen(text);
	bool tenth = n == whole + 2 && text[whole] == '.' && text[n - 1] >= '0' && text[n - 1] <= '9';
	bool ten = whole == 2 && memcmp(text, "10", 2) == 0 && (!tenth || text[n - 1] == '0');
	*out = text;
	return (whole == 1 || ten) && (n == whole || tenth);
}

static bool is_wall(struct span word)
{
	if (span_is(word, "cgroup")) /* for all that are the cgroup's */
		return true;
	for (unsigned bit = 0; plan_optional_walls[bit]; bit++)
		if (span_is(word, plan_optional_walls[bit]))
			return true;
	return false;
}

static bool set_walls(const char *text, const char **out)
{
	*out = text;
	for (; *text; text += *text == ',') {
		size_t n = strcspn(text, ",");
		if (!is_wall((struct span){text, n}))
			return false;
		text += n;
	}
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
		return set_walls(value, &c->optional);
	case 'l':
		return set_score(value, &c->limit);
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

static size_t option_row(int letter)
{
	size_t i = 0;
	while (i < COUNT(options) - 1 && options[i].option.val != letter)
		i++;
	return i;
}

/* What getopt_long did not take: '?' or ':' in `sign`. */
static int bad_option(const struct verb *v, const char *word, int sign)
{
	char letter[] = {'-', (char)optopt, '\0'};
	char text[128];
	if (sign == ':') {
		const char *name = options[option_row(optopt)].option.name;
		snprintf(text, sizeof(text), "--%s takes %s", name, options[option_row(optopt)].expected);
		return usage(v, text, NULL);
	}
	if (optopt && strncmp(word, "--", 2) == 0)
		return usage(v, "takes no value:", word);
	return usage(v, "unknown option", optopt ? letter : word);
}

static int bad_value(const struct verb *v, int letter, const char *value)
{
	size_t row = option_row(letter);
	char text[128];
	snprintf(text, sizeof(text), "--%s takes %s, not", options[row].option.name,
		options[row].expected);
	return usage(v, text, *value ? value : "nothing");
}

/* Reads every option; 0, or the exit status plus one when there is nothing more to do. `given`
 * collects their letters. */
static int read_options(struct ctl *c, int argc, char **argv, char *given, size_t cap)
{
	struct option table[COUNT(options) + 1] = {{NULL, 0, NULL, 0}};
	const struct verb *v = seek_verb(argv); /* before getopt_long moves words about */
	size_t n = 0;
	int option;
	for (size_t i = 0; i < COUNT(options); i++)
		table[i] = options[i].option;
	opterr = 0;
	while ((option = getopt_long(argc, argv, SHORT_OPTIONS, table, NULL)) != -1) {
		if (option == '?' || option == ':')
			return bad_option(v, option == '?' ? argv[optind - 1] : "", option) + 1;
		if (option == 'V') {
			puts("bulkctl " BULKHEAD_VERSION);
			return CTL_OK + 1;
		}
		if (option == 'h')
			return (v ? help_verb(v) : help(c)) + 1;
		if (!set_option(c, option, optarg))
			return bad_value(v, option, optarg) + 1;
		if (n + 1 < cap)
			given[n++] = (char)option;
	}
	given[n] = '\0';
	return 0;
}

/* The name of the first of the options given that the verb does not have, or NULL. */
static const char *foreign_option(const struct verb *v, const char *given)
{
	static char name[32];
	while (*given && (strchr(v->options, *given) || strchr(all_options, *given)))
		given++;
	if (!*given)
		return NULL;
	/* Which of the two was written, getopt does not tell. */
	if (strchr(SHORT_OPTIONS, *given))
		snprintf(name, sizeof(name), "-%c (--%s)", *given, options[option_row(*given)].option.name);
	else
		snprintf(name, sizeof(name), "--%s", options[option_row(*given)].option.name);
	return name;
}

static int run(struct ctl *c, const struct verb *v, const char *given)
{
	const char *foreign = foreign_option(v, given);
	if (!v->run)
		return left_out(v->name, v->value);
	if (c->json && !CONFIG_JSON)
		return left_out("--json", OF(JSON));
	if (foreign)
		return usage(v, "has no option", foreign);
	if (c->apply && c->output)
		return usage(v, "either --apply or --output", NULL);
	if (c->count < v->least)
		return usage(v, "an argument is missing", NULL);
	if (c->count > v->most)
		return usage(v, "one argument too many:", c->names[v->most]);
	if (c->count > 1 && !c->behind && strcmp(v->name, "try") == 0)
		return usage(v, "what the program gets stands behind --, which is missing before",
			c->names[1]);
	c->value = v->value;
	return v->run(c);
}

int main(int argc, char **argv)
{
	struct ctl c = {.verb = "help",
		.signal = SIGTERM,
		.lines = -1,
		.socket = PROTO_SOCKET,
		.logs = LOG_DIRECTORY};
	const struct verb *v;
	char given[64] = "";
	int done;
	c.colour = isatty(STDOUT_FILENO) && !*variable("NO_COLOR") &&
		strcmp(variable("TERM"), "dumb") != 0;
	c.unicode = locale_is_utf8();
	done = read_options(&c, argc, argv, given, sizeof(given));
	if (done)
		return done - 1;
	if (optind == argc)
		return usage(NULL, "no verb", NULL);
	v = find_verb(argv[optind]);
	if (!v)
		return no_such_verb(NULL, argv[optind]);
	c.verb = v->name;
	c.count = argc - optind - 1;
	c.names = argv + optind + 1;
	c.behind = strcmp(argv[optind - 1], "--") == 0; /* getopt_long has moved it there */
	done = run(&c, v, given);
	if (fflush(stdout) == EOF || ferror(stdout)) {
		fputs("bulkctl: the output could not be written\n", stderr);
		return done ? done : CTL_FAILED;
	}
	return done;
}
