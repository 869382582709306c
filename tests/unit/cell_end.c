// needs: plan base tests/unit/cell_box.c
/* SPDX-License-Identifier: MIT
 * The reaper is killed at each moment between the end of the service's process and its own, and how
 * the service ended is known all the same: it has been reported, or the process is left to whoever
 * adopts the reaper's children, as PID 1 does. ptrace(2) stops the reaper at these moments.
 */
#include "unit/cell_box.h"
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/reg.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_S 60
#define MOMENTS 100 /* more than there are */
#define STATUS (7 << 8)

static struct {
	int at;   /* which stop is its last one; 0: none */
	int seen; /* stops since it waits for the end; the first is the beginning of that wait */
} moment;

/* Whether it is to go on. */
static bool goes_on(long cell, bool waits)
{
	if (!waits || ++moment.seen != moment.at)
		return ptrace(PTRACE_SYSCALL, cell, NULL, NULL) == 0;
	kill((pid_t)cell, SIGKILL);
	return true;
}

static void follow(long cell)
{
	bool waits = false, alive = true;
	siginfo_t info;
	int status;
	moment.seen = 0;
	/* box_cell wants to see its end itself. */
	while (alive && waitid(P_PID, (id_t)cell, &info, WEXITED | WSTOPPED | WNOWAIT) == 0 &&
		info.si_code == CLD_TRAPPED) {
		waitpid((pid_t)cell, &status, 0);
		if (WSTOPSIG(status) == SIGTRAP) /* its execve: the first stop */
			ptrace(PTRACE_SETOPTIONS, cell, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
		waits = waits ||
			ptrace(PTRACE_PEEKUSER, cell, sizeof(long) * ORIG_RAX, NULL) == SYS_rt_sigtimedwait;
		alive = goes_on(cell, waits);
	}
}

/* So that an orphan of it is ours. */
static void host_pid(struct plan_in_work *t)
{
	t->namespaces.own &= ~(uint32_t)NS_PID;
	t->service.clone_flags &= ~(uint32_t)CLONE_NEWPID;
	t->filesystem.proc = PROC_HOST;
}

/* Its cell does not wait for what it has left. */
static void oneshot(struct plan_in_work *t)
{
	t->service.type = TYPE_ONESHOT;
}

static const struct report *find(const struct result *r, uint32_t kind)
{
	for (unsigned i = 0; i < r->reports; i++)
		if (r->report[i].kind == kind)
			return &r->report[i];
	return NULL;
}

static bool is_known(const struct result *r)
{
	const struct report *started = find(r, REPORT_STARTED), *exited = find(r, REPORT_EXITED);
	int status = -1;
	bool adopted = started && started->value > 1 &&
		waitpid((pid_t)started->value, &status, 0) == (pid_t)started->value;
	return (exited && exited->value == STATUS) || (adopted && status == STATUS);
}

static unsigned judge(bool good, const char *name)
{
	printf("%sok %u - %s\n", good ? "" : "not ", box_number(), name);
	return !good;
}

static unsigned killed_in_between(void)
{
	const struct test t = {.name = "[host pid]",
		.change = host_pid,
		.script = "exit 7",
		.trace = follow};
	static struct result r;
	bool good = true, killed = true;
	for (moment.at = 2; killed && moment.at < MOMENTS; moment.at++) {
		bool ran = box_cell(&t, &r) == 0, known = ran && is_known(&r);
		killed = ran && WIFSIGNALED(r.status);
		if (!known)
			printf("# lost by a kill at moment %d\n", moment.at);
		good = good && known;
	}
	printf("# %d moments\n", moment.at - 3);
	return judge(good && !killed, "how it ended is never lost");
}

/* Only what lives is left: its own process has not been waited for at that time. */
static unsigned leaves(const char *script, const char *step)
{
	const struct test t = {.name = "leaves", .change = oneshot, .script = script, .trace = NULL};
	static struct result r;
	char name[80];
	bool ran = box_cell(&t, &r) == 0;
	const struct report *exited = ran ? find(&r, REPORT_EXITED) : NULL;
	snprintf(name, sizeof(name), "what is left is told: \"%s\"", step);
	return judge(exited && exited->value == 0 && strcmp(exited->step, step) == 0, name);
}

int main(void)
{
#ifndef __x86_64__
	printf("1..1\nok 1 - the end # SKIP written for the registers of x86_64\n");
	return 0;
#endif
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (geteuid() != 0 || !box_find_cell()) {
		printf("1..1\nok 1 - the end # SKIP %s\n",
			geteuid() ? "needs root" : "bulkhead-cell is not built yet: make all");
		return 0;
	}
	alarm(PATIENCE_S);
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("tmpfs", "/run", "tmpfs", 0, "mode=755") < 0 || mkdir("/run/bulkhead", 0755) < 0 ||
		prctl(PR_SET_CHILD_SUBREAPER, 1ul, 0ul, 0ul, 0ul) < 0) {
		printf("1..1\nnot ok 1 - a /run of its own\n");
		return 1;
	}
	unsigned failures = killed_in_between();
	failures += leaves("sleep 1000 & exit 0", REPORT_LEAVES);
	failures += leaves("true & wait; exit 0", "");
	printf("1..%u\n", box_number() - 1);
	return failures != 0;
}
