/* SPDX-License-Identifier: MIT
 * PID 1 itself, in namespaces of its own (a root on a tmpfs, an own branch of cgroup2, no
 * controllers), lives a short life: boot, services that become ready, write, exit, are started and
 * stopped by bulkctl, and power-off. In each run one of its system calls fails, or it crashes there
 * (ptrace(2) puts the error, or the signal, in its place). Whatever comes of it: PID 1 lives until
 * reboot(2), no service runs with other walls, and what is not as it is without the fault is said
 * with the errno. After a crash nothing is different at all.
 *
 * faults O [EVERY [SEED]]: all points, or each of them with a chance of one in EVERY.
 */
#include "pid1/box.h"
#include "base/errname.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/reg.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_S 60
#define MAX_CALLS 20000
#define MOST_LINES 60
#define CALLS 512 /* numbers of system calls */

enum mode { FAIL, CRASH, FAIL_AFTER_CRASH };

static struct {
	enum mode mode;
	long target; /* which call, counted from the first; 0: none */
	long crash;  /* FAIL_AFTER_CRASH: the call after which it crashes; the target counts from there */
	int error;
	long seen, number, after_crash;
	bool inside, failing, closes, crashed, died;
} fault;

static bool was_called[CALLS];
static pid_t pid1;

static void on_alarm(int sig)
{
	(void)sig;
	if (pid1 > 0)
		kill(pid1, SIGKILL);
}

/* These can't fail in any kernel, so nobody looks at their result. The last ones fail for wrong
 * arguments alone. */
static bool never_fails(long n)
{
	static const long numbers[] = {SYS_umask, SYS_getpid, SYS_exit_group, SYS_rt_sigreturn, SYS_restart_syscall,
		SYS_rt_sigprocmask, SYS_rt_sigaction, SYS_sigaltstack, SYS_clock_gettime, SYS_arch_prctl, SYS_set_tid_address};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (n == numbers[i])
			return true;
	return false;
}

static bool is_target(long n)
{
	if (fault.mode == FAIL_AFTER_CRASH) {
		if (!fault.crashed)
			return false;
		return !never_fails(n) && ++fault.after_crash == fault.target;
	}
	return fault.seen == fault.target;
}

/* Of a descriptor that is open, which PID 1 knows or finds out so. */
static long number_of(pid_t pid)
{
	long n = ptrace(PTRACE_PEEKUSER, pid, sizeof(long) * ORIG_RAX, NULL);
	long command = n == SYS_fcntl ? ptrace(PTRACE_PEEKUSER, pid, sizeof(long) * RSI, NULL) : -1;
	return command == F_SETFD || command == F_GETFD ? SYS_getpid : n;
}

static void enter_call(pid_t pid)
{
	long n = number_of(pid);
	fault.failing = fault.closes = false;
	if (n >= 0 && n < CALLS)
		was_called[n] = true;
	if (!never_fails(n))
		fault.seen++;
	if (!never_fails(n) && is_target(n)) {
		fault.number = n;
		fault.failing = true;
	}
	/* A close that fails has closed all the same (close(2)). The host's disks are not the
	 * device's. */
	fault.closes = n == SYS_close;
	if (n == SYS_sync || (fault.failing && fault.mode != CRASH && !fault.closes))
		ptrace(PTRACE_POKEUSER, pid, sizeof(long) * ORIG_RAX, -1L);
	if (n == SYS_sync)
		ptrace(PTRACE_POKEUSER, pid, sizeof(long) * RAX, 0L);
}

/* The signal that it leaves the call with, or 0. The kernel says of it that it is its own
 * (SI_KERNEL). */
static int leave_call(pid_t pid)
{
	bool here = fault.failing;
	fault.failing = false;
	if (here && fault.mode != CRASH)
		ptrace(PTRACE_POKEUSER, pid, sizeof(long) * RAX, (long)-fault.error);
	bool crash = fault.mode == CRASH ? here : fault.mode == FAIL_AFTER_CRASH && !fault.crashed && fault.seen >= fault.crash;
	fault.crashed |= crash;
	return crash ? SIGSEGV : 0;
}

