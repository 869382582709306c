/* SPDX-License-Identifier: MIT
 * `bulkctl learn`: runs a service again and again, each time with what it asked for before opened
 * and nothing else, until it asks for nothing new. Then it runs once more with its filter and
 * limits in force, as a proof. bulkhead-try watches, bulkhead-compile writes the lines.
 */
#include "ctl/learn.h"
#include "base/count.h"
#include "base/fmt.h"
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

#define SECONDS 10
#define START_MS 100000 /* longer than TimeoutStartSec's default */
#define ENDED_MS 10000  /* whoever told us to end does not wait for it */
#define SERVICES "/etc/bulkhead/services.d/"

/* ---- what becomes of the lines ---- */

static int copy(const char *from, const char *to)
{
	char *text = learn_text(from);
	int err = text ? 0 : -ENOMEM;
	if (text && to)
		err = learn_write(to, text, strlen(text));
	else if (text && fputs(text, stdout) < 0)
		err = -EIO;
	free(text);
	return err;
}

/* What took its time is not lost for a path that can't be written. */
static int not_written(const struct learning *w, const char *path, int err)
{
	int status = ctl_complain(w->c, path, err, "");
	copy(w->lines, NULL);
	return status;
}

static int apply(const struct learning *w)
{
	const char *base = strrchr(w->c->names[0], '/');
	char path[256];
	struct fmt f;
	base = base ? base + 1 : w->c->names[0];
	fmt_init(&f, path, sizeof(path));
	fmt_str(&f, SERVICES);
	fmt_mem(&f, base, strlen(base) - (w->by_name ? 0 : strlen(".ini")));
	fmt_str(&f, ".d");
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return not_written(w, path, -errno);
	fmt_str(&f, "/50-learned.ini");
	int err = copy(w->lines, path);
	if (err < 0)
		return not_written(w, path, err);
	fprintf(stderr, "bulkctl: learn: written to %s\n", path);
	return CTL_OK;
}

static int deliver(const struct learning *w)
{
	int err = w->c->apply ? 0 : copy(w->lines, w->c->output);
	if (err < 0 && w->c->output)
		return not_written(w, w->c->output, err);
	if (err < 0)
		return ctl_complain(w->c, "output", err, "");
	return w->c->apply ? apply(w) : CTL_OK;
}

/* A service that PID 1 runs is out of the way meanwhile. A child asks, and waits as long as the
 * service takes: a signal still ends us. */
static void pause_service(struct learning *w)
{
	struct proto_reply end;
	if (!w->by_name || access(w->c->socket, F_OK) < 0)
		return;
	pid_t pid = fork();
	if (pid == 0) {
		sigprocmask(SIG_SETMASK, &w->before, NULL);
		_exit(ctl_ask(w->c, PROTO_STOP, 0, w->c->names[0], -1, &end, NULL, NULL) != 0);
	}
	w->stopped = pid > 0 && (learn_wait(w, pid) == 0 || w->ended);
}

static void resume_service(const struct learning *w)
{
	struct proto_reply end;
	if (w->stopped &&
		ctl_ask(w->c, PROTO_START, 0, w->c->names[0], w->ended ? ENDED_MS : START_MS, &end, NULL,
			NULL) != 0)
		fprintf(stderr, "bulkctl: learn: %s could not be started again\n", w->c->names[0]);
}

static void remove_all(const struct learning *w)
{
	unlink(w->record);
	unlink(w->lines);
	unlink(w->open);
	rmdir(w->directory);
}

static bool make_scratch(struct learning *w)
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

static void block_signals(struct learning *w)
{
	static const int all[] = {SIGTERM, SIGHUP, SIGQUIT, SIGCHLD};
	sigemptyset(&w->ours);
	for (size_t i = 0; i < COUNT(all); i++)
		sigaddset(&w->ours, all[i]);
	sigprocmask(SIG_BLOCK, &w->ours, &w->before);
}

/* As the compiler looks for it: nothing is said of rounds that cannot begin. */
static bool has_service(const char *name)
{
	static const char *const tops[] = {SERVICES, "/usr/lib/bulkhead/services.d/"};
	char path[128];
	struct fmt f;
	for (size_t i = 0; i < COUNT(tops); i++) {
		fmt_init(&f, path, sizeof(path));
		fmt_strs(&f, tops[i], name, ".ini", NULL);
		if (!strchr(name, '/') && access(path, F_OK) == 0)
			return true;
	}
	return false;
}

int ctl_learn(const struct ctl *c)
{
	size_t n = strlen(c->names[0]);
	struct learning w = {.c = c, .by_name = n < 4 || strcmp(c->names[0] + n - 4, ".ini") != 0};
	if (w.by_name && !has_service(c->names[0]))
		return ctl_no_service(c, c->names[0]);
	if (!w.by_name && access(c->names[0], R_OK) < 0)
		return ctl_complain(c, c->names[0], -errno, "");
	if (geteuid() != 0)
		return ctl_complain(c, c->names[0], -EPERM, "only root can raise walls");
	snprintf(w.seconds, sizeof(w.seconds), "%ld", c->seconds > 0 ? c->seconds : SECONDS);
	if (!make_scratch(&w))
		return ctl_complain(c, w.directory, -errno, "");
	block_signals(&w);
	signal(SIGINT, SIG_IGN); /* it ends a round early: bulkhead-try hands it to the service */
	pause_service(&w);
	int status = learn_lines(&w);
	if (!w.ended && learn_has_text(w.lines) && deliver(&w) != 0 && status == 0)
		status = CTL_FAILED;
	resume_service(&w);
	remove_all(&w);
	return status;
}
