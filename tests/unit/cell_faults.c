// needs: plan base tests/unit/cell_box.c CONFIG_LANDLOCK CONFIG_OLD_MOUNT
/* SPDX-License-Identifier: MIT
 * Each system call that the cell makes fails once, in the reaper and in the service's process
 * before its execve (ptrace(2) puts the error in its place). Whatever comes of it: a service that
 * runs has every wall that it has without the fault, and one that does not run is reported.
 */
#include "base/errname.h"
#include "base/sys.h"
#include "unit/cell_box.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/reg.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_CALLS 2000 /* more than the cell makes */
#define MAX_TASKS 8
#define PATIENCE_S 20

/* ---- the fault ---- */

static struct {
	long target; /* which call fails, counted from the cell's first; 0: none does */
	int error;
	long seen;   /* calls so far */
	long number; /* of the call that failed */
	long first;  /* its first argument */
	bool waited; /* the reaper has come to its endless wait */
} fault;

static struct {
	pid_t pid;
	bool inside; /* a call is under way */
	bool failing;
} tasks[MAX_TASKS];

static void forget_tasks(void)
{
	memset(tasks, 0, sizeof(tasks));
}

static int find_task(pid_t pid)
{
	for (int i = 0; i < MAX_TASKS; i++) {
		if (tasks[i].pid == pid)
			return i;
		if (tasks[i].pid == 0) {
			tasks[i].pid = pid;
			return i;
		}
	}
	return 0;
}

/* These can't fail in any kernel, so nobody looks at their result. */
static bool never_fails(long number)
{
	return number == SYS_umask || number == SYS_getpid || number == SYS_getppid ||
		number == SYS_exit_group || number == SYS_rt_sigreturn || number == SYS_restart_syscall;
}

static void enter_call(int task)
{
	pid_t pid = tasks[task].pid;
	long number = ptrace(PTRACE_PEEKUSER, pid, sizeof(long) * ORIG_RAX, NULL);
	if (number == SYS_rt_sigtimedwait)
		fault.waited = true;
	/* From there on it is the service's life and end, with which no wall has to do. */
	if (fault.waited || never_fails(number) || ++fault.seen != fault.target)
		return;
	fault.number = number;
	fault.first = ptrace(PTRACE_PEEKUSER, pid, sizeof(long) * RDI, NULL);
	tasks[task].failing = true;
	ptrace(PTRACE_POKEUSER, pid, sizeof(long) * ORIG_RAX, -1L); /* no such call: nothing is done */
}

static void leave_call(int task)
{
	if (tasks[task].failing)
		ptrace(PTRACE_POKEUSER, tasks[task].pid, sizeof(long) * RAX, (long)-fault.error);
	tasks[task].failing = false;
}

/* What to go on with after a stop: the request of ptrace(2), and in *sig the signal to be
 * delivered. */
static int after_stop(pid_t pid, int status, long cell, int *sig)
{
	int task = find_task(pid);
	*sig = 0;
	if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
		tasks[task].inside = !tasks[task].inside;
		if (tasks[task].inside)
			enter_call(task);
		else
			leave_call(task);
		return PTRACE_SYSCALL;
	}
	if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8) && pid != cell)
		return PTRACE_DETACH; /* the service's own program */
	/* A traced first process of a namespace survives its own crash, and would crash forever;
	 * untraced it dies. */
	if (status >> 16 == 0 &&
		(WSTOPSIG(status) == SIGSEGV || WSTOPSIG(status) == SIGILL || WSTOPSIG(status) == SIGBUS))
		kill(pid, SIGKILL);
	if (status >> 16 == 0 && WSTOPSIG(status) != SIGSTOP && WSTOPSIG(status) != SIGTRAP)
		*sig = WSTOPSIG(status);
	return PTRACE_SYSCALL;
}

static void follow(long cell)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE |
		PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	int status, sig;
	pid_t pid;
	forget_tasks();
	/* The stop after the execve of bulkhead-cell. */
	if (waitpid((pid_t)cell, &status, __WALL) != cell || !WIFSTOPPED(status))
		return;
	ptrace(PTRACE_SETOPTIONS, cell, NULL, options);
	ptrace(PTRACE_SYSCALL, cell, NULL, NULL);
	alarm(PATIENCE_S);
	siginfo_t info;
	/* The cell's own end is left to box_cell. */
	while (waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WNOWAIT | __WALL) == 0) {
		if (info.si_pid == cell && info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED)
			break;
		pid = waitpid(info.si_pid, &status, __WALL);
		if (pid > 0 && WIFSTOPPED(status)) {
			int how = after_stop(pid, status, cell, &sig);
			ptrace(how, pid, NULL, (long)sig);
		}
	}
	alarm(0);
}

/* ---- the service ---- */

