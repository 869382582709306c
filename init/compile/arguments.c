/* SPDX-License-Identifier: MIT
 * The table of options: see arguments.h.
 */
#include "compile/arguments.h"
#include "base/count.h"
#include "base/num.h"
#include "base/option.h"
#include "compile/read/load.h"
#include "report/security/security.h"
#include <linux/audit.h>
#include <stdio.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

const char arguments_usage[] =
	"usage: bulkhead-compile [--root DIR] [--arch ARCH] [--strict] --output FILE | --fd N [--in-force N --keep N]\n"
	"       bulkhead-compile --check [--root DIR] [--arch ARCH] [FILE...]\n"
	"       bulkhead-compile --file FILE [--root DIR] --output PLAN\n"
	"       bulkhead-compile --explain SERVICE|FILE.ini [--running PID [--absent BITS]] [--root DIR] [--full | --json]\n"
	"       bulkhead-compile --security [--root DIR] [--json] [--limit SCORE] [SERVICE...]\n"
	"       bulkhead-compile --selinux [--root DIR] [--arch ARCH] [--strict] [--output FILE] [SERVICE...]\n"
	"       bulkhead-compile --alone --file FILE | --service NAME [--drop-in FILE] [--root DIR] --output PLAN | --fd N\n"
	"       bulkhead-compile --alone --file FILE | --service NAME [--root DIR] --learned RECORD [--grant]\n"
	"       bulkhead-compile --dump PLAN\n"
	"       bulkhead-compile --calendar EXPRESSION [--base-time TIME]\n"
	"       bulkhead-compile --list-directives [--device] [--json | --mdoc]\n"
	"       bulkhead-compile --version\n"
	"ARCH is x86_64, aarch64 or arm; the plan's filters are for it.\n";

static bool set_arch(struct arguments *o, const char *name)
{
	static const struct {
		const char *name;
		uint32_t arch;
	} known[] = {{"x86_64", AUDIT_ARCH_X86_64}, {"aarch64", AUDIT_ARCH_AARCH64},
		{"arm", AUDIT_ARCH_ARM}};
	for (size_t i = 0; i < COUNT(known); i++)
		if (strcmp(name, known[i].name) == 0)
			o->arch = known[i].arch;
	return o->arch != 0;
}

