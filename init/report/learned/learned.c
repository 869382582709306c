/* SPDX-License-Identifier: MIT
 * A record as lines of a drop-in: the sections [Cgroup] and [Seccomp]: see learned.h.
 */
#include "report/learned/learned.h"
#include "base/count.h"
#include "base/untraced.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define LINE_WIDTH 100
#define MEGABYTE (1ull << 20)

/* ---- [Cgroup] ---- */

static void print_limits(const struct learned *l, FILE *out)
{
	uint64_t megabytes = (l->memory + l->memory / 2 + MEGABYTE - 1) / MEGABYTE;
	unsigned long long tasks = l->tasks;
	if (!l->memory && !l->tasks)
		return;
	fputs("\n[Cgroup]\n; what it took at most, and half as much again\n", out);
	if (l->memory)
		fprintf(out, "; %llu kB\nMemoryMax = %lluM\n", (unsigned long long)(l->memory / 1024),
			(unsigned long long)megabytes);
	/* One of them is its cell. */
	if (l->tasks)
		fprintf(out, "; %llu\nTasksMax = %llu\n", tasks, tasks + tasks / 2 + 1);
}

/* ---- [Seccomp] ---- */

static bool is_listed(const char *names, const char *name)
{
	struct span rest = span_of(names), word;
	while (span_word(&rest, &word))
		if (span_is(word, name))
			return true;
	return false;
}

/* Everything that starts a program under glibc or musl, or ends one in an orderly way, whether
 * this run came by there or not. */
static const char always[] = CELL_LEARN_UNTRACED_NAMES
	" execve rt_sigaction kill tgkill getpid gettid brk munmap";

/* clone3's flags lie in memory, where no filter sees them: watched as here, libraries have
 * fallen back to clone. */
static bool is_wanted(const struct learned *l, unsigned nr)
{
	const char *name = seccomp_call_name(nr);
	return name && ((nr < LEARNED_CALLS && l->made[nr]) || is_listed(always, name)) &&
		strcmp(name, "clone3") != 0;
}

/* set_tls, which starts every program of 32-bit ARM, lies among the last. */
static unsigned next_call(unsigned nr)
{
	return nr + 1 == LEARNED_CALLS ? SECCOMP_ARM_PRIVATE : nr + 1;
}

static void print_calls(const struct learned *l, bool grant, FILE *out)
{
	size_t column = 0;
	for (unsigned nr = 0; nr < SECCOMP_ARM_PRIVATE + SECCOMP_ARM_PRIVATES; nr = next_call(nr)) {
		if (!is_wanted(l, nr) || (!grant && !seccomp_is_usual(nr)))
			continue;
		const char *name = seccomp_call_name(nr);
		if (column == 0 || column + strlen(name) > LINE_WIDTH)
			column = (size_t)fprintf(out, "%sSystemCallFilter =", column ? "\n" : "") -
				(column ? 1 : 0);
		column += (size_t)fprintf(out, " %s", name);
	}
	fputc('\n', out);
	for (unsigned nr = 0; nr < LEARNED_CALLS && !grant; nr++)
		if (is_wanted(l, nr) && !seccomp_is_usual(nr))
			fprintf(out, "; made, and done without: SystemCallFilter = %s\n",
				seccomp_call_name(nr));
}

/* Arguments that say what a call does: where a few values were all, others are not allowed. */
static const struct {
	const char *call;
	unsigned index;
	const char *prefix; /* of the constants' names */
} telling[] = {
	{"socket", 0, "AF_"},
	{"ioctl", 1, "TIOC TC FIO SIOC"},
	{"prctl", 0, "PR_"},
	{"fcntl", 1, "F_"},
	{"fcntl64", 1, "F_"},
	{"mmap", 2, "PROT_"},
	{"mmap2", 2, "PROT_"},
	{"mprotect", 2, "PROT_"},
	{"clone", 0, ""},
	{"personality", 0, ""},
	{"unshare", 0, ""},
	{"setsockopt", 1, "SOL_ IPPROTO_"},
	{"madvise", 2, ""},
	{"shutdown", 1, "SHUT_"},
};

#define NEW_NAMESPACES 0x7e020080u /* CLONE_NEWNS to CLONE_NEWNET, CLONE_NEWTIME */

static bool makes_namespaces(uint64_t flags)
{
	return flags & NEW_NAMESPACES;
}

static bool is_rare_family(uint64_t domain)
{
	return domain != AF_UNIX && domain != AF_INET && domain != AF_INET6 && domain != AF_NETLINK;
}

static bool types_for_others(uint64_t request)
{
	return request == 0x5412 || request == 0x541c; /* TIOCSTI, TIOCLINUX */
}

