/* SPDX-License-Identifier: MIT
 * The control server: see control.h. */
#include "pid1/control/control.h"
#include "base/errname.h"
#include "base/fmt.h"
#include "engine/descriptors.h"
#include "engine/procfs.h"
#include "engine/receive.h"
#include "engine/send.h"
#include "pid1/service/ask.h"
#include "pid1/console.h"
#include "pid1/control/describe.h"
#include "pid1/control/places.h"
#include "pid1/control/request.h"
#include "pid1/discard.h"
#include "pid1/watch.h"
#include "pid1/watchdog.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ACCEPT_MS 200u /* until another try, where no descriptor is to be had */

/* Of what stands under the socket's name; 0: nothing. */
static uint64_t file_there(void)
{
	struct stat st;
	return stat(PROTO_SOCKET, &st) < 0 ? 0 : st.st_ino;
}

int control_open(struct pid1 *s)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = PROTO_SOCKET};
	int fd = descriptor_lift(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	if (fd < 0)
		return fd;
	receive_refuse_descriptors(fd);
	unlink(PROTO_SOCKET);
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || chmod(PROTO_SOCKET, 0666) < 0 ||
		listen(fd, CONFIG_MAX_CLIENTS) < 0) {
		int err = -errno;
		close(fd);
		return err;
	}
	s->control_file = file_there();
	return fd;
}

void control_again(struct pid1 *s)
{
	if (s->control_fd >= 0 && s->control_file && file_there() == s->control_file)
		return;
	mkdir(PROTO_DIRECTORY, 0755);
	int fd = control_open(s);
	if (fd < 0) {
		console_say(s, SAY_ERROR, "control socket: ", err_name(fd), ": bulkctl cannot reach PID 1",
			NULL);
		return;
	}
	discard_close(s, &s->control_fd);
	s->control_fd = fd;
	s->client_ms = 0;
	watch_add(s, fd, EPOLLIN, WATCH_CONTROL, 0);
	console_say(s, SAY_NOTICE, "control socket: its file was removed and has been created again",
		NULL);
}

static void drop(struct pid1 *s, struct client *c)
{
	uint64_t later = discard_client(s, &c->fd);
	if (later) {
		c->state = CLIENT_LEAVING;
		c->deadline_ms = later;
	} else {
		*c = (struct client){.fd = -1, .state = CLIENT_FREE};
	}
}

/* What descriptors others send costs a child each, and those are rationed: until the next one
 * may be had nobody comes in. */
static bool may_accept(const struct pid1 *s)
{
	return now_ms() >= s->client_ms;
}

static int send_end(const struct pid1 *s, const struct plan *p, struct client *c)
{
	struct proto_reply reply = {.kind = PROTO_END, .value = c->result};
	describe_result(s, p, c, reply.text, sizeof(reply.text));
	return send_message(c->fd, &reply, sizeof(reply),
		c->verb == PROTO_PLAN && c->result == 0 ? s->plan_fd : -1);
}

/* Who has to make room is told so: a start or a stop goes on, anything else is to be asked anew. */
static void turn_out(struct pid1 *s, const struct plan *p, struct client *c)
{
	if (c->state == CLIENT_WAITING || c->state == CLIENT_READING) {
		c->result = c->state == CLIENT_WAITING ? PROTO_GOES_ON : PROTO_NO_PLACE;
		send_end(s, p, c);
	}
	drop(s, c);
}

