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
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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
	int err = send_message(s->log_fd, &rec, sizeof rec, s->runtime[i].log_read);
	if (err == 0)
		s->runtime[i].log_sent = 1;
	return err;
}

static void drop_channel(struct pid1 *s)
{
	discard_connection(s, &s->log_fd);
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
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	s->log_fd = spawn_lift(pair[0]);
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
	r->log_read = pair[0];
	r->log_write = pair[1];
	fcntl(r->log_read, F_SETFL, O_RDONLY | O_NONBLOCK); /* a flag of the reading side alone: writers still wait for room */
	if (s->log_fd >= 0)
		logs_flush(s, p);
}
