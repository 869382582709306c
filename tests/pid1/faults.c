/* SPDX-License-Identifier: MIT
 * PID 1 itself, in namespaces of its own (a root on a tmpfs, an own branch of cgroup2, no
 * controllers), lives a short life (box.c has them): boot, services that become ready, write, exit,
 * are started and stopped by bulkctl, and power-off. In each run one of its system calls fails, or
 * it crashes there (ptrace(2) puts the error, or the signal, in its place). Whatever comes of it:
 * PID 1 lives until reboot(2), no service runs with other walls, no line and no exit is lost, and
 * what is not as it is without the fault is said with the errno, in a line that names what it is
 * about. After a crash nothing is different at all.
 *
 * faults O [EVERY [SEED]]: all points, or each of them with a chance of one in EVERY.
 * FAULTS_JOBS=N: N processes for each life.
 */
#include "pid1/box.h"
#include "pid1/calls.h"
#include "pid1/rooms.h"
#include "base/errname.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/reg.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_S 60
#define MAX_CALLS 20000
#define MOST_LINES 60
#define PASSRIGHTS 83 /* SO_PASSRIGHTS, which C libraries do not have yet */
#define CALLS 512     /* numbers of system calls */
#define RECOVERY 250  /* calls from the crash on, of which each fails */

enum mode { FAIL, CRASH, FAIL_AFTER_CRASH, LEARN };

static struct {
	enum mode mode;
	long target; /* which call, counted from the first; 0: none */
	/* FAIL_AFTER_CRASH: the call after which it crashes; the target counts from there */
	long crash;
	int error;
	long seen, number, after_crash;
	/* sockets of which PID 1 says that no descriptor may be passed, but for the control socket's
	 * clients */
	long refusing;
	bool inside, failing, closes, accepting, learns, crashed, died;
} fault;

/* Of all lives together: each is lived in a process of its own. */
static struct shared {
	bool failed[CALLS], crashed[CALLS], called[CALLS];
	long points, violations, checks;
} * all;
static pid_t pid1;

static void on_alarm(int sig)
{
	(void)sig;
	if (pid1 > 0)
		kill(pid1, SIGKILL);
}