static bool runs_what_it_wrote(uint64_t prot)
{
	return (prot & 6) == 6;
}

/* Also what a loader does that adds PROT_BTI, or a compiler that writes first. */
static bool makes_executable(uint64_t prot)
{
	return prot & 4;
}

static bool changes_personality(uint64_t persona)
{
	return persona != 0 && persona != UINT32_MAX;
}

/* What the default forbids stays so unless it is granted, whatever was tried. */
static const struct {
	const char *call;
	bool (*is)(uint64_t);
} unusual[] = {
	{"clone", makes_namespaces},
	{"unshare", makes_namespaces},
	{"socket", is_rare_family},
	{"ioctl", types_for_others},
	{"mmap", runs_what_it_wrote},
	{"mmap2", runs_what_it_wrote},
	{"mprotect", makes_executable},
	{"personality", changes_personality},
};

static bool is_unusual(const char *call, uint64_t value)
{
	for (size_t i = 0; i < COUNT(unusual); i++)
		if (strcmp(unusual[i].call, call) == 0)
			return unusual[i].is(value);
	return false;
}

static void print_value(uint64_t value, const char *prefixes, FILE *out)
{
	struct span rest = span_of(prefixes), word;
	while (span_word(&rest, &word)) {
		const char *name = seccomp_constant_name(word, value);
		if (name) {
			fprintf(out, " %s", name);
			return;
		}
	}
	static const char *const bits[] = {"PROT_READ", "PROT_WRITE", "PROT_EXEC", "PROT_SEM",
		"PROT_BTI", "PROT_MTE"};
	if (strcmp(prefixes, "PROT_") == 0 && value > 0 && value < 1u << COUNT(bits)) {
		for (unsigned i = 0, n = 0; i < COUNT(bits); i++)
			if (value >> i & 1)
				fprintf(out, "%s%s", n++ ? "|" : " ", bits[i]);
		return;
	}
	fprintf(out, value < 10 ? " %llu" : " 0x%llx", (unsigned long long)value);
}

static void print_rule(const struct learned *l, size_t i, bool grant, FILE *out)
{
	const struct learned_values *v = learned_argument(l, telling[i].call, telling[i].index);
	struct learned_values shown = {.many = false};
	char parameter[32];
	bool wide;
	if (!v || v->many ||
		!seccomp_call_parameter(telling[i].call, telling[i].index, parameter, sizeof(parameter),
			&wide))
		return;
	for (unsigned j = 0; j < v->count; j++) {
		uint64_t value = wide ? v->value[j] : v->value[j] & UINT32_MAX;
		if (grant || !is_unusual(telling[i].call, value)) {
			learned_add_value(&shown, value);
			continue;
		}
		fprintf(out, "; tried, and done without: %s with %s", telling[i].call, parameter);
		print_value(value, telling[i].prefix, out);
		fputc('\n', out);
	}
	if (shown.count == 0)
		return;
	fprintf(out, "SystemCallRule = %s: %s in", telling[i].call, parameter);
	for (unsigned j = 0; j < shown.count; j++)
		print_value(shown.value[j], telling[i].prefix, out);
	fputc('\n', out);
}

/* A rule on one of these calls would take the place of the default for all of them, and of
 * PR_SET_MDWE with it. */
static bool makes_code(const struct learned *l)
{
	static const char *const calls[] = {"mmap", "mmap2", "mprotect"};
	for (size_t i = 0; i < COUNT(calls); i++) {
		const struct learned_values *v = learned_argument(l, calls[i], 2);
		for (unsigned j = 0; v && j < v->count; j++)
			if (is_unusual(calls[i], v->value[j]))
				return true;
	}
	return false;
}

static void print_filter(const struct learned *l, bool grant, FILE *out)
{
	fputs("\n[Seccomp]\n; the calls that it made, and those that every program ends by\n", out);
	fputs("SystemCallFilter =\n", out); /* in place of what the file or its defaults say */
	print_calls(l, grant, out);
	fputs("; arguments that were always one of these\n", out);
	fputs("SystemCallRule =\n", out);
	for (size_t i = 0; i < COUNT(telling); i++)
		print_rule(l, i, grant, out);
	if (!grant || !makes_code(l))
		fputs("MemoryDenyWriteExecute = yes\n", out);
}

void learned_print(const struct learned *l, const struct service *s, bool grant, FILE *out)
{
	fprintf(out, "; %s: learned by watching it. What it did not do meanwhile is not in here.\n",
		s->name);
	learned_openings(l, s, grant, out);
	print_limits(l, out);
	print_filter(l, grant, out);
}