static const char script[] =
	"grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp|Sig(Blk|Ign)|Umask)' /proc/self/status; hostname; id; env; ulimit -n; ulimit -Hn; nice; pwd;"
	"cut -d' ' -f5,6,7 /proc/self/mountinfo | grep -v '/tmp/'; cat /proc/self/oom_score_adj; cd /proc/self/fd; echo fds [0-9]*; ls /proc/self/net/dev;"
	"ls -A /dev /dev/shm /tmp /sys /run /run/log; (: >>/etc/x) 2>&1; (: >>/dev/shm/x) 2>&1; (: >>/tmp/x) && echo tmp; uname; kill -0 1; p=$(ps 2>/dev/null); echo \"$p\" | wc -l; cat /proc/self/uid_map; echo end";

/* With a bind that the mounts leave writable and Landlock does not; only where this machine's
 * kernel has it. */
static void add_landlock(struct plan_in_work *t)
{
	const struct landlock_rule rules[] = {
		{plan_write_text(t->w, "/"), LANDLOCK_MAY_READ | LANDLOCK_MAY_EXECUTE},
		{plan_write_text(t->w, "/tmp"), LANDLOCK_MAY_MODIFY | LANDLOCK_MAY_CREATE},
		{plan_write_text(t->w, "/run/unit"), LANDLOCK_MAY_MODIFY | LANDLOCK_MAY_CREATE},
		{plan_write_text(t->w, "/dev"), LANDLOCK_MAY_MODIFY | LANDLOCK_MAY_CONTROL},
		{plan_write_text(t->w, "/proc"), LANDLOCK_MAY_MODIFY},
	};
	struct landlock_plan l = {.flags = LANDLOCK_REQUIRED | LANDLOCK_SCOPED};
	if (sys_landlock_create_ruleset(NULL, 0, 1) < 2)
		return;
	l.rules = plan_write_list(t->w, rules, sizeof(*rules), COUNT(rules));
	t->service.wall[WALL_LANDLOCK] = plan_write_blob(t->w, &l, sizeof(l));
}

static void change(struct plan_in_work *t)
{
	static const struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_uname, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	static const struct limits_rlimit r[] = {{.resource = RLIMIT_NOFILE, .soft = 77, .hard = 88}};
	struct filesystem_directory d = {.mode = 0700,
		.uid = ID_BASE + 1000,
		.gid = ID_BASE + 1000,
		.writable = 1,
		.runtime = 1};
	struct filesystem_rule rules[] = {
		{.op = FS_HIDDEN, .target = plan_write_text(t->w, "/etc/passwd")},
		{.op = FS_BIND_READ_ONLY,
			.source = plan_write_text(t->w, "/usr/share"),
			.target = plan_write_text(t->w, "/mnt")},
		{.op = FS_TMPFS,
			.target = plan_write_text(t->w, "/opt"),
			.options = plan_write_text(t->w, "ro,size=64k")},
		{.op = FS_NO_EXEC, .target = plan_write_text(t->w, "/usr/share")},
	};
	t->seccomp.filter = plan_write_list(t->w, f, sizeof(*f), COUNT(f));
	t->limits = (struct limits_plan){.flags = LIMITS_NICE | LIMITS_OOM,
		.nice = 7,
		.oom_score_adj = 321};
	t->limits.rlimits = plan_write_list(t->w, r, sizeof(*r), COUNT(r));
	d.path = plan_write_text(t->w, "/run/unit");
	t->filesystem.directories = plan_write_list(t->w, &d, sizeof(d), 1);
	t->filesystem.rules = plan_write_list(t->w, rules, sizeof(*rules), COUNT(rules));
	t->service.working_directory = d.path;
	t->service.type = TYPE_NOTIFY;
	add_landlock(t);
	t->capabilities.bounding = t->capabilities.ambient = 1ull << 10; /* CAP_NET_BIND_SERVICE */
}

static void change_root(struct plan_in_work *t)
{
	change(t);
	t->filesystem.root_directory = plan_write_text(t->w, "/run/root");
}

static const struct test variants[] = {
	{.name = "the host's root", .change = change, .script = script, .trace = follow},
	{.name = "another root", .change = change_root, .script = script, .trace = follow},
	{.name = "another root with mount(2) alone",
		.change = change_root,
		.script = script,
		.trace = follow,
		.masked = {SYS_mount_setattr, SYS_openat2}},
};

static const struct test *test;

/* ---- judging ---- */

/* what the service says when nothing fails */
static char whole[sizeof(((struct result *)0)->output)];

static bool has_report(const struct result *r, unsigned kind)
{
	for (unsigned i = 0; i < r->reports; i++)
		if (r->report[i].kind == kind)
			return true;
	return false;
}

/* NULL, or what is wrong. */
static const char *judge(const struct result *r)
{
	bool ran = r->output[0] != '\0';
	size_t n = strlen(r->output);
	/* A service whose reaper then fails is killed in the middle of its output: all that it said
	 * must still be right. */
	if (ran && strncmp(r->output, whole, n) != 0)
		return "the service ran and its walls were not the same";
	if (ran && n != strlen(whole) && !has_report(r, REPORT_FAILED) && r->reports > 0)
		return "the service was cut short without a report of a failure";
	if (has_report(r, REPORT_FAILED) && has_report(r, REPORT_STARTED))
		return "failed and started";
	if (has_report(r, REPORT_STARTED) && !ran)
		return "started, but nothing ran";
	for (unsigned i = 0; i < r->reports; i++)
		if (r->report[i].kind == REPORT_FAILED &&
			(!r->report[i].step[0] || r->report[i].value <= 0))
			return "a report without step or errno";
	return NULL;
}

