/* SPDX-License-Identifier: MIT
 * Output pipes and the channel to bulkhead-log: see logs.h. */
#include "pid1/output/logs.h"
#include "base/channel.h"
#include "base/errname.h"
#include "base/fmt.h"
#include "engine/descriptors.h"
#include "engine/receive.h"
#include "engine/send.h"
#include "pid1/console.h"
#include "pid1/discard.h"
#include "pid1/kill.h"
#include "pid1/output/drain.h"
#include "pid1/output/hunt.h"
#include "pid1/report.h"
#include "pid1/watch.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* longer than bulkhead-log's back-off: who comes back in this time has lost nothing */
#define GONE_MS 10000u
#define FULL_MS 250u  /* from one look at the pipes to the next, if some were full */
#define IDLE_MS 1000u /* and if none was */
#define DRAINS_MS 20u /* while the child is at it */
#define ASK_MS 5000u  /* from one look at bulkhead-log to the next */
#define ASK_LOOKS 3u  /* that find no answer */
#define WORDS 64      /* taken from it in one round */

uint32_t logs_logger(const struct pid1 *s, const struct plan *p)
{
	uint32_t i = 0;
	while (i < s->core.count && !(plan_service(p, i)->flags & SERVICE_LOGGER))
		i++;
	return i;
}

static bool wants_log(const struct plan_service *ps)
{
	return !(ps->flags & SERVICE_LOGGER);
}

static int hand_over(struct pid1 *s, const struct plan *p, uint32_t i)
{
	const struct plan_machine *m = &plan_header(p)->machine;
	struct channel_record rec = {.kind = CHANNEL_SERVICE,
		.index = i,
		.ring_kb = m->log_ring_kb,
		.forward = m->log_forward};
	struct fmt f;
	fmt_init(&f, rec.name, sizeof(rec.name));
	fmt_str(&f, plan_text(p, plan_service(p, i)->name));
	struct runtime *r = &s->runtime[i];
	uint64_t lost = r->log_lost - r->log_told;
	rec.lost = lost < UINT32_MAX ? (uint32_t)lost : UINT32_MAX;
	int err = send_message(s->log_fd, &rec, sizeof(rec), r->log_read);
	if (err < 0)
		return err;
	r->log_sent = 1;
	r->log_told = r->log_lost;
	return 0;
}

static int tell_over(struct pid1 *s, uint32_t i)
{
	const struct channel_record rec = {.kind = CHANNEL_OVER, .index = i};
	int err = send_message(s->log_fd, &rec, sizeof(rec), -1);
	if (err == 0)
		s->runtime[i].log_over = 0;
	return err;
}

static void is_missed(struct pid1 *s)
{
	if (!s->log_gone_ms)
		s->log_gone_ms = now_ms();
}

static void drop_channel(struct pid1 *s)
{
	discard_connection(s, &s->log_fd);
	is_missed(s);
}

/* What it says. False: nothing any more. */
static bool hear(struct pid1 *s, const struct plan *p)
{
	struct channel_word w;
	struct sender from = {0};
	ssize_t n = 1;
	for (int i = 0; i < WORDS && n > 0; i++) {
		n = receive_message(s->log_fd, &w, sizeof(w), &from);
		if (n == 0 || from.carries)
			return false;
		if (n == (ssize_t)sizeof(w) && w.kind == CHANNEL_HERE) {
			s->log_asked = 0;
			s->log_fence = s->log_fence && w.value != s->log_epoch;
		}
		if (s->log_fence) /* by the indexes of the plan before */
			continue;
		if (n == (ssize_t)sizeof(w) && w.kind == CHANNEL_HELD)
			logs_held(s, p, w.value);
		if (n == (ssize_t)sizeof(w) && w.kind == CHANNEL_STILL)
			hunt_begin(s, p, w.value);
		if (n == (ssize_t)sizeof(w) && w.kind == CHANNEL_AWAY)
			s->log_away = w.value;
	}
	return true;
}

/* Behind the records of all services: its answer comes behind all that it said before it read
 * them. Asked again until it is answered. */
