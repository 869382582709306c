/* SPDX-License-Identifier: MIT
 * The table of options: see verbs.h.
 */
#include "ctl/verbs.h"
#include "base/count.h"
#include "base/errname.h"
#include "base/num.h"
#include "base/option.h"
#include "plan/names.h"
#include <limits.h>
#include <stdio.h>
#include <string.h>

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
	{{"full", no_argument, NULL, 'a'}, NULL},
	{{"help", no_argument, NULL, 'h'}, NULL},
	{{"version", no_argument, NULL, 'V'}, NULL},
	/* for tests: another PID 1, other rings, another compiler */
	{{"socket", required_argument, NULL, 'S'}, "a socket"},
	{{"logs", required_argument, NULL, 'L'}, "a directory"},
	{{"compiler", required_argument, NULL, 'C'}, "a program"},
};

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
	/* "cgroup": for all that are the cgroup's */
	return span_is(word, "cgroup") || span_index(word, plan_optional_walls) >= 0;
}

static bool set_walls(const char *text, const char **out)
{
	struct span rest = span_of(text), word;
	*out = text;
	while (span_part(&rest, ',', &word))
		if (!is_wall(word))
			return false;
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
	case 'a':
		c->full = true;
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
		return verb_usage(v, text, NULL);
	}
	if (optopt && strncmp(word, "--", 2) == 0)
		return verb_usage(v, "takes no value:", word);
	return verb_usage(v, "unknown option", optopt ? letter : word);
}

static int bad_value(const struct verb *v, int letter, const char *value)
{
	size_t row = option_row(letter);
	char text[128];
	snprintf(text, sizeof(text), "--%s takes %s, not", options[row].option.name,
		options[row].expected);
	return verb_usage(v, text, *value ? value : "nothing");
}

static int shortened(const struct verb *v, const char *word, const char *name)
{
	char text[128];
	snprintf(text, sizeof(text), "%s (did you mean --%s?)", word, name);
	return verb_usage(v, "unknown option", text);
}

int options_read(struct ctl *c, int argc, char **argv, char given[static OPTIONS_GIVEN])
{
	struct option table[COUNT(options) + 1] = {{NULL, 0, NULL, 0}};
	const struct verb *v = verb_seek(argv); /* before getopt_long moves words about */
	size_t n = 0;
	int option, row = -1;
	for (size_t i = 0; i < COUNT(options); i++)
		table[i] = options[i].option;
	opterr = 0;
	while ((option = getopt_long(argc, argv, SHORT_OPTIONS, table, &row)) != -1) {
		if (option == '?' || option == ':')
			return bad_option(v, option == '?' ? argv[optind - 1] : "", option) + 1;
		const char *word = row < 0 ? NULL : option_shortened(&table[row], argv + optind, optarg);
		if (word)
			return shortened(v, word, table[row].name) + 1;
		row = -1;
		if (option == 'V') {
			puts("bulkctl " BULKHEAD_VERSION);
			return CTL_OK + 1;
		}
		if (option == 'h')
			return verb_help(c, v) + 1;
		if (!set_option(c, option, optarg))
			return bad_value(v, option, optarg) + 1;
		if (n + 1 < OPTIONS_GIVEN)
			given[n++] = (char)option;
	}
	given[n] = '\0';
	return 0;
}

const char *options_foreign(const struct verb *v, const char *given)
{
	static char name[32];
	while (*given && verb_takes(v, *given))
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
