/* SPDX-License-Identifier: MIT
 * System calls beyond those of the default, and default rules about arguments that are not in
 * force.
 */
#include "walls/seccomp/conf.h"
#include "base/count.h"
#include "walls/report.h"
#include "walls/seccomp/report.h"
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS_MAX 1024

static const struct calls {
	const char *calls, *why;
	unsigned weight;
} classes[] = {
	{"init_module finit_module delete_module", "code in the kernel, with CAP_SYS_MODULE", 10},
	{"kexec_load kexec_file_load reboot", "another kernel, or an end, with CAP_SYS_BOOT", 8},
	{"mount umount2 pivot_root chroot move_mount fsopen fsmount fsconfig fspick open_tree mount_setattr",
		"what is covered can be uncovered, with CAP_SYS_ADMIN", 8},
	{"bpf", "programs in the kernel; a frequent source of holes", 8},
	{"io_uring_setup io_uring_enter io_uring_register", "makes calls that no filter sees", 8},
	{"iopl ioperm", "the hardware's ports, with CAP_SYS_RAWIO", 8},
	{"ptrace process_vm_readv process_vm_writev pidfd_getfd kcmp",
		"processes of the same user can be taken over", 5},
	{"setns", "other namespaces can be entered", 5},
	{"open_by_handle_at name_to_handle_at", "files past all directories, with CAP_DAC_READ_SEARCH",
		5},
	{"userfaultfd", "holds the kernel up at a page fault, which makes its races easy to win", 4},
	{"perf_event_open", "a frequent source of holes", 4},
	{"clone3", "flags that no filter sees: user namespaces among them", 6},
	{"add_key keyctl request_key", "keys of others that run as the same user", 3},
	{"memfd_create", "code can be written to a file in memory and run, past W^X", 3},
	{"setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid",
		"other users, with CAP_SETUID or CAP_SETGID", 2},
	{"clock_settime settimeofday adjtimex clock_adjtime", "the clock, with CAP_SYS_TIME", 2},
	{"sethostname setdomainname", "the names of the machine", 1},
	{NULL, "each call more is more of the kernel within reach", 2},
};

/* Of the rules that hold by default: the call, and what is open without. */
static const struct calls rules[] = {
	{"clone unshare", "new user namespaces, from where most of the kernel's holes are reached", 8},
	{"ioctl", "input typed into a terminal that others use (TIOCSTI)", 3},
	{"personality", "addresses that can be foreseen, memory executable because it is readable", 3},
	{"mmap mmap2 mprotect pkey_mprotect shmat",
		"memory can be written and then executed: injected code runs", 6},
	{NULL, "a rule that holds by default does not", 2},
};

static const struct calls *class_of(const struct calls *class, const char *call)
{
	struct span rest, word;
	for (; class->calls; class ++) {
		rest = span_of(class->calls);
		while (span_word(&rest, &word))
			if (span_is(word, call))
				return class;
	}
	return class;
}

struct tally {
	const struct calls *class;
	unsigned count;
	char names[120];
};

/* One opening for a class, not one for each of its calls. */
static void count_call(struct tally *t, size_t max, const struct calls *class, const char *call)
{
	size_t i = 0, n;
	while (i < max && t[i].class && t[i].class != class)
		i++;
	if (i == max)
		return;
	t[i].class = class;
	n = strlen(t[i].names);
	if (t[i].count++ < 4)
		snprintf(t[i].names + n, sizeof(t[i].names) - n, "%s%s", n ? " " : "", call);
}

static void open_tally(const struct security_look *l, const struct security_row *row,
	const struct tally *t, const char *what)
{
	struct security_row mine = *row;
	if (!t->class)
		return;
	mine.why = t->class->why;
	unsigned weight = t->class->calls ? t->class->weight
									  : t->class->weight * (t->count < 5 ? t->count : 5);
	if (t->count > 4)
		security_opens(l, &mine, weight, "%s %s and %u more", what, t->names, t->count - 4);
	else
		security_opens(l, &mine, weight, "%s %s", what, t->names);
}

