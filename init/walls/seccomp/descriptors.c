/* SPDX-License-Identifier: MIT
 * Rules that restrict a call to descriptors by number ("write: fd in 1 2"). A number is not a file:
 * such a rule does not bind a service that can put another file there, or do the same by another
 * call. What circumvents a rule is noted with the line that prevents it.
 */
#include "walls/seccomp/rules.h"
#include "base/count.h"
#include <stdio.h>
#include <string.h>

#define LOOKED_AT 1024 /* a rule that allows one above binds to no list of numbers */
#define FIRST_AFTER_STDIO 3
#define ARGS 3

#define ANY UINT64_MAX          /* of an argument: it does not matter */
#define NUMBER (UINT64_MAX - 1) /* the descriptor itself */
/* as in every ABI of ours; <fcntl.h> of one C library has other names for the rest */
#define F_DUPFD 0u
#define F_SETFD 2u
#define F_DUPFD_CLOEXEC 1030u
#define FIOCLEX 0x5451u

struct numbers {
	unsigned n[COMPARE_MAX_VALUES];
	size_t count;
};

struct places {
	seccomp_place *of;
	void *user;
};

struct way {
	const char *call;
	uint64_t arg[ARGS];
	const char *line; /* @: the numbers, #: the highest of them */
};

/* What puts another file on a number, or frees it, by itself or when the program executes itself
 * anew: whatever is opened next may then get it. */
#define FCNTL \
	"fcntl: cmd not in F_DUPFD F_DUPFD_CLOEXEC F_SETFD || cmd in F_DUPFD F_DUPFD_CLOEXEC && arg > # || cmd == F_SETFD && fd not in @"
static const struct way ways[] = {
	{"close", {NUMBER, ANY, ANY}, "close: fd not in @"},
	{"close_range", {NUMBER, NUMBER, ANY}, "close_range: first > #"},
	{"close_range", {0, UINT32_MAX, ANY}, "close_range: first > #"},
	{"dup2", {ANY, NUMBER, ANY}, "dup2: newfd not in @"},
	{"dup3", {ANY, NUMBER, ANY}, "dup3: newfd not in @"},
	{"fcntl", {ANY, F_DUPFD, 0}, FCNTL},
	{"fcntl", {ANY, F_DUPFD, NUMBER}, FCNTL},
	{"fcntl", {ANY, F_DUPFD_CLOEXEC, 0}, FCNTL},
	{"fcntl", {ANY, F_DUPFD_CLOEXEC, NUMBER}, FCNTL},
	{"fcntl", {NUMBER, F_SETFD, 1}, FCNTL},
	/* A rule of its own takes the default one's place, so it says that too. */
	{"ioctl", {NUMBER, FIOCLEX, ANY},
		"ioctl: request not in FIOCLEX TIOCSTI TIOCLINUX || request == FIOCLEX && fd not in @"},
};

/* What does the same as a call, and which argument is the descriptor; ARGS: out of a filter's
 * sight. */
static const struct {
	const char *call, *by;
	uint8_t arg;
} same[] = {
	{"write", "writev", 0},
	{"write", "pwrite64", 0},
	{"write", "pwritev", 0},
	{"write", "pwritev2", 0},
	{"write", "sendto", 0},
	{"write", "sendmsg", 0},
	{"write", "sendmmsg", 0},
	{"write", "sendfile", 0},
	{"write", "splice", 2},
	{"write", "tee", 1},
	{"write", "vmsplice", 0},
	{"write", "copy_file_range", 2},
	{"write", "io_submit", ARGS},
	{"read", "readv", 0},
	{"read", "pread64", 0},
	{"read", "preadv", 0},
	{"read", "preadv2", 0},
	{"read", "recvfrom", 0},
	{"read", "recvmsg", 0},
	{"read", "recvmmsg", 0},
	{"read", "sendfile", 1},
	{"read", "splice", 0},
	{"read", "tee", 0},
	{"read", "copy_file_range", 0},
	{"read", "io_submit", ARGS},
};

/* ---- what a rule lets through ---- */

static bool comparison_holds(const struct seccomp_compare *c, uint64_t value)
{
	uint64_t v = value & c->mask;
	bool equal = false;
	for (uint8_t i = 0; i < c->count; i++)
		equal = equal || v == c->value[i];
	switch ((enum compare_op)c->op) {
	case COMPARE_EQ:
		return equal;
	case COMPARE_NE:
		return !equal;
	case COMPARE_LT:
		return v < c->value[0];
	case COMPARE_LE:
		return v <= c->value[0];
	case COMPARE_GT:
		return v > c->value[0];
	case COMPARE_GE:
		return v >= c->value[0];
	}
	return true;
}

/* Whether some call with these arguments passes: what is not given may be whatever the rule
 * wants. */
