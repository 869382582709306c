/* SPDX-License-Identifier: MIT
 * What happens while a job runs: its reports, its output, readiness, and the signals that whoever
 * started us sends.
 */
#include "base/count.h"
#include "base/errname.h"
#include "engine/descriptors.h"
#include "engine/procfs.h"
#include "engine/readiness.h"
#include "engine/report.h"
#include "try/course.h"
#include "try/learn.h"
#include "try/signals.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILLED_WAIT_MS 5000
#define MOST_MESSAGES 1024 /* more than a queue holds (net.unix.max_dgram_qlen) */

enum {
	POLL_SIGNALS,
	POLL_NOTIFY,
	POLL_MAIN,
	POLL_OTHER,
	POLL_READY,
	POLL_RELAY,
	POLL_LEARN = POLL_RELAY + 3,
	POLL_SOCKET = POLL_LEARN + LEARN_LISTENERS,
	POLL_COUNT = POLL_SOCKET + CELL_MAX_SOCKETS
};

static void take_report(struct trial *t, struct try_job *job, const struct report *r)
{
	switch (r->kind) {
	case REPORT_FAILED:
		job->failed = true;
		try_say("wall failed: %s: %s%s%s", r->step, err_name(r->value), r->detail[0] ? ": " : "",
			r->detail);
		break;
	case REPORT_STARTED:
		job->started = true;
		job->main_pid = r->value;
		course_tell(t, job, EV_STARTED, 0);
		break;
	case REPORT_ABSENT:
		try_say_absent((uint32_t)r->value);
		break;
	case REPORT_EXITED:
		job->exited = true;
		job->status = r->value;
		if (strcmp(r->step, REPORT_LEAVES) == 0)
			course_leaves(t, job);
		else if (!job->started)
			try_say("passed over: %s: ENOENT: %s", r->step, r->detail);
		break;
	case REPORT_LISTENER:
		if (CONFIG_LEARN)
			learn_attach(t, r->value, r->detail);
		break;
	default:
		break;
	}
}

/* For the service's further commands, and to give back what was moved in. */
static void keep_network(struct trial *t, int fd)
{
	if (t->network >= 0)
		close(t->network);
	t->network = descriptor_lift(fd);
}

/* True: there may be another one. */
static bool read_report(struct trial *t, struct try_job *job)
{
	struct report r;
	int passed;
	int got = job->report < 0 ? 0 : report_look(job->report, &r, &passed);
	if (got == 0)
		return false;
	if (passed >= 0)
		keep_network(t, passed);
	if (got > 0) {
		take_report(t, job, &r);
		receive_done(job->report);
		return true;
	}
	close(job->report);
	job->report = -1;
	return false;
}

/* ---- readiness ---- */

static char bytes[READINESS_MAX]; /* the message that is being read */

static void now_ready(struct trial *t)
{
	/* Once it ends, or its time was up, it counts no more. */
	if (!t->ready && !core_state_is(course_state(t), STATE_ENDING)) {
		try_say("ready");
		t->ready = true;
	}
	course_tell(t, &t->main, EV_READY, 0);
}

static void read_newline(struct trial *t)
{
	struct sender from;
	bool ready;
	ssize_t n = receive_look(t->main.ready, bytes, sizeof(bytes), &from);
	if (n < 0 && n != -EMSGSIZE)
		return;
	receive_done(t->main.ready);
	if (!readiness_is_over(bytes, n < 0 ? (ssize_t)sizeof(bytes) : n, &from, &ready))
		return;
	if (ready)
		now_ready(t);
	close(t->main.ready);
	t->main.ready = -1;
}

static bool may_notify(struct trial *t, const struct sender *from)
{
	int err = 0, in = from->pid > 0 ? procfs_in_group(from->pid, t->group_name) : 0;
	while (!t->main.started && read_report(t, &t->main))
		; /* its start comes before its readiness */
	const struct readiness_claim claim = {.service = t->index,
		.whose = in < 0 ? in
			: in        ? (int)t->index
						: PROCFS_NONE,
		.cell = t->main.pid,
		.main = t->main.main_pid};
	const char *doubt = readiness_doubt(&t->plan, &claim, from, &err);
	if (doubt && *doubt)
		try_say("a readiness message is ignored: %s%s", doubt, err ? err_name(err) : "");
	return !doubt;
}

static void read_message(struct trial *t)
{
	struct sender from;
	struct span text = {NULL, 0};
	char printed[200];
	ssize_t n = receive_look(t->notify, bytes, sizeof(bytes), &from);
	struct span message = readiness_message(bytes, n > 0 && may_notify(t, &from) ? (size_t)n : 0);
	if (n == -EMSGSIZE)
		try_say("a readiness message is ignored: longer than %d bytes", READINESS_MAX);
	if (n >= 0 || n == -EMSGSIZE)
		receive_done(t->notify);
	for (enum readiness_word word; (word = readiness_next(&message, &text)) != READINESS_END;)
		if (word == READINESS_READY) {
			now_ready(t);
		} else if (word == READINESS_STATUS) {
			readiness_text(printed, sizeof(printed), text);
			try_say("status: %s", printed);
		} else if (word == READINESS_VAIN) {
			try_say("a readiness message is without effect: %s is not supported", text.p);
		} else if (word == READINESS_PING) {
			course_tell(t, &t->main, EV_PING, 0);
		}
}