static void show_difference(const char *is)
{
	const char *was = whole;
	while (*is && *is == *was) {
		is++;
		was++;
	}
	while (is > whole && was > whole && was[-1] != '\n') {
		is--;
		was--;
	}
	printf("#   was: %.*s\n#   is:  %.*s\n", (int)strcspn(was, "\n"), was, (int)strcspn(is, "\n"),
		is);
}

static unsigned tally_failed, tally_same, tally_silent;

static bool run_fault(long target, int error)
{
	static struct result r;
	memset(&fault, 0, sizeof(fault));
	fault.target = target;
	fault.error = error;
	rmdir("/run/unit"); /* so that each run makes it */
	int err = box_cell(test, &r);
	const char *wrong = err < 0 ? "it did not come to an end" : judge(&r);
	tally_failed += has_report(&r, REPORT_FAILED);
	tally_same += has_report(&r, REPORT_STARTED);
	tally_silent += r.reports == 0;
	if (!wrong)
		return true;
	printf("# call %ld of the cell (number %ld, first argument %ld) failing with %s: %s\n", target,
		fault.number, fault.first, err_name(error), wrong);
	for (unsigned i = 0; i < r.reports; i++)
		printf("#   report: kind %u value %d step '%s' detail '%s'\n", r.report[i].kind,
			r.report[i].value, r.report[i].step, r.report[i].detail);
	if (r.output[0])
		show_difference(r.output);
	return false;
}

/* With the same programs. */
static bool make_root(void)
{
	return system(
			   "set -e; mkdir /run/root; cd /run/root; mkdir -p usr proc dev sys tmp run var/tmp etc mnt opt; : >etc/passwd;"
			   "for d in bin sbin lib lib64; do ln -s usr/$d $d; done; mount --bind /usr usr") == 0;
}

static bool prepare(void)
{
	return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		mount("tmpfs", "/run", "tmpfs", 0, "mode=755") == 0 && mkdir("/run/bulkhead", 0755) == 0 &&
		mkdir("/run/log", 0755) == 0 && mkdir("/run/bulkhead/notify.d", 0711) == 0 &&
		mknod("/run/bulkhead/notify.d/unit", S_IFREG | 0666, 0) == 0 && make_root();
}

static void on_alarm(int sig)
{
	static const char text[] = "Bail out! the cell hangs\n";
	(void)sig;
	if (write(1, text, sizeof(text) - 1) > 0)
		_exit(1);
	_exit(2);
}

static bool run_baseline(long *calls)
{
	static struct result r;
	memset(&fault, 0, sizeof(fault));
	bool good = box_cell(test, &r) == 0 && r.reports == 2 && r.report[0].kind == REPORT_STARTED &&
		strstr(r.output, "\nend\n");
	*calls = fault.seen;
	strcpy(whole, r.output);
	printf("%sok %u - %s: without a fault it runs (%ld calls)\n", good ? "" : "not ", box_number(),
		test->name, fault.seen);
	if (!good)
		printf("# %u reports, step '%s' detail '%s', output: %s\n", r.reports, r.report[0].step,
			r.report[0].detail, r.output);
	return good;
}

static long points;

static unsigned run_faults(void)
{
	static const int errors[] = {EIO, EPERM};
	unsigned failures = 0;
	long calls;
	if (!run_baseline(&calls))
		return 1;
	/* The second error where most is new; it costs as much again. */
	for (size_t e = 0; e < (test == variants ? COUNT(errors) : 1); e++) {
		unsigned bad = 0;
		tally_failed = tally_same = tally_silent = 0;
		for (long n = 1; n <= calls && n < MAX_CALLS; n++)
			bad += !run_fault(n, errors[e]), points++;
		printf(
			"%sok %u - %s: each of %ld calls failing with %s: %u refused, %u the same with it, %u without a word\n",
			bad ? "not " : "", box_number(), test->name, calls, err_name(errors[e]), tally_failed,
			tally_same, tally_silent);
		failures += bad;
	}
	return failures;
}

int main(void)
{
	unsigned failures = 0;
	setvbuf(stdout, NULL, _IOLBF, 0);
#ifndef __x86_64__
	printf("1..1\nok 1 - faults # SKIP written for the registers of x86_64\n");
	return 0;
#endif
	if (geteuid() != 0 || !box_find_cell()) {
		printf("1..1\nok 1 - faults # SKIP %s\n",
			geteuid() ? "needs root" : "bulkhead-cell is not built yet: make all");
		return 0;
	}
	signal(SIGALRM, on_alarm);
	if (!prepare()) {
		printf("1..1\nnot ok 1 - a /run of its own\n");
		return 1;
	}
	for (size_t v = 0; v < COUNT(variants); v++) {
		test = &variants[v];
		failures += run_faults();
	}
	printf("# %ld points tried, %u violations\n1..%u\n", points, failures, box_number() - 1);
	return failures != 0;
}
