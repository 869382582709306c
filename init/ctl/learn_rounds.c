/* SPDX-License-Identifier: MIT
 * The rounds of `bulkctl learn`, and the proof: see learn.h.
 */
#include "ctl/learn.h"
#include "base/count.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 8
#define REFUSED 125 /* of bulkhead-try */
#define MAX_LINES (256u << 10)

/* ---- programs ---- */

/* SIGCHLD is blocked too: it ends the nap. */
int learn_wait(struct learning *w, pid_t pid)
{
	const struct timespec nap = {.tv_sec = 1};
	int status = 0;
	for (;;) {
		pid_t got = waitpid(pid, &status, WNOHANG);
		if (got == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		if (got < 0 && errno != EINTR)
			return 255;
		int sig = sigtimedwait(&w->ours, NULL, &nap);
		if (sig <= 0 || sig == SIGCHLD)
			continue;
		w->ended = sig;
		kill(pid, sig);
	}
}

/* Its exit status; 255 if it could not be run. */
static int run_program(struct learning *w, struct command *a, const char *output)
{
	pid_t pid = w->ended || !a->argv ? -1 : fork();
	if (pid == 0) {
		int fd = output ? open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
		signal(SIGINT, SIG_DFL);
		sigprocmask(SIG_SETMASK, &w->before, NULL);
		if (!output || (fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0))
			execv(a->argv[0], a->argv);
		fprintf(stderr, "bulkctl: learn: %s: %s\n", a->argv[0], strerror(errno));
		_exit(255);
	}
	free(a->argv);
	return pid < 0 ? 255 : learn_wait(w, pid);
}

static void add_subject(const struct learning *w, struct command *a, const char *file_option)
{
	if (w->by_name)
		command_add(a, "--service");
	else if (file_option)
		command_add(a, file_option);
	command_add(a, w->c->names[0]);
}

bool learn_has_text(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && st.st_size > 0;
}

static int try(struct learning *w, bool learn)
{
	struct command a;
	const char *lines = learn ? w->open : w->lines;
	command_begin(&a, w->c, "bulkhead-try");
	command_option(&a, "--seconds", w->seconds);
	command_option(&a, "--optional", w->c->optional);
	command_option(&a, "--learn", learn ? w->record : NULL);
	command_option(&a, "--drop-in", learn_has_text(lines) ? lines : NULL);
	add_subject(w, &a, NULL);
	command_add(&a, "--");
	for (int i = 1; i < w->c->count; i++)
		command_add(&a, w->c->names[i]);
	return run_program(w, &a, NULL);
}

static int compile(struct learning *w)
{
	struct command a;
	command_begin(&a, w->c, "bulkhead-compile");
	command_add(&a, "--alone");
	command_option(&a, "--root", "/");
	command_option(&a, "--learned", w->record);
	if (w->grant)
		command_add(&a, "--grant");
	add_subject(w, &a, "--file");
	return run_program(w, &a, w->lines);
}

/* ---- rounds ---- */

char *learn_text(const char *path)
{
	char *text = calloc(1, MAX_LINES);
	FILE *in = fopen(path, "re");
	size_t n = text && in ? fread(text, 1, MAX_LINES - 1, in) : 0;
	if (in)
		fclose(in);
	if (text)
		text[n] = '\0';
	return text;
}

/* What comes before [Cgroup] and [Seccomp]: those differ a little from run to run, and a run
 * that ended early took little. */
static size_t openings(const char *text)
{
	const char *end = strstr(text, "\n[Cgroup]");
	if (!end)
		end = strstr(text, "\n[Seccomp]");
	return end ? (size_t)(end - text) : strlen(text);
}

int learn_write(const char *path, const char *text, size_t n)
{
	FILE *out = fopen(path, "we");
	if (!out)
		return -errno;
	int err = fwrite(text, 1, n, out) == n ? 0 : -EIO;
	return fclose(out) == 0 ? err : -EIO;
}

/* The next round's lines out of all lines; *same: they are those of the last one. */
static int keep_openings(const struct learning *w, bool *same)
{
	char *last = learn_text(w->open), *all = learn_text(w->lines);
	size_t n = all ? openings(all) : 0;
	int err = last && all ? 0 : -ENOMEM;
	*same = err == 0 && n == strlen(last) && memcmp(last, all, n) == 0;
	if (err == 0 && !*same)
		err = learn_write(w->open, all, n);
	free(last);
	free(all);
	return err;
}

static void count_end(char *text, unsigned *alive, unsigned *all)
{
	*alive = *all = 0;
	for (char *at = strstr(text, "\nend "); at; at = strstr(at + 1, "\nend ")) {
		bool well = strncmp(at, "\nend alive", 10) == 0 || strncmp(at, "\nend exited 0", 13) == 0;
		*alive = well ? *alive + 1 : *alive;
		++*all;
	}
}

static bool ends_alive(const char *record)
{
	static const char last[] = "\nend alive\n";
	size_t n = strlen(record), end = sizeof(last) - 1;
	return n >= end && strcmp(record + n - end, last) == 0;
}

/* Whether the last run ended as it should: still there, or with success. */
static bool ended_well(struct learning *w)
{
	static unsigned seen;
	char *text = learn_text(w->record);
	unsigned alive = 0, all = 0;
	if (text)
		count_end(text, &alive, &all);
	bool well = alive > seen;
	w->alive = well && text && ends_alive(text);
	seen = alive;
	free(text);
	return well;
}

/* 0, or the exit status once the reason is said. */
static int learn_rounds(struct learning *w)
{
	for (unsigned round = 1; round <= ROUNDS && !w->ended; round++) {
		fprintf(stderr, "bulkctl: learn: round %u, at most %s s: use the service now\n", round,
			w->seconds);
		int status = try(w, true);
		bool well = ended_well(w);
		if (status == REFUSED && !learn_has_text(w->record) && !w->ended)
			return CTL_FAILED; /* it has said why */
		if (compile(w) != 0 || w->ended)
			return w->ended ? 128 + w->ended
							: ctl_complain(w->c, w->c->names[0], -EINVAL, "nothing was learned");
		bool same;
		int err = keep_openings(w, &same);
		if (err < 0)
			return ctl_complain(w->c, w->open, err, "");
		if (same && well)
			return 0;
		if (same && w->grant) {
			fprintf(stderr,
				"bulkctl: learn: it ends with status %d for a reason that no line opens\n", status);
			return CTL_FAILED;
		}
		/* It does not live with what it needs to write and to listen: then with what it asked
		 * for besides. */
		if (same)
			w->grant = true;
	}
	if (w->ended)
		return 128 + w->ended;
	fprintf(stderr, "bulkctl: learn: it asks for something new in each of %d rounds\n", ROUNDS);
	return CTL_FAILED;
}

static long now_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long)now.tv_sec;
}

static bool prove(struct learning *w)
{
	long before = now_seconds();
	fprintf(stderr,
		"bulkctl: learn: once more, with every wall and these lines, %s s: use it again\n",
		w->seconds);
	int status = try(w, false);
	/* Stopped by its KillSignal when its time was up, or done with its work. */
	bool well = status == 0 || status == 128 + SIGTERM || status == 128 + SIGINT ||
		status == 128 + SIGQUIT;
	if (well && w->alive)
		well = now_seconds() - before >= atol(w->seconds);
	if (!well && !w->ended)
		fprintf(stderr, "bulkctl: learn: with these lines alone it ends with status %d\n", status);
	return well;
}

/* What it can do without is left out; if it can't, it is granted, and everything is learned anew
 * with that. */
int learn_lines(struct learning *w)
{
	for (;;) {
		int status = learn_rounds(w);
		if (status != 0 || prove(w) || w->ended)
			return w->ended ? 128 + w->ended : status;
		if (w->grant)
			return CTL_FAILED;
		w->grant = true;
	}
}
