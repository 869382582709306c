/* SPDX-License-Identifier: MIT
 * `bulkctl learn`: runs a service again and again, each time with what it asked for the time before
 * opened and nothing else, until it asks for nothing new; then once more with its filter and limits
 * in force, to prove that the lines are enough. bulkhead-try watches, bulkhead-compile writes the
 * lines.
 */
#include "base/count.h"
#include "base/fmt.h"
#include "ctl/ctl.h"
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
#define SECONDS 10
#define REFUSED 125     /* of bulkhead-try */
#define START_MS 100000 /* longer than TimeoutStartSec's default */
#define ENDED_MS 10000  /* whoever told us to end does not wait for it */
#define DROP_IN "/etc/bulkhead/services.d/"
#define MAX_LINES (256u << 10)

struct work {
	const struct ctl *c;
	char try[600], compile[600];
	char directory[40], record[64], open[64], lines[64]; /* open: lines without limits and filter */
	char seconds[24];
	bool by_name, grant, stopped;
	bool alive; /* in the last round it was still there when its time was up */
	int ended;  /* the signal that told us to end; 0 = none */
	sigset_t before, ours;
};

/* ---- programs ---- */

struct arguments {
	char *at[64];
	unsigned count;
};

static void add(struct arguments *a, const char *word)
{
	if (a->count + 1 < COUNT(a->at))
		a->at[a->count++] = (char *)(uintptr_t)word;
	a->at[a->count] = NULL;
}

/* A signal that ends us is handed on, and what was set aside is put back when the child has
 * ended. SIGCHLD is blocked too: it ends the nap. */
static int wait_for(struct work *w, pid_t pid)
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
static int run(struct work *w, const struct arguments *a, const char *output)
{
	pid_t pid = w->ended ? -1 : fork();
	if (pid == 0) {
		int fd = output ? open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
		signal(SIGINT, SIG_DFL);
		sigprocmask(SIG_SETMASK, &w->before, NULL);
		if (!output || (fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0))
			execv(a->at[0], a->at);
		fprintf(stderr, "bulkctl: learn: %s: %s\n", a->at[0], strerror(errno));
		_exit(255);
	}
	return pid < 0 ? 255 : wait_for(w, pid);
}

static void add_subject(const struct work *w, struct arguments *a, const char *file_option)
{
	if (w->by_name)
		add(a, "--service");
	else if (file_option)
		add(a, file_option);
	add(a, w->c->names[0]);
}

static bool has_text(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && st.st_size > 0;
}

static int try(struct work *w, bool learn)
{
	struct arguments a = {.count = 0};
	add(&a, w->try);
	add(&a, "--seconds");
	add(&a, w->seconds);
	if (w->c->optional) {
		add(&a, "--optional");
		add(&a, w->c->optional);
	}
	if (learn) {
		add(&a, "--learn");
		add(&a, w->record);
	}
	const char *lines = learn ? w->open : w->lines;
	if (has_text(lines)) {
		add(&a, "--drop-in");
		add(&a, lines);
	}
	add_subject(w, &a, NULL);
	add(&a, "--");
	for (int i = 1; i < w->c->count; i++)
		add(&a, w->c->names[i]);
	return run(w, &a, NULL);
}

static int compile(struct work *w)
{
	struct arguments a = {.count = 0};
	add(&a, w->compile);
	add(&a, "--alone");
	add(&a, "--root");
	add(&a, "/");
	add(&a, "--learned");
	add(&a, w->record);
	if (w->grant)
		add(&a, "--grant");
	add_subject(w, &a, "--file");
	return run(w, &a, w->lines);
}

/* ---- rounds ---- */

static char *text_of_file(const char *path)
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

static int write_text(const char *path, const char *text, size_t n)
{
	FILE *out = fopen(path, "we");
	if (!out)
		return -errno;
	int err = fwrite(text, 1, n, out) == n ? 0 : -EIO;
	return fclose(out) == 0 ? err : -EIO;
}