/* What it said of itself before it ended, however much that is. */
static void hear_rest(struct trial *t)
{
	for (int n = 0; n < MOST_MESSAGES; n++) {
		struct pollfd p[] = {{.fd = t->notify, .events = POLLIN},
			{.fd = t->main.ready, .events = POLLIN}};
		if (poll(p, COUNT(p), 0) <= 0)
			return;
		if (p[0].revents)
			read_message(t);
		if (p[1].revents)
			read_newline(t);
	}
}

/* The channel's end comes just before the cell's; the kernel lets a namespace's first process go
 * when all others have gone. */
static void ended(struct trial *t, struct try_job *job)
{
	int status = SIGKILL;
	if (job == &t->main)
		hear_rest(t);
	if (!signals_child(t, job->pid, job->pidfd, &status, KILLED_WAIT_MS, false)) {
		kill(job->pid, SIGKILL);
		if (!signals_child(t, job->pid, job->pidfd, &status, KILLED_WAIT_MS, false))
			try_say("its cell does not end: stuck in the kernel");
	}
	if (!job->exited && !job->failed) {
		job->failed = !job->started;
		job->status = status;
		try_say("its cell was killed: %s",
			WIFSIGNALED(status) ? sig_name(WTERMSIG(status)) : "no report from it");
	}
	close(job->pidfd);
	job->pid = 0;
	course_ended(t, job);
}

/* Whoever tries it reads its input for the main process alone, and not while the terminal is
 * another's. */
static bool shall_read_input(const struct trial *t)
{
	return t->main.pid &&
		!(t->relay[0].filled == 0 && t->relay[0].from >= 0 && output_in_background());
}

/* On demand, the first client starts it. */
static bool awaits_call(const struct trial *t)
{
	return course_state(t) == SVC_LISTENING;
}

static void fill_poll(const struct trial *t, struct pollfd *p)
{
	for (int i = 0; i < POLL_COUNT; i++)
		p[i] = (struct pollfd){.fd = -1, .events = POLLIN};
	p[POLL_SIGNALS].fd = t->signals;
	p[POLL_NOTIFY].fd = t->notify;
	p[POLL_MAIN].fd = t->main.pid ? t->main.report : -1;
	p[POLL_OTHER].fd = t->other.pid ? t->other.report : -1;
	p[POLL_READY].fd = t->main.pid ? t->main.ready : -1;
	for (uint32_t i = 0; awaits_call(t) && i < t->service->sockets.count; i++)
		p[POLL_SOCKET + i].fd = t->sockets[i];
	for (int n = 0; n < 3; n++) {
		const struct try_relay *r = &t->relay[n];
		bool full = r->filled > 0;
		p[POLL_RELAY + n].fd = full ? r->to : r->from;
		p[POLL_RELAY + n].events = full ? POLLOUT : POLLIN;
	}
	if (!shall_read_input(t))
		p[POLL_RELAY].fd = -1;
	for (int n = 0; try_learns(t) && n < LEARN_LISTENERS; n++)
		p[POLL_LEARN + n].fd = learn_descriptor(t->learn, n);
}

static int patience(const struct trial *t)
{
	uint64_t now = try_now_ms(), until = course_deadline(t);
	int longest = try_learns(t) ? LEARN_SAMPLE_MS : INT32_MAX;
	uint64_t left = until > now ? until - now : 0;
	return left < (uint64_t)longest ? (int)left : longest;
}

static void one_round(struct trial *t)
{
	struct pollfd p[POLL_COUNT];
	guard_beat();
	fill_poll(t, p);
	if (poll(p, POLL_COUNT, patience(t)) < 0)
		return;
	for (int n = LEARN_LISTENERS - 1; try_learns(t) && n >= 0; n--)
		if (p[POLL_LEARN + n].revents & (POLLIN | POLLHUP))
			learn_event(t, n, p[POLL_LEARN + n].revents & POLLIN);
	if (try_learns(t)) {
		learn_sample(t);
		course_tell(t, &t->main, EV_PING, 0); /* its calls wait for us: it is not judged by that */
	}
	if (p[POLL_NOTIFY].revents)
		read_message(t);
	if (p[POLL_READY].revents)
		read_newline(t);
	for (int n = 0; n < 3; n++)
		if (p[POLL_RELAY + n].revents)
			relay_pump(&t->relay[n]);
	if (p[POLL_MAIN].revents)
		read_report(t, &t->main);
	if (p[POLL_OTHER].revents)
		read_report(t, &t->other);
	for (int n = 0; n < CELL_MAX_SOCKETS; n++)
		if (p[POLL_SOCKET + n].revents)
			course_tell(t, &t->main, EV_CONNECT, 0);
	if (p[POLL_SIGNALS].revents)
		signals_take(t);
}

static void end_jobs(struct trial *t)
{
	struct try_job *const all[] = {&t->main, &t->other};
	for (size_t i = 0; i < COUNT(all); i++)
		if (all[i]->pid && all[i]->report < 0)
			ended(t, all[i]);
}

/* What the service and its cells have said by now. */
static void hear_all(struct trial *t)
{
	hear_rest(t);
	while (read_report(t, &t->main) || read_report(t, &t->other))
		;
	end_jobs(t);
}

void loop_run(struct trial *t)
{
	for (;;) {
		uint64_t heard = try_now_ms();
		if (course_is_due(t, heard))
			hear_all(t); /* its word may be there, unread */
		course_go_on(t, heard);
		if (course_is_over(t))
			return;
		one_round(t);
		end_jobs(t);
	}
}