/* The client's place, or PLACES_NONE. */
static uint32_t take_in(struct pid1 *s, const struct plan *p, int fd)
{
	struct ucred u = {0};
	socklen_t n = sizeof(u);
	int err = receive_names_senders(fd);
	if (err == 0 && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &u, &n) < 0)
		err = -errno;
	if (err < 0) {
		console_say(s, SAY_ERROR, "control socket: a client was rejected: ", err_name(err), NULL);
		return PLACES_NONE;
	}
	int32_t service = procfs_service(p, u.pid);
	if (service < 0)
		service = PROCFS_NONE;
	uint32_t place = places_for(s->client, CONFIG_MAX_CLIENTS, service, u.uid);
	if (place == PLACES_NONE)
		return place;
	turn_out(s, p, &s->client[place]); /* at once: we may */
	receive_refuse_descriptors(fd);
	s->client[place] = (struct client){.fd = fd,
		.state = CLIENT_READING,
		.uid = u.uid,
		.service = service,
		.since_ms = now_ms(),
		.deadline_ms = now_ms() + CLIENT_MS};
	return place;
}

void control_accept(struct pid1 *s, const struct plan *p)
{
	if (!may_accept(s)) {
		watch_change(s, s->control_fd, 0, WATCH_CONTROL, 0); /* until control_answer */
		return;
	}
	int fd = descriptor_lift(accept4(s->control_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
	/* he stays at the door, and it readable */
	if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM || fd == -ENOBUFS)
		s->client_ms = now_ms() + ACCEPT_MS;
	if (fd < 0)
		return;
	uint32_t place = take_in(s, p, fd);
	if (place == PLACES_NONE)
		discard_client(s, &fd);
	else
		watch_add(s, fd, EPOLLIN | EPOLLRDHUP, WATCH_CLIENT, place);
}

/* What its services were called, and how many there were, is no more: who was being told, or waits
 * for one, is told that. */
void control_forget_plan(struct pid1 *s)
{
	for (uint32_t i = 0; i < CONFIG_MAX_CLIENTS; i++) {
		struct client *c = &s->client[i];
		if (c->state == CLIENT_ENDING)
			c->cursor = PLACES_NONE;
		if (c->state != CLIENT_LISTING && c->state != CLIENT_WAITING)
			continue;
		*c = (struct client){.fd = c->fd,
			.verb = c->verb,
			.uid = c->uid,
			.service = PROCFS_NONE,
			.since_ms = c->since_ms,
			.cursor = PLACES_NONE};
		request_end(c, -ECANCELED);
		watch_change(s, c->fd, EPOLLOUT | EPOLLRDHUP, WATCH_CLIENT, i);
	}
}

enum end { NEITHER, LISTENER, CONNECTION };

/* Which end of the control socket it is (enum end), or -errno. */
static int which_end(int fd)
{
	struct sockaddr_un a = {0};
	socklen_t n = sizeof(a), m = sizeof(int);
	int listens = 1;
	if (getsockname(fd, (struct sockaddr *)&a, &n) < 0)
		return errno == EBADF || errno == ENOTSOCK ? NEITHER : -errno;
	if (a.sun_family != AF_UNIX || strcmp(a.sun_path, PROTO_SOCKET) != 0)
		return NEITHER;
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &m) < 0)
		return -errno;
	return listens ? LISTENER : CONNECTION;
}

bool control_is_listener(int fd)
{
	return which_end(fd) == LISTENER;
}

bool control_adopt(struct pid1 *s, const struct plan *p, int fd)
{
	int is = which_end(fd);
	if (is < 0)
		console_say(s, SAY_ERROR, "control socket: a client was lost in the crash: ", err_name(is),
			NULL);
	if (is == LISTENER && s->control_fd < 0) {
		s->control_fd = fd;
		return true;
	}
	return is == CONNECTION && may_accept(s) && take_in(s, p, fd) != PLACES_NONE;
}

/* ---- answers ---- */

static int send_next(const struct pid1 *s, const struct plan *p, struct client *c)
{
	struct proto_reply reply = {.kind = PROTO_SERVICE};
	if (c->verb == PROTO_INFO) {
		reply.kind = PROTO_MACHINE;
		describe_machine(s, p, c->uid, &reply.machine);
	} else {
		describe_service(s, p, c->cursor, &reply.service);
	}
	return send_message(c->fd, &reply, sizeof(reply), -1);
}