static bool may_pass(const struct seccomp_rule *rule, const uint64_t arg[ARGS])
{
	for (size_t i = 0; i < rule->clauses; i++) {
		bool all = true;
		for (size_t k = 0; k < rule->clause[i].count; k++) {
			const struct seccomp_compare *c = &rule->clause[i].compare[k];
			all = all && (c->arg >= ARGS || arg[c->arg] == ANY || comparison_holds(c, arg[c->arg]));
		}
		if (all)
			return true;
	}
	return false;
}

/* The service's own rules for a call as one; false if it has none. */
static bool rule_of(const struct seccomp_conf *conf, const char *call, struct seccomp_rule *rule)
{
	struct span name, expression;
	rule->clauses = 0;
	for (size_t i = 0; i < conf->rules; i++)
		if (rule_split(conf->rule[i], &name, &expression, NULL) == 0 &&
			abi_same_call(name, span_of(call)))
			rule_parse(name, expression, rule, NULL);
	return rule->clauses > 0;
}

/* The first rule for a call; its index, or how many rules there are. */
static size_t first_rule(const struct seccomp_conf *conf, const char *call)
{
	struct span name, expression;
	size_t i = 0;
	while (i < conf->rules &&
		(rule_split(conf->rule[i], &name, &expression, NULL) < 0 ||
			!abi_same_call(name, span_of(call))))
		i++;
	return i;
}

static bool is_allowed(const struct seccomp_conf *conf, const char *name)
{
	struct seccomp_call call;
	bool found = false;
	for (unsigned i = 0; seccomp_allowed(conf, i, &call); i++)
		found = found || abi_same_call(span_of(call.name), span_of(name));
	return found;
}

/* Allowed, and not kept from it by a rule of the service's. */
static bool is_open(const struct seccomp_conf *conf, const char *call, const uint64_t arg[ARGS],
	bool *bound)
{
	static struct seccomp_rule rule;
	*bound = rule_of(conf, call, &rule);
	return is_allowed(conf, call) && (!*bound || may_pass(&rule, arg));
}

/* ---- the numbers ---- */

/* Which argument of a call is a descriptor; ARGS: none. */
static unsigned descriptor_of(struct span call)
{
	struct span rest = span_of(rule_parameters(call)), word;
	unsigned i = 0;
	while (i < ARGS && span_word(&rest, &word) &&
		!(word.n >= 2 && (span_starts(word, "fd") || memcmp(word.p + word.n - 2, "fd", 2) == 0)))
		i++;
	return word.n ? i : ARGS;
}

/* Whether the rule allows the call for a list of descriptors alone. */
static bool is_list(const struct seccomp_rule *rule, unsigned at, struct numbers *list)
{
	list->count = 0;
	for (unsigned n = 0; n <= LOOKED_AT; n++) {
		uint64_t arg[ARGS] = {ANY, ANY, ANY};
		arg[at] = n;
		if (!may_pass(rule, arg))
			continue;
		if (n == LOOKED_AT || list->count == COMPARE_MAX_VALUES)
			return false;
		list->n[list->count++] = n;
	}
	return list->count > 0;
}

static bool has(const struct numbers *list, unsigned n)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->n[i] == n)
			return true;
	return false;
}

static const char *text_of(const struct numbers *list, char *text, size_t cap)
{
	size_t n = 0;
	text[0] = '\0';
	for (size_t i = 0; i < list->count && n < cap; i++)
		n += (size_t)snprintf(text + n, cap - n, "%s%u", i ? " " : "", list->n[i]);
	return text;
}

/* ---- what is said ---- */

static const char *fill_numbers(const char *line, const struct numbers *list, char *out, size_t cap)
{
	char numbers[COMPARE_MAX_VALUES * 5];
	size_t n = 0;
	text_of(list, numbers, sizeof(numbers));
	for (; *line && n + 1 < cap; line++)
		if (*line == '@')
			n += (size_t)snprintf(out + n, cap - n, "%s", numbers);
		else if (*line == '#')
			n += (size_t)snprintf(out + n, cap - n, "%u", list->n[list->count - 1]);
		else
			out[n++] = *line;
	out[n < cap ? n : cap - 1] = '\0';
	return out;
}

static bool way_is_open(const struct seccomp_conf *conf, const struct way *way,
	const struct numbers *list, bool *bound)
{
	for (size_t i = 0; i < list->count; i++) {
		uint64_t arg[ARGS];
		for (size_t k = 0; k < ARGS; k++)
			arg[k] = way->arg[k] == NUMBER ? list->n[i] : way->arg[k];
		if (is_open(conf, way->call, arg, bound))
			return true;
	}
	return false;
}

