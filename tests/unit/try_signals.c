// needs: base CONFIG_TRY
/* SPDX-License-Identifier: MIT
 * bulkhead-try ends on SIGTERM whatever it waits for: the real programs out of the build directory,
 * as in try_desk.c. How long it may take is what a loaded machine needs; what is tested is that it
 * ends at all, and that its group goes with it.
 */
#include "base/count.h"
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_MS 90000 /* its own bounds add up to a third of that */
#define RANDOM_TRIALS 200
#define SPEAKS \
	"ExecStart = /bin/sh -c 'while :; do echo 0123456789012345678901234567890123456789; done'"

enum output { READ, PIPE_FULL, TERMINAL_FULL };

static const struct state {
	const char *name, *file;
	enum output output;
	int after_ms;      /* until the signal comes */
	bool ctl;          /* `bulkctl learn`, which runs it */
	bool learns, fifo; /* fifo: is what it learned written to, and nobody reads it */
	const char *seen;  /* where its output is read */
} states[] = {
	{.name = "a pipe that nobody reads", .file = SPEAKS, .output = PIPE_FULL, .after_ms = 1500},
	{.name = "a terminal that nobody reads",
		.file = SPEAKS,
		.output = TERMINAL_FULL,
		.after_ms = 1500},
	{.name = "lines of its own that nobody reads",
		.file = "ExecStart = /bin/true\nX = 1\nY = 2",
		.output = PIPE_FULL,
		.after_ms = 500},
	{.name = "it ignores the signal",
		.file =
			"TimeoutStopSec = 1s\nExecStart = /bin/sh -c 'trap \"\" TERM; while :; do sleep 1; done'",
		.after_ms = 1000,
		.seen = "did not stop in time"},
	{.name = "it is stopped",
		.file = "ExecStart = /bin/sh -c 'trap \"echo terminated; exit\" TERM; kill -STOP $$$$'",
		.after_ms = 1000,
		.seen = "terminated"},
	{.name = "ExecStartPre does not end",
		.file = "ExecStartPre = /bin/sleep 1000\nExecStart = /bin/true",
		.after_ms = 1000},
	{.name = "ExecStartPost does not end",
		.file = "ExecStart = /bin/sleep 1000\nExecStartPost = /bin/sleep 1000",
		.after_ms = 1500},
	{.name = "ExecStop does not end",
		.file = "TimeoutStopSec = 1s\nExecStart = /bin/sleep 1000\nExecStop = /bin/sleep 1000",
		.after_ms = 1000,
		.seen = "did not end in time"},
	{.name = "ExecStopPost does not end",
		.file = "TimeoutStopSec = 1s\nExecStart = /bin/sleep 1000\nExecStopPost = /bin/sleep 1000",
		.after_ms = 1000,
		.seen = "did not end in time"},
	{.name = "TimeoutStartSec is over, without a signal",
		.file = "Type = notify\nTimeoutStartSec = 1s\nExecStart = /bin/sleep 1000",
		.after_ms = 60000,
		.seen = "did not come up"},
	{.name = "it never says READY=1",
		.file = "Type = notify\nExecStart = /bin/sleep 1000",
		.after_ms = 1000},
	{.name = "it is called by nobody",
		.file =
			"ExecStart = /bin/true\n[Socket]\nListenStream = /run/t-signals.socket\nActivate = on-demand",
		.after_ms = 500,
		.seen = "nobody has called"},
	{.name = "it is being learned",
		.file = "ExecStart = /bin/sleep 1000",
		.after_ms = 1000,
		.learns = true},
	{.name = "it is being learned and stopped",
		.file = "ExecStart = /bin/sh -c 'trap \"echo terminated; exit\" TERM; kill -STOP $$$$'",
		.after_ms = 1000,
		.learns = true,
		.seen = "terminated"},
	{.name = "it is being learned and ignores the signal",
		.file =
			"TimeoutStopSec = 1s\nExecStart = /bin/sh -c 'trap \"\" TERM; while :; do sleep 0.01; done'",
		.after_ms = 1000,
		.learns = true,
		.seen = "did not stop in time"},
	{.name = "six commands are being learned",
		.file =
			"Type = oneshot\nExecStart = /bin/true\nExecStart = /bin/true\nExecStart = /bin/true\nExecStart = /bin/true\n"
			"ExecStart = /bin/true\nExecStart = /bin/echo the last",
		.after_ms = 60000,
		.learns = true,
		.seen = "the last"},
	{.name = "bulkctl learn, which waits for it",
		.file = "ExecStart = /bin/sleep 1000",
		.after_ms = 2000,
		.ctl = true,
		.seen = "round 1"},
	{.name = "a record that nobody reads: given up from outside its loop",
		.file = "ExecStart = /bin/true",
		.after_ms = 500,
		.fifo = true,
		.learns = true,
		.seen = "stuck in the kernel"},
};

static char program[4096], directory[64] = "/tmp/try-signals-XXXXXX", output[65536];

