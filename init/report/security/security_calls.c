/* SPDX-License-Identifier: MIT
 * `--security`: the system calls beyond those of the default, and the rules about arguments that
 * hold by default and not here.
 */
#include "compile/read/directives.h"
#include "base/count.h"
#include "report/security/security_rows.h"
#include <stdlib.h>
#include <stdio.h>
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

static void open_tally(struct security *f, const struct security_row *row, const struct tally *t,
	const char *what)
{
	struct security_row mine = *row;
	if (!t->class)
		return;
	mine.why = t->class->why;
	unsigned weight = t->class->calls ? t->class->weight
									  : t->class->weight * (t->count < 5 ? t->count : 5);
	if (t->count > 4)
		security_opens(f, &mine, weight, "%s %s and %u more", what, t->names, t->count - 4);
	else
		security_opens(f, &mine, weight, "%s %s", what, t->names);
}

static struct seccomp_conf plain; /* the default */
/* Its list, in the order of numbers; made once, since seccomp_allowed knows one list at a time. */
static struct seccomp_call usual[CALLS_MAX];
static unsigned usual_count;

static const struct seccomp_call *by_default(const char *call)
{
	for (unsigned i = 0; i < usual_count; i++)
		if (strcmp(usual[i].name, call) == 0)
			return &usual[i];
	return NULL;
}

/* The rules' texts are written anew for each list. */
static void read_default(void)
{
	if (usual_count > 0)
		return;
	int filter = directive_find(span_of("Seccomp"), span_of("SystemCallFilter"));
	seccomp_conf_init(&plain);
	directives[filter].set(&plain, span_of(directives[filter].fallback), NULL);
	while (usual_count < CALLS_MAX && seccomp_allowed(&plain, usual_count, &usual[usual_count])) {
		struct span *rule = &usual[usual_count++].rule;
		char *kept = strndup(rule->n ? rule->p : "", rule->n);
		if (!kept)
			abort();
		*rule = span_of(kept);
	}
}

#define CLASSES COUNT(classes)
#define RULES COUNT(rules)

void look_calls(struct security *f, const struct security_row *row)
{
	struct tally more[CLASSES] = {0};
	struct seccomp_call call;
	read_default();
	for (unsigned i = 0; seccomp_allowed(&f->service->seccomp, i, &call); i++)
		if (!by_default(call.name))
			count_call(more, CLASSES, class_of(classes, call.name), call.name);
	for (size_t i = 0; i < CLASSES; i++)
		open_tally(f, row, &more[i], "calls");
}

void look_rules(struct security *f, const struct security_row *row)
{
	struct tally gone[RULES] = {0}, other[RULES] = {0};
	struct seccomp_call call;
	bool sockets = false;
	read_default();
	for (unsigned i = 0; seccomp_allowed(&f->service->seccomp, i, &call); i++) {
		const struct seccomp_call *before = by_default(call.name);
		if (!before || before->rule.n == 0 || span_same(call.rule, before->rule))
			continue;
		if (strncmp(call.name, "socket", 6) == 0)
			sockets = true;
		else
			count_call(call.rule.n ? other : gone, RULES, class_of(rules, call.name), call.name);
	}
	for (size_t i = 0; i < RULES; i++)
		open_tally(f, row, &gone[i], "any arguments of");
	for (size_t i = 0; i < RULES; i++)
		open_tally(f, row, &other[i], "rules of its own for");
	if (sockets)
		security_sockets(f, row, &plain);
}