/* The next round's lines out of all lines; *same: they are those of the last one. */
static int keep_openings(const struct work *w, bool *same)
{
	char *last = text_of_file(w->open), *all = text_of_file(w->lines);
	size_t n = all ? openings(all) : 0;
	int err = last && all ? 0 : -ENOMEM;
	*same = err == 0 && n == strlen(last) && memcmp(last, all, n) == 0;
	if (err == 0 && !*same)
		err = write_text(w->open, all, n);
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
static bool ended_well(struct work *w)
{
	static unsigned seen;
	char *text = text_of_file(w->record);
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
static int learn_rounds(struct work *w)
{
	for (unsigned round = 1; round <= ROUNDS && !w->ended; round++) {
		fprintf(stderr, "bulkctl: learn: round %u, at most %s s: use the service now\n", round,
			w->seconds);
		int status = try(w, true);
		bool well = ended_well(w);
		if (status == REFUSED && !has_text(w->record) && !w->ended)
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

static bool prove(struct work *w)
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
static int learn(struct work *w)
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

/* ---- what becomes of the lines ---- */

static int copy(const char *from, const char *to)
{
	char *text = text_of_file(from);
	int err = text ? 0 : -ENOMEM;
	if (text && to)
		err = write_text(to, text, strlen(text));
	else if (text && fputs(text, stdout) < 0)
		err = -EIO;
	free(text);
	return err;
}

static int apply(const struct work *w)
{
	const char *base = strrchr(w->c->names[0], '/');
	char path[256];
	struct fmt f;
	base = base ? base + 1 : w->c->names[0];
	fmt_init(&f, path, sizeof(path));
	fmt_str(&f, DROP_IN);
	fmt_mem(&f, base, strlen(base) - (w->by_name ? 0 : strlen(".ini")));
	fmt_str(&f, ".d");
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return ctl_complain(w->c, path, -errno, "");
	fmt_str(&f, "/50-learned.ini");
	int err = copy(w->lines, path);
	if (err < 0)
		return ctl_complain(w->c, path, err, "");
	fprintf(stderr, "bulkctl: learn: written to %s\n", path);
	return CTL_OK;
}

static int deliver(const struct work *w)
{
	int err = w->c->apply ? 0 : copy(w->lines, w->c->output);
	if (err < 0)
		return ctl_complain(w->c, w->c->output ? w->c->output : "output", err, "");
	return w->c->apply ? apply(w) : CTL_OK;
}

/* A service that PID 1 runs is out of the way meanwhile. A child asks, and waits as long as the
 * service takes: a signal still ends us. */
static void pause_service(struct work *w)
{
	struct proto_reply end;
	if (!w->by_name || access(w->c->socket, F_OK) < 0)
		return;
	pid_t pid = fork();
	if (pid == 0) {
		sigprocmask(SIG_SETMASK, &w->before, NULL);
		_exit(ctl_ask(w->c, PROTO_STOP, 0, w->c->names[0], -1, &end, NULL, NULL) != 0);
	}
	w->stopped = pid > 0 && (wait_for(w, pid) == 0 || w->ended);
}

static void resume_service(const struct work *w)
{
	struct proto_reply end;
	if (w->stopped &&
		ctl_ask(w->c, PROTO_START, 0, w->c->names[0], w->ended ? ENDED_MS : START_MS, &end, NULL,
			NULL) != 0)
		fprintf(stderr, "bulkctl: learn: %s could not be started again\n", w->c->names[0]);
}

static void remove_all(const struct work *w)
{
	unlink(w->record);
	unlink(w->lines);
	unlink(w->open);
	rmdir(w->directory);
}

static bool make_directory(struct work *w)
{
	struct fmt f;
	snprintf(w->directory, sizeof(w->directory), "/tmp/bulkctl-learn-XXXXXX");
	if (!mkdtemp(w->directory))
		return false;
	fmt_init(&f, w->record, sizeof(w->record));
	fmt_strs(&f, w->directory, "/record", NULL);
	fmt_init(&f, w->lines, sizeof(w->lines));
	fmt_strs(&f, w->directory, "/lines", NULL);
	fmt_init(&f, w->open, sizeof(w->open));
	fmt_strs(&f, w->directory, "/open", NULL);
	return true;
}

static void block_signals(struct work *w)
{
	static const int all[] = {SIGTERM, SIGHUP, SIGQUIT, SIGCHLD};
	sigemptyset(&w->ours);
	for (size_t i = 0; i < COUNT(all); i++)
		sigaddset(&w->ours, all[i]);
	sigprocmask(SIG_BLOCK, &w->ours, &w->before);
}

int ctl_learn(const struct ctl *c)
{
	size_t n = strlen(c->names[0]);
	struct work w = {.c = c, .by_name = n < 4 || strcmp(c->names[0] + n - 4, ".ini") != 0};
	if (geteuid() != 0)
		return ctl_complain(c, c->names[0], -EPERM, "only root can raise walls");
	ctl_program("bulkhead-try", w.try, sizeof(w.try));
	ctl_program("bulkhead-compile", w.compile, sizeof(w.compile));
	snprintf(w.seconds, sizeof(w.seconds), "%ld", c->seconds > 0 ? c->seconds : SECONDS);
	if (!make_directory(&w))
		return ctl_complain(c, w.directory, -errno, "");
	block_signals(&w);
	signal(SIGINT, SIG_IGN); /* it ends a round early: bulkhead-try hands it to the service */
	pause_service(&w);
	int status = learn(&w);
	if (!w.ended && has_text(w.lines) && deliver(&w) != 0 && status == 0)
		status = CTL_FAILED;
	resume_service(&w);
	remove_all(&w);
	return status;
}