static bool find_program(void)
{
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 64);
	char *slash = n > 0 ? strrchr(program, '/') : NULL;
	if (!slash)
		return false;
	strcpy(slash, "/../bulkhead-try");
	return access(program, X_OK) == 0;
}

static void path_of(char *path, size_t cap, const char *name)
{
	snprintf(path, cap, "%s/%s", directory, name);
}

static bool write_file(const char *text)
{
	char path[128];
	path_of(path, sizeof(path), "t-signals.ini");
	FILE *out = fopen(path, "w");
	return out && fprintf(out, "[Service]\n%s\n", text) > 0 && fclose(out) == 0;
}

static void nap(long ms)
{
	const struct timespec t = {ms / 1000, ms % 1000 * 1000000};
	nanosleep(&t, NULL);
}

static int open_terminal(int *ours)
{
	char name[64];
	int unlocked = 0, number;
	*ours = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*ours < 0 || ioctl(*ours, TIOCSPTLCK, &unlocked) < 0 || ioctl(*ours, TIOCGPTN, &number) < 0)
		return -1;
	snprintf(name, sizeof(name), "/dev/pts/%d", number);
	return open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

/* Both ends of what the trial writes to; false: this machine has no such thing. */
static bool open_output(enum output kind, int fd[2])
{
	static const char fill[4096];
	if (kind == TERMINAL_FULL) {
		fd[1] = open_terminal(&fd[0]);
		return fd[1] >= 0;
	}
	if (pipe2(fd, O_CLOEXEC) < 0)
		return false;
	if (kind == PIPE_FULL) {
		fcntl(fd[1], F_SETFL, O_NONBLOCK);
		while (write(fd[1], fill, sizeof(fill)) > 0)
			;
		fcntl(fd[1], F_SETFL, 0);
	}
	return true;
}

static const char *const groups[] = {"/sys/fs/cgroup/bulkhead-try-%d",
	"/sys/fs/cgroup/unified/bulkhead-try-%d"};

/* Of an earlier trial with our pid that somebody has killed: who is given up before it makes its
 * group would be taken for the one that left it. */
static void remove_old_group(void)
{
	char path[128];
	for (size_t i = 0; i < COUNT(groups); i++) {
		snprintf(path, sizeof(path), groups[i], (int)getpid());
		rmdir(path);
	}
}

static pid_t start(const struct state *s, int in, int out)
{
	char file[128], record[128];
	char ctl[4200];
	const char *argv[10] = {s->ctl ? ctl : program};
	int n = 1;
	path_of(file, sizeof(file), "t-signals.ini");
	path_of(record, sizeof(record), s->fifo ? "fifo" : "record");
	snprintf(ctl, sizeof(ctl), "%.*s/bulkctl", (int)(strrchr(program, '/') - program), program);
	if (s->ctl) {
		argv[n++] = "learn";
		argv[n++] = "--seconds";
		argv[n++] = "100";
	}
	argv[n++] = "--optional";
	argv[n++] = "cgroup";
	if (s->learns) {
		argv[n++] = "--learn";
		argv[n++] = record;
	}
	argv[n++] = file;
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	remove_old_group();
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execv(argv[0], (char *const *)(uintptr_t)argv);
	_exit(99);
}

static long now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The last of it is kept. */
static void read_some(int out)
{
	size_t got = strlen(output), half = sizeof(output) / 2;
	if (got > half) {
		memmove(output, output + got - half, half + 1);
		got = half;
	}
	ssize_t n = read(out, output + got, sizeof(output) - 1 - got);
	output[got + (n > 0 ? (size_t)n : 0)] = '\0';
}

/* Reads meanwhile if that is wanted; false: it has not ended. */
static bool wait_end(pid_t pid, int out, bool reads, int *status, long ms)
{
	for (long end = now_ms() + ms; now_ms() < end;) {
		struct pollfd p = {.fd = reads ? out : -1, .events = POLLIN};
		if (waitpid(pid, status, WNOHANG) == pid)
			return true;
		if (poll(&p, 1, 10) > 0 && p.revents & POLLIN)
			read_some(out);
	}
	return false;
}

static void read_rest(int out)
{
	fcntl(out, F_SETFL, O_NONBLOCK);
	read_some(out);
}

/* `bulkctl learn` tells its child, waits for it and tidies up. */
static bool is_learning(void)
{
	glob_t found;
	bool some = glob("/tmp/bulkctl-learn-*", 0, NULL, &found) == 0;
	globfree(&found);
	return some;
}

static bool group_is_left(pid_t pid)
{
	char path[128];
	for (size_t i = 0; i < COUNT(groups); i++) {
		snprintf(path, sizeof(path), groups[i], (int)pid);
		if (access(path, F_OK) == 0)
			return true;
	}
	return false;
}

