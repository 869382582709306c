/* SPDX-License-Identifier: MIT
 * Receiving messages without taking their descriptors: see receive.h.
 */
#include "engine/receive.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#pragma GCC diagnostic ignored "-Wsign-conversion" /* musl's CMSG_NXTHDR is not clean */

/* SCM_MAX_FD of the kernel. There must be room for all: the kernel closes the rest in our
 * context. */
#define MAX_PASSED 253
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif
#define RECEIVE_TRIES 3
#define MAX_LEFTOVERS 512 /* messages; a socket's send buffer (net.core.wmem_default) holds fewer */

/* A failure that may pass, such as a lack of memory, is tried again, so that no message is lost. */
static ssize_t look(int fd, struct iovec *data, void *control, socklen_t size, struct msghdr *msg)
{
	ssize_t n = -1;
	errno = 0;
	for (int i = 0; i < RECEIVE_TRIES && n < 0 && errno != EAGAIN; i++) {
		*msg = (struct msghdr){.msg_iov = data,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = size};
		n = recvmsg(fd, msg, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	}
	return n;
}

void receive_close(int fd)
{
	const struct linger none = {.l_onoff = 0};
	/* of a socket; with anything else it fails, and nothing lingers */
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(fd);
}

static void close_passed(const struct cmsghdr *c, int *wanted)
{
	for (size_t k = 0; CMSG_LEN((k + 1) * sizeof(int)) <= c->cmsg_len; k++) {
		int fd;
		memcpy(&fd, CMSG_DATA(c) + k * sizeof(fd), sizeof(fd));
		if (*wanted < 0)
			*wanted = fd;
		else
			receive_close(fd);
	}
}

/* A message that carries descriptors is only looked at. MSG_PEEK takes references of its own, so
 * the last one is not dropped here. There is no room for a descriptor, so none is installed, and
 * the kernel sets MSG_CTRUNC (scm_detach_fds). */
ssize_t receive_look(int fd, void *buf, size_t cap, struct sender *from)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec data = {buf, cap};
	struct msghdr msg;
	ssize_t n = look(fd, &data, control.space, sizeof(control.space), &msg);
	*from = (struct sender){.pid = -1, .uid = UINT32_MAX};
	if (n < 0)
		return -errno;
	from->carries = msg.msg_flags & MSG_CTRUNC;
	const struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS &&
		c->cmsg_len >= CMSG_LEN(sizeof(struct ucred))) {
		struct ucred u;
		memcpy(&u, CMSG_DATA(c), sizeof(u));
		from->pid = u.pid;
		from->uid = u.uid;
	}
	return msg.msg_flags & MSG_TRUNC ? -EMSGSIZE : n;
}

int receive_done(int fd)
{
	char unused;
	ssize_t n = -1;
	errno = 0;
	for (int i = 0; i < RECEIVE_TRIES && n < 0 && errno != EAGAIN; i++)
		n = recv(fd, &unused, sizeof(unused), MSG_DONTWAIT);
	return n < 0 ? -errno : 0;
}

ssize_t receive_message(int fd, void *buf, size_t cap, struct sender *from)
{
	ssize_t n = receive_look(fd, buf, cap, from);
	if ((n < 0 && n != -EMSGSIZE) || from->carries)
		return n;
	int err = receive_done(fd);
	return err < 0 ? err : n;
}

ssize_t receive_passed(int fd, void *buf, size_t cap, int *passed)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(MAX_PASSED * sizeof(int))];
	} control;
	struct iovec data = {buf, cap};
	struct msghdr msg;
	*passed = -1;
	ssize_t n = look(fd, &data, control.space, sizeof(control.space), &msg);
	if (n < 0)
		return -errno;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
			close_passed(c, passed);
	return msg.msg_flags & MSG_TRUNC ? -EMSGSIZE : n;
}

int receive_names_senders(int fd)
{
	const int on = 1;
	return setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0 ? -errno : 0;
}

void receive_refuse_descriptors(int fd)
{
	const int off = 0;
	/* (6.16) older kernels do not know it, which changes nothing */
	setsockopt(fd, SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof(off));
}

bool receive_nothing_more(int fd)
{
	/* With it a message of no bytes, which has a sender, is told from the end, which has none. */
	if (receive_names_senders(fd) < 0 || shutdown(fd, SHUT_RD) < 0)
		return false;
	for (int n = 0; n < MAX_LEFTOVERS; n++) {
		char unused;
		struct sender from;
		ssize_t got = receive_message(fd, &unused, sizeof(unused), &from);
		if (got == -EAGAIN || (got == 0 && from.pid < 0))
			return true;
		if (from.carries || (got < 0 && got != -EMSGSIZE && got != -EINTR))
			return false;
	}
	return false;
}