static const struct option long_options[] = {
	{"root", required_argument, NULL, 'r'},
	{"output", required_argument, NULL, 'o'},
	{"fd", required_argument, NULL, 'd'},
	{"in-force", required_argument, NULL, 'b'},
	{"keep", required_argument, NULL, 'k'},
	{"file", required_argument, NULL, 'f'},
	{"alone", no_argument, NULL, 'A'},
	{"service", required_argument, NULL, 'N'},
	{"drop-in", required_argument, NULL, 'i'},
	{"learned", required_argument, NULL, 'L'},
	{"grant", no_argument, NULL, 'g'},
	{"arch", required_argument, NULL, 'a'},
	{"check", no_argument, NULL, 'c'},
	{"strict", no_argument, NULL, 's'},
	{"selinux", no_argument, NULL, 'S'},
	{"security", no_argument, NULL, 'Y'},
	{"limit", required_argument, NULL, 't'},
	{"dump", required_argument, NULL, 'D'},
	{"calendar", required_argument, NULL, 'C'},
	{"base-time", required_argument, NULL, 'B'},
	{"explain", required_argument, NULL, 'e'},
	{"full", no_argument, NULL, 'F'},
	{"running", required_argument, NULL, 'p'},
	{"absent", required_argument, NULL, 'x'},
	{"list-directives", no_argument, NULL, 'l'},
	{"device", no_argument, NULL, 'v'},
	{"json", no_argument, NULL, 'j'},
	{"mdoc", no_argument, NULL, 'm'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static bool option_number(int *out, const char *text, long max)
{
	char *end;
	long n = strtol(text, &end, 10);
	if (*end || end == text || n < 0 || n > max)
		return false;
	*out = (int)n;
	return true;
}

static bool set_absent(struct arguments *o, const char *text)
{
	int bits = 0;
	if (!option_number(&bits, text, OPTIONAL_ALL))
		return false;
	o->absent = (uint32_t)bits;
	return true;
}

/* A score: 0 to 10, with one decimal at most. */
static bool set_limit(struct arguments *o, const char *text)
{
	struct span whole = {text, strcspn(text, ".")}, rest = span_of(text + whole.n);
	uint64_t points, tenths = 0;
	if (num_u64(whole, SECURITY_MAX_SCORE / 10, &points) < 0 ||
		(rest.n && num_u64((struct span){rest.p + 1, rest.n - 1}, 9, &tenths) < 0))
		return false;
	o->limit = (unsigned)(points * 10 + tenths);
	return o->limit <= SECURITY_MAX_SCORE;
}

/* Options that set one value and no more. */
struct place_of_option {
	char option;
	size_t at; /* in struct arguments */
};
#define AT(member) offsetof(struct arguments, member)
static const struct place_of_option texts[] = {{'r', AT(root)}, {'o', AT(output)}, {'f', AT(file)},
	{'N', AT(service)}, {'L', AT(learned)}, {'D', AT(subject)}, {'e', AT(subject)},
	{'C', AT(subject)}, {'B', AT(base_time)}};
static const struct place_of_option switches[] = {{'A', AT(alone)}, {'g', AT(grant)},
	{'s', AT(strict)}, {'v', AT(device)}, {'j', AT(json)}, {'m', AT(mdoc)}, {'F', AT(full)}};

static const struct {
	char option;
	enum action action;
} actions[] = {{'c', ACTION_CHECK}, {'l', ACTION_LIST}, {'S', ACTION_SELINUX},
	{'Y', ACTION_SECURITY}, {'D', ACTION_DUMP}, {'e', ACTION_EXPLAIN}, {'C', ACTION_CALENDAR}};

static bool set_value(struct arguments *o, int c)
{
	bool known = false;
	for (size_t i = 0; i < COUNT(texts); i++)
		if (texts[i].option == c)
			known = memcpy((char *)o + texts[i].at, &optarg, sizeof(optarg)) != NULL;
	for (size_t i = 0; i < COUNT(switches); i++)
		if (switches[i].option == c)
			known = *(bool *)((char *)o + switches[i].at) = true;
	for (size_t i = 0; i < COUNT(actions); i++) {
		if (actions[i].option != c)
			continue;
		o->action = actions[i].action;
		known = true;
	}
	return known;
}

static bool set_argument(struct arguments *o, int c)
{
	switch (c) {
	case 'd':
		return option_number(&o->fd, optarg, 1 << 20);
	case 'b':
		return option_number(&o->in_force, optarg, 1 << 20);
	case 'k':
		return option_number(&o->keep, optarg, 1 << 20);
	case 'p':
		return option_number(&o->pid, optarg, 1 << 22);
	case 'x':
		return set_absent(o, optarg);
	case 'a':
		o->arch = 0;
		return set_arch(o, optarg);
	case 't':
		return set_limit(o, optarg);
	case 'i':
		load_add_drop_in(optarg);
		return true;
	default:
		return set_value(o, c);
	}
}

static bool is_shortened(const struct option *o, char *const *next)
{
	const char *word = option_shortened(o, next, optarg);
	if (word)
		fprintf(stderr, "bulkhead-compile: unknown option %s (did you mean --%s?)\n", word,
			o->name);
	return word;
}

bool arguments_read(struct arguments *o, int argc, char **argv)
{
	int c, row;
	while ((c = getopt_long(argc, argv, "", long_options, &row)) != -1) {
		if (c != '?' && is_shortened(&long_options[row], argv + optind))
			return false;
		if (c == 'h') {
			o->action = ACTION_HELP;
			return true;
		}
		if (!set_argument(o, c))
			return false;
	}
	o->files = argv + optind;
	if (*o->files && o->action != ACTION_CHECK && o->action != ACTION_SELINUX &&
		o->action != ACTION_SECURITY)
		return false;
	if ((o->alone && !o->file == !o->service) || (o->device && o->action != ACTION_LIST))
		return false;
	if (o->base_time && o->action != ACTION_CALENDAR)
		return false;
	if ((o->in_force < 0) != (o->keep < 0))
		return false;
	if (o->learned)
		return o->alone && o->action == ACTION_COMPILE;
	return o->action != ACTION_COMPILE || o->output || o->fd >= 0;
}