static int ask_fence(struct pid1 *s)
{
	const struct channel_record rec = {.kind = CHANNEL_ASK, .index = s->log_epoch};
	return send_message(s->log_fd, &rec, sizeof(rec), -1);
}

void logs_flush(struct pid1 *s, const struct plan *p)
{
	if (s->log_fd < 0)
		return;
	if (!hear(s, p)) { /* bulkhead-log has gone; its restart brings a new channel */
		drop_channel(s);
		return;
	}
	for (uint32_t i = 0; i < s->core.count; i++) {
		const struct runtime *r = &s->runtime[i];
		if (r->log_read < 0)
			continue;
		int err = r->log_sent ? 0 : hand_over(s, p, i);
		if (err == 0 && r->log_over)
			err = tell_over(s, i);
		if (err == -EAGAIN) { /* its queue is full: again when there is room */
			watch_change(s, s->log_fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP, WATCH_LOG, 0);
			return;
		}
		if (err < 0) {
			drop_channel(s);
			return;
		}
	}
	if (s->log_fence && ask_fence(s) == -EAGAIN)
		return;
	watch_change(s, s->log_fd, EPOLLIN | EPOLLRDHUP, WATCH_LOG, 0);
}

void logs_over(struct pid1 *s, const struct plan *p, uint32_t service)
{
	struct runtime *r = &s->runtime[service];
	if (r->log_read < 0)
		return;
	r->log_over = 1;
	logs_flush(s, p);
}

int logs_new_channel(struct pid1 *s)
{
	int pair[2];
	drop_channel(s);
	s->log_away = 0;
	s->log_fence = 0;
	for (uint32_t i = 0; i < s->core.count; i++)
		s->runtime[i].log_sent = 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		console_say(s, SAY_ERROR, "log: no channel to bulkhead-log: ", err_name(errno),
			": it is started again", NULL);
		return -1;
	}
	s->log_fd = descriptor_lift(pair[0]);
	s->log_made_ms = now_ms();
	s->log_ask_ms = now_ms() + ASK_MS;
	s->log_asked = 0;
	int other = descriptor_lift(pair[1]);
	receive_names_senders(s->log_fd);
	receive_refuse_descriptors(s->log_fd);
	if (s->log_fd >= 0)
		watch_add(s, s->log_fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP, WATCH_LOG, 0);
	return other;
}

void logs_prepare(struct pid1 *s, const struct plan *p, uint32_t service)
{
	struct runtime *r = &s->runtime[service];
	int pair[2];
	r->log_held = 0;
	r->log_over = 0;
	if (r->log_write >= 0 || !wants_log(plan_service(p, service)))
		return;
	int err = descriptor_pipe(pair, 0);
	if (err < 0) {
		if (report_may(s, service, STORM_ERRORS))
			console_say(s, SAY_ERROR, plan_text(p, plan_service(p, service)->name),
				": its output is lost: no pipe: ", err_name(err), NULL);
		return;
	}
	watch_drop(s, &r->log_read); /* of a pipe that a crash cut short */
	r->log_read = pair[0];
	r->log_write = pair[1];
	/* a flag of the reading side alone: writers still wait for room */
	fcntl(r->log_read, F_SETFL, O_RDONLY | O_NONBLOCK);
	if (s->log_fd >= 0)
		logs_flush(s, p);
	else
		is_missed(s);
}

/* ---- whether somebody reads ---- */

void logs_held(struct pid1 *s, const struct plan *p, uint32_t service)
{
	struct runtime *r = service < s->core.count ? &s->runtime[service] : NULL;
	if (!r || r->log_read < 0)
		return;
	r->log_held = 1;
	r->hunted_before = s->hunts;
	if (report_may(s, service, STORM_ERRORS))
		console_say(s, SAY_ERROR, plan_text(p, plan_service(p, service)->name),
			": it keeps its output from being read (splice(2) or a write that does not end): sent SIGKILL",
			NULL);
	kill_all(s, service);
}