static bool is_target(long n)
{
	if (fault.mode == FAIL_AFTER_CRASH) {
		if (!fault.crashed)
			return false;
		return !call_never_fails(n) && ++fault.after_crash == fault.target;
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

/* Descriptors come through, as with kernels before 6.16. */
static void replace(pid_t pid, long n)
{
	long third = ptrace(PTRACE_PEEKUSER, pid, sizeof(long) * RDX, NULL);
	call_confine(pid, n);
	if (n != SYS_setsockopt || third != PASSRIGHTS)
		return;
	fault.refusing++;
	call_skip(pid, -ENOPROTOOPT);
}

static int room_now(pid_t pid)
{
	return rooms_of(pid, (unsigned long)ptrace(PTRACE_PEEKUSER, pid, sizeof(long) * RSP, NULL));
}

/* The kinds of the calls without a fault: which it is, and from which file. A few are most of
 * them. */
static uint16_t kind_of[MAX_CALLS];
static long of_kind[(ROOMS + 1) * CALLS], kinds;

static void learn_kind(pid_t pid, long n)
{
	if (fault.seen >= MAX_CALLS || n < 0 || n >= CALLS)
		return;
	kind_of[fault.seen] = (uint16_t)((room_now(pid) + 1) * CALLS + n);
	kinds += of_kind[kind_of[fault.seen]]++ == 0;
}

static void enter_call(pid_t pid)
{
	long n = number_of(pid);
	fault.failing = fault.closes = false;
	if (n >= 0 && n < CALLS)
		all->called[n] = true;
	if (!call_never_fails(n)) {
		fault.seen++;
		if (fault.learns)
			learn_kind(pid, n);
	}
	if (!call_never_fails(n) && is_target(n)) {
		fault.number = n;
		fault.failing = true;
		rooms_count(room_now(pid));
		if (n >= 0 && n < CALLS)
			*(fault.mode == CRASH ? &all->crashed[n] : &all->failed[n]) = true;
	}
	/* A close that fails has closed all the same (close(2)). */
	fault.closes = n == SYS_close;
	fault.accepting = n == SYS_accept4;
	if (fault.failing && fault.mode != CRASH && !fault.closes)
		ptrace(PTRACE_POKEUSER, pid, sizeof(long) * ORIG_RAX, -1L);
	else
		replace(pid, n);
}

/* The signal that it leaves the call with, or 0. The kernel says of it that it is its own
 * (SI_KERNEL). */
static int leave_call(pid_t pid)
{
	bool here = fault.failing;
	fault.failing = false;
	if (fault.accepting && (long)ptrace(PTRACE_PEEKUSER, pid, sizeof(long) * RAX, NULL) >= 0)
		fault.refusing--;
	if (here && fault.mode != CRASH)
		ptrace(PTRACE_POKEUSER, pid, sizeof(long) * RAX, (long)-fault.error);
	bool crash = fault.mode == CRASH
		? here
		: fault.mode == FAIL_AFTER_CRASH && !fault.crashed && fault.seen >= fault.crash;
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
		fault.died |= !ours &&
			(sig == SIGSEGV || sig == SIGBUS || sig == SIGILL || sig == SIGABRT || sig == SIGTRAP);
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
	while ((end < 0 || conducts) && (pid = waitpid(-1, &status, __WALL)) > 0)
		if (pid == conductor && !WIFSTOPPED(status))
			conducts = false;
		else if (pid == pid1 && WIFSTOPPED(status))
			go_on(pid, status);
		else if (pid == pid1)
			end = status;
	return end;
}

/* ---- judging ---- */

static const struct box_life *life;
static struct box_result good, is;

static bool same_or_walls_of(const char *text, const char *whole)
{
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
		size_t n = strcspn(line, "\n");
		char wanted[2048];
		if (strncmp(line, "walls", 5) != 0 || !line[n])
			continue;
		snprintf(wanted, sizeof(wanted), "%.*s", (int)n + 1, line);
		if (!strstr(whole, wanted)) {
			printf("#   not without the fault: %s", wanted);
			return false;
		}
	}
	return true;
}

/* What the status says of one service. */
static void part_of(const char *state, const char *name, char *out, size_t cap)
{
	char key[64];
	snprintf(key, sizeof(key), "\n    \"service\": \"%s\"", name);
	const char *at = strstr(state, key), *end = at ? strstr(at + 1, "\n    \"service\": ") : NULL;
	snprintf(out, cap, "%.*s", at ? (int)(end ? (size_t)(end - at) : strlen(at)) : 0, at ? at : "");
}

static bool differs(int i)
{
	char was[2048], now[2048];
	part_of(good.state, life->service[i].name, was, sizeof(was));
	part_of(is.state, life->service[i].name, now, sizeof(now));
	return strcmp(was, now) != 0 || strcmp(good.log[i], is.log[i]) != 0;
}

static bool starts(const char *line, const char *name)
{
	size_t n = strlen(name);
	return strncmp(line, "bulkhead: ", 10) == 0 && strncmp(line + 10, name, n) == 0 &&
		line[10 + n] == ':';
}

/* It begins with the name of another service, so it tells nothing of this one. */
static bool is_of_another(const char *line, int i)
{
	for (int k = 0; k < BOX_SERVICES && life->service[k].name; k++)
		if (k != i && starts(line, life->service[k].name))
			return true;
	return false;
}

static bool line_has(const char *line, const char *what)
{
	return memmem(line, strcspn(line, "\n"), what, strlen(what));
}

static const char *next(const char *line)
{
	line += strcspn(line, "\n");
	return *line ? line + 1 : line;
}

/* The errno, in a line about this service or about something that is nobody's alone. */
static bool is_said_of(int i)
{
	char now[2048];
	const char *name = err_name(fault.error);
	for (const char *line = is.said; *line; line = next(line)) {
		if (fault.mode == FAIL_AFTER_CRASH && line_has(line, "state is lost"))
			return true;
		if (line_has(line, name) && !is_of_another(line, i))
			return true;
	}
	part_of(is.state, life->service[i].name, now, sizeof(now));
	return strstr(now, name);
}

/* The lines of a life are numbered, and none comes without the one before it. */
static bool has_gap(const char *log)
{
	int last = 0, n;
	for (const char *line = log; *line; line = next(line))
		if (strncmp(line, "life begins", 11) == 0)
			last = 0;
		else if (sscanf(line, "life line %d", &n) == 1 && n != ++last)
			return true;
		else if ((strncmp(line, "life ends", 9) == 0 || strncmp(line, "life exits", 10) == 0) &&
			last != BOX_LINES)
			return true;
	return false;
}

static int count(const char *text, const char *name, const char *what)
{
	int n = 0;
	for (const char *line = text; *line; line = next(line))
		n += (!name || starts(line, name)) && line_has(line, what);
	return n;
}

/* Each end of a main process that the service itself tells of PID 1 tells too. */
static bool exit_is_lost(int i)
{
	const char *name = life->service[i].name, *log = is.log[i];
	int ends = count(log, NULL, "life ends") + count(log, NULL, "life exits 7") +
		count(log, NULL, "life exits 3");
	int told = count(is.said, name, ": ended") + count(is.said, name, ": stopped") +
		count(is.said, name, ": failed");
	return told < ends;
}

/* NULL, or what is wrong with what it did not tell. */
static const char *judge_silence(void)
{
	/* Where it does not see its word for it (bulkhead.log=debug) the kernel's log alone has
	 * that. */
	bool mute = !strstr(is.said, ": ready") || (fault.number == SYS_write && fault.mode != CRASH);
	bool lost = strstr(is.said, "state is lost");
	for (int i = 0; i < BOX_SERVICES && life->service[i].name; i++) {
		if (has_gap(is.log[i]) && !is_said_of(i))
			return "lines are lost";
		if (!lost && !mute && exit_is_lost(i))
			return "an exit is lost";
		if (fault.mode != CRASH && differs(i) && !is_said_of(i))
			return "not as it should be, and nobody says so";
	}
	return NULL;
}

/* NULL, or what is wrong. */
static const char *judge(int end)
{
	if (fault.died)
		return "PID 1 crashed";
	if (!WIFSIGNALED(end) || WTERMSIG(end) != SIGINT)
		return WIFSIGNALED(end) && WTERMSIG(end) == SIGKILL
			? "PID 1 did not come to an end"
			: "PID 1 ended otherwise than by reboot(2)";
	bool same = strcmp(is.state, good.state) == 0;
	for (int i = 0; i < BOX_SERVICES; i++) {
		if (!same_or_walls_of(is.log[i], good.log[i]))
			return "other walls";
		same &= strcmp(is.log[i], good.log[i]) == 0;
	}
	if (fault.target && !fault.number)
		return NULL; /* it made fewer calls this time */
	if (!same && fault.mode == CRASH)
		return "the crash was noticed";
	return judge_silence();
}

static void show_difference(const char *what, const char *was, const char *now)
{
	size_t i = 0, line = 0;
	for (; was[i] && was[i] == now[i]; i++)
		if (was[i] == '\n')
			line = i + 1;
	if (was[i] || now[i])
		printf("#   %s was: %.*s\n#   %s is:  %.*s\n", what, (int)strcspn(was + line, "\n"),
			was + line, what, (int)strcspn(now + line, "\n"), now + line);
}

static void show_differences(void)
{
	show_difference("state", good.state, is.state);
	for (int i = 0; i < BOX_SERVICES && life->service[i].name; i++)
		show_difference(life->service[i].name, good.log[i], is.log[i]);
}

static void complain(const char *wrong)
{
	static const char *const modes[] = {"failing with", "with a crash behind it",
		"after a crash failing with"};
	char name[32];
	call_name(fault.number, name);
	printf("# %s: call %ld (%s) %s %s", life->name, fault.target, name, modes[fault.mode],
		err_name(fault.error));
	printf(fault.mode == FAIL_AFTER_CRASH ? " (crash at %ld): %s\n" : "%.0ld: %s\n",
		fault.mode == FAIL_AFTER_CRASH ? fault.crash : 0, wrong);
	show_differences();
	int lines = 0;
	for (const char *line = is.said; *line && lines++ < MOST_LINES; line = next(line))
		printf("#     %.*s\n", (int)strcspn(line, "\r\n"), line);
}

static const char *run(enum mode mode, long target, long crash, int error)
{
	memset(&fault, 0, sizeof(fault));
	fault.mode = mode == LEARN ? FAIL : mode;
	fault.learns = mode == LEARN;
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

static unsigned next_number(void)
{
	return (unsigned)__atomic_add_fetch(&all->checks, 1, __ATOMIC_SEQ_CST);
}

struct phase {
	const char *name;
	enum mode mode;
	int error;
	unsigned rarer;
	unsigned crash; /* FAIL_AFTER_CRASH: after so many hundredths of the life's calls */
};

/* One call in `every`, but each kind of call as often as any other. */
static bool chosen(const struct phase *p, long n, long calls, unsigned every)
{
	if (every <= 1)
		return true;
	double chance = 1.0 / every;
	if (p->mode != FAIL_AFTER_CRASH && of_kind[kind_of[n]])
		chance *= (double)calls / (double)(kinds * of_kind[kind_of[n]]);
	return rand() < chance * RAND_MAX;
}

/* Several processes may live the same life, each with its share of the points. */
static struct share {
	unsigned mine, of, turn;
} share = {0, 1, 0};

static bool is_mine(void)
{
	return share.turn++ % share.of == share.mine;
}

static void phase(const struct phase *p, long calls, unsigned every)
{
	long bad = 0, tried = 0, last = p->mode == FAIL_AFTER_CRASH ? RECOVERY : calls;
	for (long n = 1; n <= last && n < MAX_CALLS; n++) {
		if (!chosen(p, n, calls, every * p->rarer) || !is_mine())
			continue;
		const char *wrong = run(p->mode, n, calls * p->crash / 100, p->error);
		tried++;
		if (wrong)
			complain(wrong);
		bad += wrong != NULL;
	}
	__atomic_add_fetch(&all->points, tried, __ATOMIC_SEQ_CST);
	__atomic_add_fetch(&all->violations, bad, __ATOMIC_SEQ_CST);
	printf("%sok %u - %s: %s: %ld of %ld points tried, %ld violations\n", bad ? "not " : "",
		next_number(), life->name, p->name, tried, last, bad);
}

static long baseline(void)
{
	memset(&good, 0, sizeof(good));
	const char *wrong = run(FAIL, 0, 0, 0);
	wrong = wrong ? wrong : run(LEARN, 0, 0, 0);
	bool well = !wrong && strstr(good.log[0], "life ");
	if (well && fault.refusing != life->refusing) {
		well = false;
		printf("# %ld sockets refuse descriptors, expected %d\n", fault.refusing, life->refusing);
	}
	for (int i = 0; i < BOX_SERVICES && life->service[i].name; i++)
		well &= !differs(i);
	printf("%sok %u - %s: without a fault (%ld calls of %ld kinds)%s%s\n", well ? "" : "not ",
		next_number(), life->name, fault.seen, kinds, wrong ? ": " : "", wrong ? wrong : "");
	if (!well) {
		show_differences();
		printf("# state: %s\n# said: %s\n", is.state, is.said);
	}
	__atomic_add_fetch(&all->violations, !well, __ATOMIC_SEQ_CST);
	return well ? fault.seen : -1;
}

static void one_life(unsigned every)
{
	static const struct phase phases[] = {
		{"each call fails with EIO", FAIL, EIO, 1, 0},
		{"a crash after each call", CRASH, 0, 1, 0},
		{"each call of the recovery in the boot fails with EIO", FAIL_AFTER_CRASH, EIO, 2, 15},
		{"each call of the recovery after 1/3 fails with EIO", FAIL_AFTER_CRASH, EIO, 2, 33},
		{"each call of the recovery after 2/3 fails with EIO", FAIL_AFTER_CRASH, EIO, 2, 66},
		{"each call of the recovery in the power-off fails with EIO", FAIL_AFTER_CRASH, EIO, 2, 92},
		{"each call fails with ENOMEM", FAIL, ENOMEM, 2, 0},
	};
	long calls = baseline();
	for (size_t i = 0; calls > 0 && i < sizeof(phases) / sizeof(*phases); i++)
		phase(&phases[i], calls, every);
}

/* Of how many kinds, and which were called and never failed. */
static void say_kinds(void)
{
	int failed = 0, crashed = 0;
	char name[32];
	for (long n = 0; n < CALLS; n++) {
		failed += all->failed[n];
		crashed += all->crashed[n];
	}
	printf(
		"# kinds of system call that failed: %d, with a crash behind them: %d; called and not failed here:",
		failed, crashed);
	for (long n = 0; n < CALLS; n++) {
		if (!all->called[n] || all->failed[n] || call_never_fails(n))
			continue;
		call_name(n, name);
		printf(" %s", name);
	}
	printf("\n");
}

static void begin(const char *build, int which)
{
	const char *lacks = box_prepare(build);
	life = &box_lives[which];
	signal(SIGALRM, on_alarm);
	if (!lacks && box_use(build, life))
		return;
	printf("not ok %u - %s: no box: %s\n", next_number(), life->name,
		lacks ? lacks : "its root can't be made");
	__atomic_add_fetch(&all->violations, 1, __ATOMIC_SEQ_CST);
	exit(1);
}

/* faults O 1 1 ONLY MODE CRASH LIFE: that point alone, and what it comes to. */
static int one_point(char **argv, int argc)
{
	begin(argv[1], argc > 7 ? atoi(argv[7]) % BOX_LIVES : 0);
	long calls = baseline();
	const char *wrong = calls < 0
		? "no baseline"
		: run((enum mode)atoi(argv[5]), atol(argv[4]), argc > 6 ? atol(argv[6]) : calls / 2, EIO);
	complain(wrong ? wrong : "well");
	box_forget();
	return wrong != NULL;
}

int main(int argc, char **argv)
{
	unsigned every = argc > 2 ? (unsigned)atoi(argv[2]) : 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	srand(argc > 3 ? (unsigned)atoi(argv[3]) : 1);
	all = mmap(NULL, sizeof(*all), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const char *lacks = argc < 2 ? "usage: faults O [EVERY [SEED [ONLY MODE [CRASH [LIFE]]]]]"
								 : box_lacks(argv[1]);
	if (!lacks && !rooms_read(argv[1]))
		lacks = "the linker's map is not there";
	if (lacks || all == MAP_FAILED) {
		printf("1..1\nok 1 - faults # SKIP %s\n0 passed, 0 failed, 1 skipped\n",
			lacks ? lacks : "no memory");
		return 0;
	}
	if (argc > 5)
		return one_point(argv, argc);
	const char *jobs = getenv("FAULTS_JOBS");
	share.of = jobs && atoi(jobs) > 1 ? (unsigned)atoi(jobs) : 1;
	for (unsigned i = 0; i < BOX_LIVES * share.of; i++) {
		share.mine = i / BOX_LIVES;
		if (fork() != 0)
			continue;
		begin(argv[1], (int)(i % BOX_LIVES));
		one_life(every);
		box_forget();
		exit(0);
	}
	while (wait(NULL) > 0)
		;
	say_kinds();
	rooms_say();
	printf("# %ld points of PID 1's own calls tried in %d lives, %ld violations\n", all->points,
		BOX_LIVES, all->violations);
	printf("%ld passed, %d failed\n", all->checks - (all->violations != 0), all->violations != 0);
	return all->violations != 0;
}