static void say_ways(const struct seccomp_conf *conf, const struct numbers *list, struct span first,
	const struct places *places)
{
	const char *last = "";
	char line[512], numbers[COMPARE_MAX_VALUES * 5];
	bool bound;
	text_of(list, numbers, sizeof(numbers));
	for (size_t i = 0; i < COUNT(ways); i++) {
		if (strcmp(ways[i].call, last) == 0 || !way_is_open(conf, &ways[i], list, &bound))
			continue;
		last = ways[i].call;
		fill_numbers(ways[i].line, list, line, sizeof(line));
		if (bound)
			diag_note(places->of(places->user, conf->rule[first_rule(conf, last)]),
				"a rule binds to descriptors %s, and the one for %s lets another file be put there: make it no more than \"%s\"",
				numbers, last, line);
		else
			diag_note(places->of(places->user, first),
				"a rule binds to descriptors %s, and %s can put another file there: add \"SystemCallRule = %s\"",
				numbers, last, line);
	}
	if (is_allowed(conf, "io_uring_setup"))
		diag_note(places->of(places->user, first),
			"a rule binds to descriptors %s, and io_uring makes calls that no filter sees: add \"SystemCallFilter = ~io_uring_setup\"",
			numbers);
}

/* Other calls that do the same: those that the C library itself makes are bound, the rest goes. */
static void say_same(const struct seccomp_conf *conf, const char *call, const struct numbers *list,
	struct diag *d)
{
	char bind[128 + COMPARE_MAX_VALUES * 5] = "", away[256] = "", numbers[COMPARE_MAX_VALUES * 5];
	unsigned other = 0;
	size_t n = 0;
	bool bound;
	while (has(list, other))
		other++;
	text_of(list, numbers, sizeof(numbers));
	for (size_t i = 0; i < COUNT(same); i++) {
		uint64_t arg[ARGS] = {ANY, ANY, ANY};
		if (same[i].arg < ARGS)
			arg[same[i].arg] = other;
		if (strcmp(same[i].call, call) != 0 || !is_open(conf, same[i].by, arg, &bound))
			continue;
		if (same[i].by[strlen(same[i].by) - 1] == 'v' && strlen(same[i].by) == strlen(call) + 1)
			snprintf(bind, sizeof(bind), "\"SystemCallRule = %s: fd in %s\"", same[i].by, numbers);
		else
			n += (size_t)snprintf(away + n, sizeof(away) - n, " %s%s", n ? "" : "~", same[i].by);
	}
	if (bind[0] || away[0])
		diag_note(d,
			"%s is bound to descriptors %s, and other calls do the same to any: add %s%s%s%s%s",
			call, numbers, bind, bind[0] && away[0] ? " and " : "",
			away[0] ? "\"SystemCallFilter =" : "", away, away[0] ? "\"" : "");
}

static bool is_way(struct span call)
{
	for (size_t i = 0; i < COUNT(ways); i++)
		if (strcmp(ways[i].call, "ioctl") != 0 && abi_same_call(call, span_of(ways[i].call)))
			return true;
	return false;
}

/* Adds those that are the service's from the start. */
static void protect(struct numbers *all, const struct numbers *list, const char *call,
	const struct seccomp_from_start *own, struct diag *d)
{
	for (size_t i = 0; i < list->count; i++) {
		unsigned n = list->n[i];
		if (n >= FIRST_AFTER_STDIO + own->sockets && (int)n != own->notification)
			diag_note(d,
				"%s is bound to descriptor %u, which the service does not have from the start (0 to %u are its own): it is that of whatever is opened next",
				call, n, FIRST_AFTER_STDIO + own->sockets - 1);
		else if (!has(all, n) && all->count < COMPARE_MAX_VALUES)
			all->n[all->count++] = n;
	}
}

static void sort(struct numbers *list)
{
	for (size_t i = 1; i < list->count; i++) {
		for (size_t k = i; k > 0 && list->n[k - 1] > list->n[k]; k--) {
			unsigned n = list->n[k];
			list->n[k] = list->n[k - 1];
			list->n[k - 1] = n;
		}
	}
}

void seccomp_check_descriptors(const struct seccomp_conf *conf,
	const struct seccomp_from_start *own, seccomp_place *place, void *user)
{
	static struct seccomp_rule rule, alone;
	const struct places places = {place, user};
	struct numbers all = {.count = 0}, list, its;
	struct span name, expression, first = {NULL, 0};
	char call[64];
	for (size_t i = 0; i < conf->rules; i++) {
		if (rule_split(conf->rule[i], &name, &expression, NULL) < 0 || is_way(name) ||
			span_copy(name, call, sizeof(call)) < 0)
			continue;
		unsigned at = descriptor_of(name);
		if (at == ARGS || !rule_of(conf, call, &rule) || !is_list(&rule, at, &list))
			continue;
		alone.clauses = 0;
		rule_parse(name, expression, &alone, NULL);
		is_list(&alone, at, &its);
		first = first.n ? first : conf->rule[i];
		protect(&all, &its, call, own, place(user, conf->rule[i]));
		if (first_rule(conf, call) == i)
			say_same(conf, call, &list, place(user, conf->rule[i]));
	}
	sort(&all);
	if (all.count > 0)
		say_ways(conf, &all, first, &places);
}
