/* SPDX-License-Identifier: MIT
 * Output pipes and the channel to bulkhead-log: see logs.h. */
#include "pid1/logs.h"
#include "base/channel.h"
#include "base/errname.h"
#include "base/fmt.h"
#include "pid1/console.h"
#include "pid1/discard.h"
#include "pid1/loop.h"
#include "pid1/receive.h"
#include "pid1/send.h"
#include "pid1/spawn.h"
#include "pid1/tell.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define GONE_MS 10000u  /* longer than bulkhead-log's back-off: who comes back in this time has lost nothing */
#define FULL_MS 250u    /* from one look at the pipes to the next, if some were full */
#define IDLE_MS 1000u   /* and if none was */
#define LOOK_READS 256u /* of 4 kB, in one look */

static bool wants_log(const struct plan_service *ps)
{
	return !(ps->flags & SERVICE_LOGGER);
}

static int hand_over(struct pid1 *s, const struct plan *p, uint32_t i)
{
	const struct plan_machine *m = &plan_header(p)->machine;
	struct channel_record rec = {.kind = CHANNEL_SERVICE, .index = i, .ring_kb = m->log_ring_kb, .forward = m->log_forward};
	struct fmt f;
	fmt_init(&f, rec.name, sizeof rec.name);
	fmt_str(&f, plan_text(p, plan_service(p, i)->name));
	struct runtime *r = &s->runtime[i];
	uint64_t lost = r->log_lost - r->log_told;
	rec.lost = lost < UINT32_MAX ? (uint32_t)lost : UINT32_MAX;
	int err = send_message(s->log_fd, &rec, sizeof rec, r->log_read);
	if (err < 0)
		return err;
	r->log_sent = 1;
	r->log_told = r->log_lost;
	return 0;
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

void logs_flush(struct pid1 *s, const struct plan *p)
{
	if (s->log_fd < 0)
		return;
	char unused;
	struct sender from;
	ssize_t n = receive_message(s->log_fd, &unused, sizeof unused, &from);
	if (n == 0 || from.carries) { /* bulkhead-log has gone; its restart brings a new channel */
		drop_channel(s);
		return;
	}
	for (uint32_t i = 0; i < s->core.count; i++) {
		const struct runtime *r = &s->runtime[i];
		if (r->log_read < 0 || r->log_sent)
			continue;
		int err = hand_over(s, p, i);
		if (err == -EAGAIN) { /* its queue is full: again when there is room */
			loop_rewatch(s, s->log_fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP, WATCH_LOG, 0);
			return;
		}
		if (err < 0) {
			drop_channel(s);
			return;
		}
	}
	loop_rewatch(s, s->log_fd, EPOLLIN | EPOLLRDHUP, WATCH_LOG, 0);
}

int logs_new_channel(struct pid1 *s)
{
	int pair[2];
	drop_channel(s);
	for (uint32_t i = 0; i < s->core.count; i++)
		s->runtime[i].log_sent = 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		console_say(s, SAY_ERROR, "log: no channel to bulkhead-log: ", err_name(errno), ": it is started again", NULL);
		return -1;
	}
	s->log_fd = spawn_lift(pair[0]);
	s->log_made_ms = now_ms();
	int other = spawn_lift(pair[1]);
	receive_names_senders(s->log_fd);
	receive_refuse_descriptors(s->log_fd);
	if (s->log_fd >= 0)
		loop_watch(s, s->log_fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP, WATCH_LOG, 0);
	return other;
}

void logs_prepare(struct pid1 *s, const struct plan *p, uint32_t service)
{
	struct runtime *r = &s->runtime[service];
	int pair[2];
	if (r->log_write >= 0 || !wants_log(plan_service(p, service)))
		return;
	int err = spawn_pipe(pair, 0);
	if (err < 0) {
		if (tell_may(s, service, STORM_ERRORS))
			console_say(s, SAY_ERROR, plan_text(p, plan_service(p, service)->name),
				": its output is lost: no pipe: ", err_name(err), NULL);
		return;
	}
	loop_drop(s, &r->log_read); /* of a pipe that a crash cut short */
	r->log_read = pair[0];
	r->log_write = pair[1];
	fcntl(r->log_read, F_SETFL, O_RDONLY | O_NONBLOCK); /* a flag of the reading side alone: writers still wait for room */
	if (s->log_fd >= 0)
		logs_flush(s, p);
	else
		is_missed(s);
}

/* ---- while nobody reads ---- */

/* The older half of a pipe that is full: the newest lines are those that say what happened. */
static uint32_t make_room(struct runtime *r, uint32_t *reads)
{
	static char unused[4096];
	struct pollfd pf = {.fd = r->log_write, .events = POLLOUT};
	int held = 0;
	uint32_t dropped = 0;
	if (r->log_read < 0 || poll(&pf, 1, 0) != 0 || ioctl(r->log_read, FIONREAD, &held) < 0)
		return 0;
	for (uint32_t half = ((uint32_t)held + 1) / 2; dropped < half && *reads; --*reads) {
		uint32_t part = half - dropped < sizeof unused ? half - dropped : (uint32_t)sizeof unused;
		ssize_t n = read(r->log_read, unused, part);
		if (n <= 0)
			break;
		dropped += (uint32_t)n;
	}
	r->log_lost += dropped;
	return dropped;
}

static void drain(struct pid1 *s)
{
	uint32_t reads = LOOK_READS;
	uint64_t dropped = 0;
	for (uint32_t i = 0; i < s->core.count; i++)
		dropped += make_room(&s->runtime[i], &reads);
	if (dropped && !s->log_lost)
		console_say(
			s, SAY_ERROR, "bulkhead-log is not there: what services write is dropped, the oldest first, and counted", NULL);
	s->log_lost += dropped;
	s->log_look_ms = now_ms() + (dropped ? FULL_MS : IDLE_MS);
}

static void is_back(struct pid1 *s)
{
	char text[24];
	struct fmt f;
	s->log_gone_ms = 0;
	if (!s->log_lost)
		return;
	fmt_init(&f, text, sizeof text);
	fmt_u64(&f, s->log_lost);
	console_say(s, SAY_ERROR, "bulkhead-log is back: ", text, " bytes of output were dropped, see bulkctl status SERVICE", NULL);
	s->log_lost = 0;
}

uint64_t logs_deadline(const struct pid1 *s)
{
	if (!s->log_gone_ms)
		return CORE_NEVER;
	if (s->log_fd >= 0)
		return s->log_made_ms + GONE_MS;
	return s->log_look_ms > s->log_gone_ms + GONE_MS ? s->log_look_ms : s->log_gone_ms + GONE_MS;
}

void logs_look(struct pid1 *s)
{
	if (now_ms() < logs_deadline(s))
		return;
	if (s->log_fd >= 0)
		is_back(s);
	else
		drain(s);
}