static void go_on(pid_t pid, int status)
{
	int sig = 0;
	if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
		fault.inside = !fault.inside;
		if (fault.inside)
			enter_call(pid);
		else
			sig = leave_call(pid);
	} else if (status >> 16 == PTRACE_EVENT_EXEC) {
		sig = 0;
	} else {
		sig = WSTOPSIG(status);
		bool ours = fault.crashed && sig == SIGSEGV;
		fault.died |= !ours && (sig == SIGSEGV || sig == SIGBUS || sig == SIGILL || sig == SIGABRT || sig == SIGTRAP);
		if (fault.died)
			kill(pid, SIGKILL);
	}
	ptrace(PTRACE_SYSCALL, pid, NULL, (long)sig);
}

/* Until PID 1 has ended and so has the conductor. Its wait status. */
static int follow(pid_t conductor)
{
	int status, end = -1;
	pid_t pid;
	bool conducts = true;
	while ((end < 0 || conducts) && (pid = waitpid(-1, &status, __WALL)) > 0) {
		if (pid == conductor && !WIFSTOPPED(status))
			conducts = false;
		else if (pid == pid1 && WIFSTOPPED(status))
			go_on(pid, status);
		else if (pid == pid1)
			end = status;
	}
	return end;
}

/* ---- judging ---- */

static struct box_result good, is;
static long points, violations;

static bool same_or_walls_of(const char *text, const char *whole)
{
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
		size_t n = strcspn(line, "\n");
		char wanted[2048];
		if (strncmp(line, "walls", 5) != 0 || !line[n])
			continue;
		snprintf(wanted, sizeof wanted, "%.*s", (int)n + 1, line);
		if (!strstr(whole, wanted)) {
			printf("#   not without the fault: %s", wanted);
			return false;
		}
	}
	return true;
}

static bool is_said(void)
{
	const char *name = err_name(fault.error);
	return strstr(is.said, name) || strstr(is.state, name) ||
		(fault.mode == FAIL_AFTER_CRASH && strstr(is.said, "state is lost"));
}

/* NULL, or what is wrong. */
static const char *judge(int end)
{
	if (fault.died)
		return "PID 1 crashed";
	if (!WIFSIGNALED(end) || WTERMSIG(end) != SIGINT)
		return WIFSIGNALED(end) && WTERMSIG(end) == SIGKILL ? "PID 1 did not come to an end"
															: "PID 1 ended otherwise than by reboot(2)";
	for (int i = 0; i < BOX_SERVICES; i++)
		if (!same_or_walls_of(is.log[i], good.log[i]))
			return "other walls";
	if (fault.target && !fault.number)
		return NULL; /* it made fewer calls this time */
	bool same = strcmp(is.state, good.state) == 0;
	for (int i = 0; i < BOX_SERVICES; i++)
		same &= strcmp(is.log[i], good.log[i]) == 0;
	if (same)
		return NULL;
	if (fault.mode == CRASH)
		return "the crash was noticed";
	return is_said() ? NULL : "not as it should be, and nobody says so";
}

static void show_difference(const char *what, const char *was, const char *now)
{
	size_t i = 0, line = 0;
	for (; was[i] && was[i] == now[i]; i++)
		if (was[i] == '\n')
			line = i + 1;
	if (was[i] || now[i])
		printf("#   %s was: %.*s\n#   %s is:  %.*s\n", what, (int)strcspn(was + line, "\n"), was + line, what,
			(int)strcspn(now + line, "\n"), now + line);
}

static void complain(const char *wrong)
{
	static const char *const modes[] = {"failing with", "with a crash behind it", "after a crash failing with"};
	printf("# call %ld (number %ld) %s %s: %s\n", fault.target, fault.number, modes[fault.mode], err_name(fault.error), wrong);
	show_difference("state", good.state, is.state);
	for (int i = 0; i < BOX_SERVICES; i++)
		show_difference(box_services[i], good.log[i], is.log[i]);
	int lines = 0;
	for (const char *line = is.said; *line && lines++ < MOST_LINES;
		 line += strcspn(line, "\n") + (line[strcspn(line, "\n")] != 0))
		printf("#     %.*s\n", (int)strcspn(line, "\n"), line);
}

