/* SPDX-License-Identifier: MIT
 * PID 1's records: a service, its limits, the read end of its pipe. A service that is known already
 * gets the new limits and the new pipe; its ring and the line it is in the middle of stay.
 */
#include "log/guard.h"
#include "log/log.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* One record with its descriptor (-1: none). The length, 0 at the end, or -errno. */
static ssize_t receive(int channel, struct channel_record *record, int *fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = {.iov_base = record, .iov_len = sizeof(*record)};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(channel, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	struct cmsghdr *c;
	*fd = -1;
	if (n < 0)
		return -errno;
	c = CMSG_FIRSTHDR(&msg);
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
		c->cmsg_len >= CMSG_LEN(sizeof(int)))
		memcpy(fd, CMSG_DATA(c), sizeof(*fd));
	return n;
}

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The name becomes a file's name, so it is checked here again although PID 1 sends only names
 * that a plan had. */
static bool name_valid(const char *name)
{
	size_t n = strnlen(name, CONFIG_MAX_NAME);
	if (n == CONFIG_MAX_NAME || !name_char(name[0]))
		return false;
	for (size_t i = 1; i < n; i++)
		if (!name_char(name[i]) && !strchr("_@-", name[i]))
			return false;
	return true;
}

/* The service of that name, or a free place for it, or NULL. */
static struct log_service *find_place(struct log *l, const char *name)
{
	struct log_service *free_place = NULL;
	for (size_t i = 0; i < CONFIG_MAX_SERVICES; i++) {
		struct log_service *s = &l->service[i];
		if (s->used && strcmp(s->name, name) == 0)
			return s;
		if (!s->used && !free_place)
			free_place = s;
	}
	return free_place;
}

int log_channel_unlisten(struct log *l, struct log_service *s)
{
	int pipe = s->pipe;
	if (pipe < 0)
		return pipe;
	/* epoll(7): closing is not enough, the set holds the open file description and PID 1 has it
	 * too */
	epoll_ctl(l->epoll, EPOLL_CTL_DEL, pipe, NULL);
	log_guard_forget(l, s);
	s->pipe = -1;
	s->over = 0;
	s->rest_ms = 0;
	s->pays = false;
	return pipe;
}

/* PID 1 may have another plan, by which another service has had this index. */
static void give_index(struct log *l, struct log_service *s, uint32_t index)
{
	for (size_t i = 0; i < CONFIG_MAX_SERVICES; i++)
		if (l->service[i].used && l->service[i].index == index)
			l->service[i].index = UINT32_MAX;
	s->index = index;
}

static void take_pipe(struct log *l, const struct channel_record *record, int pipe,
	struct log_time now)
{
	struct log_service *s = find_place(l, record->name);
	bool known = s && s->used;
	int old = -1;
	if (!s) {
		close(pipe);
		return;
	}
	if (known)
		old = log_channel_unlisten(l, s);
	if (known && s->ring_kb != record->ring_kb)
		log_store_close(s);
	if (!known) {
		memset(s, 0, sizeof(*s));
		memcpy(s->name, record->name, sizeof(s->name));
		s->used = true;
		s->patience_ms = LOG_PATIENCE_MS;
		s->file = -1;
	}
	s->pipe = -1;
	give_index(l, s, record->index);
	s->ring_kb = record->ring_kb;
	s->forward = record->forward;
	s->rate.burst = record->rate_burst;
	s->rate.interval_ms = record->rate_interval_ms;
	if (s->forward)
		log_kmsg_open(l);
	if (!s->ring.header) {
		if (known)
			s->begun = false; /* the unfinished line is in the ring that is opened now */
		log_store_open(l, s, now);
	}
	if (s->forward && l->kmsg < 0 && !known)
		log_line_note(l, s, "no /dev/kmsg: these lines are not copied there", now);
	if (record->lost) {
		log_line_flush(l, s, now); /* what comes next is not its end */
		s->lost += record->lost;
		log_line_report(l, s, now);
	}
	if (log_channel_listen(l, s, pipe) < 0) {
		close(pipe);
		log_line_note(l, s, "the service's output can't be read", now);
	}
	log_guard_close(old);
}

/* What comes next is not the end of their last line. */
static void processes_over(struct log *l, uint32_t index, struct log_time now)
{
	for (size_t i = 0; i < CONFIG_MAX_SERVICES; i++) {
		struct log_service *s = &l->service[i];
		if (!s->used || s->pipe < 0 || s->index != index)
			continue;
		log_line_over(l, s, log_guard_unread(l, s), now);
		if (s->changed)
			log_store_wake(s);
		return;
	}
}

int log_channel_read(struct log *l, struct log_time now)
{
	struct channel_record record;
	int pipe;
	ssize_t n = receive(l->channel, &record, &pipe);
	if (n == -EAGAIN || n == -EINTR)
		return 0;
	if (n <= 0)
		return -EPIPE;
	if (n == (ssize_t)sizeof(record) && record.kind == CHANNEL_SERVICE && pipe >= 0 &&
		name_valid(record.name))
		take_pipe(l, &record, pipe, now);
	else if (pipe >= 0)
		close(pipe);
	if (n == (ssize_t)sizeof(record) && record.kind == CHANNEL_ASK)
		log_channel_say(l, CHANNEL_HERE, record.index);
	if (n == (ssize_t)sizeof(record) && record.kind == CHANNEL_OVER)
		processes_over(l, record.index, now);
	return 1;
}