/* The default, and its list in the order of numbers; made once, since seccomp_allowed knows one
 * list at a time. */
struct usual {
	struct seccomp_conf plain;
	struct seccomp_call call[CALLS_MAX];
	unsigned count;
};

static const struct seccomp_call *by_default(const struct usual *u, const char *call)
{
	for (unsigned i = 0; i < u->count; i++)
		if (strcmp(u->call[i].name, call) == 0)
			return &u->call[i];
	return NULL;
}

/* The rules' texts are written anew for each list. */
static const struct usual *read_default(void)
{
	static struct usual u;
	if (u.count > 0)
		return &u;
	seccomp_conf_init(&u.plain);
	seccomp_set_filter(&u.plain, span_of(SECCOMP_USUAL), NULL);
	while (u.count < CALLS_MAX && seccomp_allowed(&u.plain, u.count, &u.call[u.count])) {
		struct span *rule = &u.call[u.count++].rule;
		*rule = span_of(diag_text("%.*s", SPAN_ARGS(*rule)));
	}
	return &u;
}

#define CLASSES COUNT(classes)
#define RULES COUNT(rules)

static void look_calls(const struct security_look *l, const struct security_row *row)
{
	struct tally more[CLASSES] = {0};
	struct seccomp_call call;
	const struct usual *usual = read_default();
	for (unsigned i = 0; seccomp_allowed(l->conf, i, &call); i++)
		if (!by_default(usual, call.name))
			count_call(more, CLASSES, class_of(classes, call.name), call.name);
	for (size_t i = 0; i < CLASSES; i++)
		open_tally(l, row, &more[i], "calls");
}

static void look_rules(const struct security_look *l, const struct security_row *row)
{
	struct tally gone[RULES] = {0}, other[RULES] = {0};
	struct seccomp_call call;
	bool sockets = false;
	const struct usual *usual = read_default();
	for (unsigned i = 0; seccomp_allowed(l->conf, i, &call); i++) {
		const struct seccomp_call *before = by_default(usual, call.name);
		if (!before || before->rule.n == 0 || span_same(call.rule, before->rule))
			continue;
		if (strncmp(call.name, "socket", 6) == 0)
			sockets = true;
		else
			count_call(call.rule.n ? other : gone, RULES, class_of(rules, call.name), call.name);
	}
	for (size_t i = 0; i < RULES; i++)
		open_tally(l, row, &gone[i], "any arguments of");
	for (size_t i = 0; i < RULES; i++)
		open_tally(l, row, &other[i], "rules of its own for");
	if (sockets)
		security_sockets(l, row, &usual->plain);
}

static void look_log_only(const struct security_look *l, const struct security_row *row)
{
	const struct seccomp_conf *c = l->conf;
	if (c->otherwise == SECCOMP_RET_LOG)
		security_opens(l, row, row->weight, "forbidden calls are made all the same");
}

static void look_abis(const struct security_look *l, const struct security_row *row)
{
	const struct seccomp_conf *c = l->conf;
	if (c->extra)
		security_opens(l, row, row->weight, "system calls of other ABIs");
}

/* clang-format off */
static const struct security_row rows[] = {
	{D_Seccomp_SystemCallFilter, "", look_calls, 0, 0, NULL},
	{D_Seccomp_SystemCallRule, "", look_rules, 0, 0, NULL},
	{D_Seccomp_SystemCallArchitectures, "the kernel's other entries, seldom looked at, with calls of their own", look_abis, 5, 0, NULL},
	{D_Seccomp_SystemCallDefault, "the filter stops nothing, it only writes down", look_log_only, 30, 0, NULL},
	{0},
};
/* clang-format on */

const struct wall_security seccomp_security = {rows, NULL};