static bool run_state(const struct state *s, bool *possible)
{
	int fd[2], null = open("/dev/null", O_RDWR | O_CLOEXEC), status = 0;
	bool reads = s->output == READ;
	output[0] = '\0';
	*possible = open_output(s->output, fd);
	if (!*possible)
		return true;
	if (null < 0 || !write_file(s->file))
		return false;
	pid_t pid = start(s, null, fd[1]);
	bool ended = pid > 0 && wait_end(pid, fd[0], reads, &status, s->after_ms);
	if (pid > 0 && !ended) {
		kill(pid, SIGTERM);
		ended = wait_end(pid, fd[0], reads, &status, LIMIT_MS);
	}
	bool left = ended && (s->ctl ? is_learning() : group_is_left(pid));
	if (pid > 0 && !ended) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	if (reads)
		read_rest(fd[0]);
	close(fd[0]);
	close(fd[1]);
	close(null);
	if (!ended || left)
		printf("# ended %d, group left %d\n", ended, left);
	return ended && !left && (!s->ctl || WEXITSTATUS(status) == 128 + SIGTERM) &&
		(!s->seen || strstr(output, s->seen));
}

/* In the background of a terminal, whose next line is the shell's: reading it would stop the
 * trial, and a stopped process does not end. */
static bool run_background(bool *possible)
{
	int ours, theirs = open_terminal(&ours), status = 0;
	const struct state sleeps = {.file = "ExecStart = /bin/sleep 1000"};
	pid_t shell, pid;
	*possible = theirs >= 0;
	if (!*possible)
		return true;
	if (!write_file(sleeps.file))
		return false;
	shell = fork();
	if (shell == 0) {
		setsid();
		ioctl(theirs, TIOCSCTTY, 0);
		pid = start(&sleeps, theirs, theirs);
		setpgid(pid, pid); /* not the terminal's */
		bool ended = wait_end(pid, -1, false, &status, 1500);
		if (!ended)
			kill(pid, SIGTERM);
		ended = ended || wait_end(pid, -1, false, &status, LIMIT_MS);
		if (!ended)
			kill(pid, SIGKILL);
		_exit(!ended);
	}
	nap(700);
	bool well = write(ours, "typed\n", 6) == 6;
	waitpid(shell, &status, 0);
	close(ours);
	close(theirs);
	return well && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* At any moment of its life; every other one learns. */
static unsigned run_random(unsigned trials, unsigned *ran)
{
	static const char *const files[] = {
		"ExecStart = /bin/sh -c 'while :; do echo 0123456789; done'",
		"ExecStartPre = /bin/true\nExecStart = /bin/sleep 1000\nExecStartPost = /bin/true\nExecStop = /bin/true\nExecStopPost = /bin/true",
		"ExecStart = /bin/sh -c 'while :; do ls -l / >/dev/null; done'",
		"ExecStart = /bin/true\nExecStart = /bin/true\nExecStart = /bin/sleep 1000\nType = oneshot",
	};
	unsigned bad = 0;
	srand((unsigned)time(NULL));
	for (unsigned i = 0; i < trials; i++) {
		const struct state s = {.file = files[i / 2 % COUNT(files)],
			.after_ms = rand() % 400,
			.learns = i % 2};
		bool possible;
		if (!run_state(&s, &possible)) {
			bad++;
			printf("# trial %u, signal after %d ms: %s\n# %s\n", i, s.after_ms, s.file, output);
		}
		++*ran;
	}
	return bad;
}

static void tidy_up(void)
{
	static const char *const names[] = {"t-signals.ini", "record", "fifo"};
	char path[128];
	for (size_t i = 0; i < COUNT(names); i++) {
		path_of(path, sizeof(path), names[i]);
		unlink(path);
	}
	rmdir(directory);
}

static unsigned tests;

static bool result(bool good, const char *name, bool possible)
{
	printf("%sok %u - %s%s\n", good ? "" : "not ", ++tests, name,
		possible ? "" : " # SKIP no such terminal here");
	if (!good)
		printf("# it printed: %s\n", output);
	fflush(stdout);
	return good;
}

int main(int argc, char **argv)
{
	unsigned failed = 0, ran = 0, trials = argc > 1 ? (unsigned)atoi(argv[1]) : RANDOM_TRIALS;
	bool possible;
	char fifo[128], name[64];
	if (geteuid() != 0) {
		printf("ok 1 - SIGTERM ends a trial # SKIP not root: no wall can be raised\n1..1\n");
		return 0;
	}
	if (!find_program() || !mkdtemp(directory)) {
		printf("not ok 1 - bulkhead-try beside the tests\n1..1\n");
		return 1;
	}
	path_of(fifo, sizeof(fifo), "fifo");
	mkfifo(fifo, 0600);
	for (size_t i = 0; i < COUNT(states); i++) {
		bool good = run_state(&states[i], &possible);
		failed += !result(good, states[i].name, possible);
	}
	bool good = run_background(&possible);
	failed += !result(good, "in the background of a terminal where something is typed", possible);
	unsigned bad = run_random(trials, &ran);
	snprintf(name, sizeof(name), "%u signals at random moments, %u without an end", ran, bad);
	failed += !result(bad == 0, name, true);
	tidy_up();
	printf("1..%u\n", tests);
	return failed != 0;
}