/* Writes as much of the answer as the socket takes. */
static void push(struct pid1 *s, const struct plan *p, struct client *c)
{
	int err = 0;
	while (c->state == CLIENT_LISTING && err == 0) {
		if (c->cursor >= c->last) {
			request_end(c, 0);
			break;
		}
		watchdog_feed(s);
		err = send_next(s, p, c);
		if (err == 0) {
			c->cursor++;
			c->deadline_ms = now_ms() + CLIENT_MS;
		}
	}
	if (c->state == CLIENT_ENDING && err == 0)
		err = send_end(s, p, c);
	/* without EPOLLRDHUP: one that will say no more would be told of again and again */
	if (err == -EAGAIN)
		watch_change(s, c->fd, EPOLLOUT, WATCH_CLIENT, (uint32_t)(c - s->client));
	else if (err < 0 || c->state == CLIENT_ENDING)
		drop(s, c);
}

void control_client(struct pid1 *s, const struct plan *p, uint32_t index)
{
	struct client *c = index < CONFIG_MAX_CLIENTS ? &s->client[index] : NULL;
	struct proto_request r = {0};
	if (!c || c->state == CLIENT_FREE || c->state == CLIENT_LEAVING)
		return;
	if (c->state == CLIENT_READING) {
		struct sender from;
		ssize_t n = receive_look(c->fd, &r, sizeof(r), &from);
		if (n == -EAGAIN || n == -EINTR)
			return;
		if (n != (ssize_t)sizeof(r) || from.carries) { /* no request has a descriptor */
			drop(s, c);
			return;
		}
		request_obey(s, p, c, &r);
		/* should we crash before: once more, which changes nothing (recover.c takes what is
		 * left) */
		receive_done(c->fd);
		/* nothing more is to be said: it has gone, or what it said is passed over */
	} else if (c->state == CLIENT_WAITING) {
		struct sender from;
		ssize_t n = receive_message(c->fd, &r, sizeof(r), &from);
		if (n != -EAGAIN && n != -EINTR && (n <= 0 || from.carries))
			drop(s, c);
		return;
	}
	push(s, p, c);
}

/* And what has been started for it has settled. */
static bool is_reloaded(const struct pid1 *s, const struct client *c)
{
	if (s->reload.phase != RELOAD_NONE)
		return false;
	return s->reload.result < 0 ||
		(c->cursor == RELOAD_ALL ? core_boot_settled(&s->core) : core_settled(&s->core, c->cursor));
}

void control_answer(struct pid1 *s, const struct plan *p)
{
	for (uint32_t i = 0; i < CONFIG_MAX_CLIENTS; i++) {
		struct client *c = &s->client[i];
		if (c->state == CLIENT_WAITING && c->verb == PROTO_RELOAD) {
			if (!is_reloaded(s, c))
				continue;
			request_end(c, s->reload.result);
			push(s, p, c);
		} else if (c->state == CLIENT_WAITING && c->verb == PROTO_REFRESH) {
			if (core_reloads(&s->core, c->cursor))
				continue;
			request_end(c, describe_refreshed(s, c));
			push(s, p, c);
		} else if (c->state == CLIENT_WAITING && core_settled(&s->core, c->cursor) &&
			!ask_removes(s, c->cursor)) {
			request_end(c, describe_outcome(s, c));
			push(s, p, c);
		} else if (c->state != CLIENT_FREE && now_ms() >= c->deadline_ms) {
			drop(s, c);
		}
	}
	if (s->client_ms && may_accept(s)) {
		s->client_ms = 0;
		watch_change(s, s->control_fd, EPOLLIN, WATCH_CONTROL, 0);
	}
}

uint64_t control_deadline(const struct pid1 *s)
{
	uint64_t next = s->client_ms ? s->client_ms : CORE_NEVER;
	for (uint32_t i = 0; i < CONFIG_MAX_CLIENTS; i++)
		if (s->client[i].state != CLIENT_FREE && s->client[i].deadline_ms < next)
			next = s->client[i].deadline_ms;
	return next;
}
