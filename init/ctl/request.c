/* SPDX-License-Identifier: MIT
 * The client's half of the control protocol: see request.h. Every wait is bounded: a PID 1 that is
 * stuck must not block its tools.
 */
#include "ctl/request.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define TRIES 20 /* where PID 1 has no place for one more */
#define PAUSE_MS 100

static int open_once(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	/* unix(7): a connect waits while the listener's queue is full, for as long as the socket's
	 * send time-out says */
	struct timeval wait = {.tv_sec = REQUEST_TIMEOUT_MS / 1000,
		.tv_usec = REQUEST_TIMEOUT_MS % 1000 * 1000};
	size_t n = strlen(path);
	int fd;
	if (n >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, n + 1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) == 0 &&
		connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	n = (size_t)errno;
	close(fd);
	return -(int)n;
}

/* Somebody has removed the file, or put another in its place: PID 1 looks when root tells it. It
 * is only told where its directory is, which nobody else makes. */
static bool is_removed(const char *path, int err)
{
	return (err == -ENOENT || err == -ECONNREFUSED) && strcmp(path, PROTO_SOCKET) == 0 &&
		access(PROTO_DIRECTORY, F_OK) == 0;
}

int ctl_request_open(const char *path)
{
	int fd = open_once(path);
	if (!is_removed(path, fd) || kill(1, SIGHUP) < 0)
		return fd;
	for (int tries = 0; is_removed(path, fd) && tries < TRIES; tries++) {
		poll(NULL, 0, PAUSE_MS);
		fd = open_once(path);
	}
	return fd;
}

int ctl_request_send(int fd, enum proto_verb verb, int value, const char *service)
{
	struct proto_request request = {.version = PROTO_VERSION,
		.verb = (uint32_t)verb,
		.value = value};
	size_t n = service ? strlen(service) : 0;
	if (n >= sizeof(request.service))
		return -ENAMETOOLONG;
	if (n)
		memcpy(request.service, service, n);
	/* MSG_NOSIGNAL: a PID 1 that hung up is an errno here, not the end of this program. It may
	 * have said why before. */
	if (send(fd, &request, sizeof(request), MSG_NOSIGNAL) == (ssize_t)sizeof(request) ||
		errno == EPIPE)
		return 0;
	return errno == EAGAIN ? -ETIMEDOUT : -errno;
}

/* Keeps the first descriptor that came, closes any other. The buffer has room for one control
 * message, so the kernel sent no more. */
static int passed_descriptor(struct msghdr *msg)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	int kept = -1;
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return -1;
	for (size_t at = 0; CMSG_LEN(at + sizeof(int)) <= c->cmsg_len; at += sizeof(int)) {
		int fd;
		memcpy(&fd, CMSG_DATA(c) + at, sizeof(fd));
		if (kept < 0)
			kept = fd;
		else
			close(fd);
	}
	return kept;
}

static size_t record_size(uint32_t kind)
{
	switch (kind) {
	case PROTO_SERVICE:
		return offsetof(struct proto_reply, service) + sizeof(struct proto_service);
	case PROTO_MACHINE:
		return offsetof(struct proto_reply, machine) + sizeof(struct proto_machine);
	case PROTO_END:
		return offsetof(struct proto_reply, text);
	default:
		return SIZE_MAX;
	}
}

static void end_texts(struct proto_reply *reply)
{
	if (reply->kind == PROTO_SERVICE) {
		reply->service.name[sizeof(reply->service.name) - 1] = '\0';
		reply->service.why[sizeof(reply->service.why) - 1] = '\0';
	} else if (reply->kind == PROTO_END) {
		reply->text[sizeof(reply->text) - 1] = '\0';
	}
}

static int wait_for_reply(int fd, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int n;
	do
		n = poll(&p, 1, timeout_ms);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n ? 0 : -ETIMEDOUT;
}

int ctl_request_next(int fd, struct proto_reply *reply, int *passed, int timeout_ms)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = {.iov_base = reply, .iov_len = sizeof(*reply)};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	int err = wait_for_reply(fd, timeout_ms);
	int came;
	ssize_t n;
	if (passed)
		*passed = -1;
	if (err)
		return err;
	memset(reply, 0, sizeof(*reply));
	n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n <= 0)
		return n ? -errno : -ECONNRESET;
	came = passed_descriptor(&msg);
	if (passed)
		*passed = came;
	else if (came >= 0)
		close(came);
	if ((size_t)n < sizeof(reply->kind) || (size_t)n < record_size(reply->kind))
		return -EPROTO;
	end_texts(reply);
	return 0;
}

bool ctl_request_again(unsigned *tries, int err)
{
	if (err != PROTO_NO_PLACE || ++*tries == TRIES)
		return false;
	poll(NULL, 0, PAUSE_MS);
	return true;
}

static int final_once(int kind)
{
	struct proto_reply reply;
	int fd = ctl_request_open(PROTO_SOCKET);
	int err;
	if (fd < 0)
		return fd;
	err = ctl_request_send(fd, PROTO_FINAL, kind, NULL);
	if (!err)
		err = ctl_request_next(fd, &reply, NULL, REQUEST_TIMEOUT_MS);
	close(fd);
	if (err)
		return err;
	return reply.kind == PROTO_END ? reply.value : -EPROTO;
}

int ctl_request_final(int kind)
{
	unsigned tries = 0;
	int err;
	do
		err = final_once(kind);
	while (ctl_request_again(&tries, err));
	return err;
}