/* Its successor loses nothing. One that not even SIGKILL ends counts as gone all the same. */
static void does_not_answer(struct pid1 *s, const struct plan *p)
{
	uint32_t logger = logs_logger(s, p);
	s->log_asked = 0;
	if (logger == s->core.count)
		return;
	if (report_may(s, logger, STORM_ERRORS))
		console_say(s, SAY_ERROR, plan_text(p, plan_service(p, logger)->name),
			": it does not read, nor answer: sent SIGKILL", NULL);
	kill_all(s, logger);
	drop_channel(s);
}

/* poll(2) of a pipe takes no lock; read(2) of one waits for whoever has it (drain.h). */
static bool is_anything_there(const struct pid1 *s)
{
	static struct pollfd pf[CONFIG_MAX_SERVICES];
	for (uint32_t i = 0; i < s->core.count; i++)
		pf[i] = (struct pollfd){.fd = s->runtime[i].log_read, .events = POLLIN};
	return poll(pf, s->core.count, 0) > 0;
}

/* Each look that finds no answer counts, not the time: PID 1 may have been away itself. */
static void ask_logger(struct pid1 *s, const struct plan *p)
{
	const struct channel_record rec = {.kind = CHANNEL_ASK, .index = s->log_epoch};
	s->log_ask_ms = now_ms() + ASK_MS;
	if (s->log_asked && ++s->log_asked > ASK_LOOKS)
		does_not_answer(s, p);
	else if (!s->log_asked && is_anything_there(s) &&
		send_message(s->log_fd, &rec, sizeof(rec), -1) != -EPIPE)
		s->log_asked = 1; /* also where the queue is full: it does not read that either */
}

/* ---- while nobody reads ---- */

static void is_dropped(struct pid1 *s, uint32_t bytes)
{
	if (bytes && !s->log_lost)
		console_say(s, SAY_ERROR,
			"bulkhead-log is not running: output of services is dropped, oldest first, and counted",
			NULL);
	s->log_lost += bytes;
}

static void drain(struct pid1 *s, const struct plan *p)
{
	uint32_t dropped, held;
	if (s->drain_fd < 0) {
		s->log_look_ms = now_ms() + (drain_begin(s) ? DRAINS_MS : IDLE_MS);
		return;
	}
	bool ended = drain_ended(s, &dropped, &held);
	is_dropped(s, dropped);
	logs_held(s, p, held);
	s->log_look_ms = now_ms() + (ended ? FULL_MS : DRAINS_MS);
}

static void is_back(struct pid1 *s)
{
	char text[24];
	struct fmt f;
	s->log_gone_ms = 0;
	if (!s->log_lost)
		return;
	fmt_init(&f, text, sizeof(text));
	fmt_u64(&f, s->log_lost);
	console_say(s, SAY_ERROR, "bulkhead-log is back: ", text,
		" bytes of output were dropped, see bulkctl status SERVICE", NULL);
	s->log_lost = 0;
}

static uint64_t back_at(const struct pid1 *s)
{
	return s->log_gone_ms && s->log_fd >= 0 ? s->log_made_ms + GONE_MS : CORE_NEVER;
}

static uint64_t drain_at(const struct pid1 *s)
{
	if (s->drain_fd >= 0)
		return s->log_look_ms;
	if (!s->log_gone_ms || s->log_fd >= 0)
		return CORE_NEVER;
	return s->log_look_ms > s->log_gone_ms + GONE_MS ? s->log_look_ms : s->log_gone_ms + GONE_MS;
}

static uint64_t ask_at(const struct pid1 *s)
{
	return s->log_fd >= 0 ? s->log_ask_ms : CORE_NEVER;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t logs_deadline(const struct pid1 *s)
{
	return earlier(back_at(s), earlier(drain_at(s), ask_at(s)));
}

void logs_look(struct pid1 *s, const struct plan *p)
{
	uint64_t now = now_ms();
	if (now >= ask_at(s)) {
		logs_flush(s, p); /* its answer may lie there */
		if (s->log_fd >= 0)
			ask_logger(s, p);
	}
	if (now >= back_at(s))
		is_back(s);
	if (now >= drain_at(s))
		drain(s, p);
}
