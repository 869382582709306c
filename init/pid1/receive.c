/* SPDX-License-Identifier: MIT
 * Messages without their descriptors: see receive.h. */
#include "pid1/receive.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#pragma GCC diagnostic ignored "-Wsign-conversion" /* musl's CMSG_NXTHDR is not clean */

#define MAX_PASSED 253    /* SCM_MAX_FD of the kernel. All must fit: the kernel closes, in our name, what does not */
#define MAX_LEFTOVERS 512 /* messages; a socket's send buffer (net.core.wmem_default) holds fewer */

void receive_close(int fd)
{
	const struct linger none = {.l_onoff = 0};
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none); /* of a socket; with anything else it fails, and nothing lingers */
	close(fd);
}

static void close_passed(const struct cmsghdr *c, int *wanted)
{
	for (size_t k = 0; CMSG_LEN((k + 1) * sizeof(int)) <= c->cmsg_len; k++) {
		int fd;
		memcpy(&fd, CMSG_DATA(c) + k * sizeof fd, sizeof fd);
		if (wanted && *wanted < 0)
			*wanted = fd;
		else
			receive_close(fd);
	}
}

/* Closes what came along, but for the first descriptor if somebody wants it; the sender, 0 = unknown, -1 = not said. */
static int take_control(struct msghdr *msg, int *passed)
{
	int pid = -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_CREDENTIALS && c->cmsg_len >= CMSG_LEN(sizeof(struct ucred))) {
			struct ucred u;
			memcpy(&u, CMSG_DATA(c), sizeof u);
			pid = u.pid;
		} else if (c->cmsg_type == SCM_RIGHTS) {
			close_passed(c, passed);
		}
	}
	return pid;
}

static ssize_t receive(int fd, void *buf, size_t cap, int *pid, int *passed)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(MAX_PASSED * sizeof(int))];
	} control;
	struct iovec iov = {buf, cap};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0)
		return -errno;
	int sender = take_control(&msg, passed);
	if (pid)
		*pid = sender;
	return msg.msg_flags & MSG_TRUNC ? -EMSGSIZE : n;
}

ssize_t receive_message(int fd, void *buf, size_t cap, int *pid)
{
	return receive(fd, buf, cap, pid, NULL);
}

ssize_t receive_passed(int fd, void *buf, size_t cap, int *passed)
{
	*passed = -1;
	return receive(fd, buf, cap, NULL, passed);
}

void receive_nothing_more(int fd)
{
	const int on = 1;
	char unused;
	int pid = 0;
	/* With it a message of no bytes, which has a sender, is told from the end, which has none. */
	setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
	shutdown(fd, SHUT_RD);
	for (int n = 0; n < MAX_LEFTOVERS; n++) {
		ssize_t got = receive_message(fd, &unused, sizeof unused, &pid);
		if ((got == 0 && pid < 0) || (got < 0 && got != -EMSGSIZE && got != -EINTR))
			return;
	}
}