static const char *run(enum mode mode, long target, long crash, int error)
{
	memset(&fault, 0, sizeof fault);
	fault.mode = mode;
	fault.target = target;
	fault.crash = crash;
	fault.error = error;
	pid1 = box_begin();
	if (pid1 < 0)
		return "the box does not stand";
	pid_t conductor = box_conduct(pid1);
	alarm(PATIENCE_S);
	int end = follow(conductor);
	alarm(0);
	pid1 = 0;
	box_end(&is);
	if (!good.state[0])
		good = is;
	return judge(end);
}

static bool chosen(unsigned every)
{
	return every <= 1 || (unsigned)rand() % every == 0;
}

static unsigned number = 1;

static void phase(const char *name, enum mode mode, long calls, long crash, int error, unsigned every)
{
	long bad = 0, tried = 0;
	for (long n = 1; n <= calls && n < MAX_CALLS; n++) {
		if (!chosen(every))
			continue;
		const char *wrong = run(mode, n, crash, error);
		tried++;
		if (wrong)
			complain(wrong);
		bad += wrong != NULL;
	}
	points += tried;
	violations += bad;
	printf("%sok %u - %s: %ld of %ld points tried, %ld violations\n", bad ? "not " : "", number++, name, tried, calls, bad);
}

static long baseline(void)
{
	const char *wrong = run(FAIL, 0, 0, 0);
	wrong = wrong ? wrong : run(FAIL, 0, 0, 0);
	bool well = !wrong && strstr(good.state, "\"up\"") && strstr(good.log[0], "life ends");
	printf("%sok %u - without a fault (%ld calls)%s%s\n", well ? "" : "not ", number++, fault.seen, wrong ? ": " : "",
		wrong ? wrong : "");
	if (!well) {
		show_difference("state", good.state, is.state);
		for (int i = 0; i < BOX_SERVICES; i++)
			show_difference(box_services[i], good.log[i], is.log[i]);
		printf("# said: %s\n", is.said);
	}
	return well ? fault.seen : -1;
}

int main(int argc, char **argv)
{
	unsigned every = argc > 2 ? (unsigned)atoi(argv[2]) : 1;
	long only = argc > 4 ? atol(argv[4]) : 0;
	setvbuf(stdout, NULL, _IOLBF, 0);
	srand(argc > 3 ? (unsigned)atoi(argv[3]) : 1);
	const char *lacks = argc < 2 ? "usage: faults O [EVERY [SEED]]" : box_prepare(argv[1]);
	if (lacks) {
		printf("1..1\nok 1 - faults # SKIP %s\n0 passed, 0 failed, 1 skipped\n", lacks);
		return 0;
	}
	signal(SIGALRM, on_alarm);
	long calls = baseline();
	if (calls > 0 && only) {
		const char *wrong = run((enum mode)atoi(argv[5]), only, argc > 6 ? atol(argv[6]) : calls / 2, EIO);
		complain(wrong ? wrong : "well");
		box_forget();
		return 0;
	}
	if (calls > 0) {
		phase("each call fails with EIO", FAIL, calls, 0, EIO, every);
		phase("a crash after each call", CRASH, calls, 0, 0, every);
		phase("each call of the recovery fails with EIO", FAIL_AFTER_CRASH, 250, calls * 2 / 3, EIO, every);
		phase("each call fails with ENOMEM", FAIL, calls, 0, ENOMEM, every * 2);
	}
	box_forget();
	int failed = calls <= 0 || violations;
	printf("# %ld points of PID 1's own calls tried, %ld violations\n", points, violations);
	printf("%u passed, %d failed\n", number - 1 - (unsigned)failed, failed);
	return failed;
}
