/* SPDX-License-Identifier: MIT
 * Messages out: see send.h. */
#include "engine/send.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define TRIES 3 /* what is refused for want of memory, say, goes a moment later */

int send_message(int fd, const void *bytes, size_t n, int pass)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.space = {0}};
	struct iovec iov = {(void *)bytes, n}; /* sendmsg(2) only reads it */
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	if (pass >= 0) {
		msg.msg_control = control.space;
		msg.msg_controllen = sizeof(control.space);
		struct cmsghdr *h = CMSG_FIRSTHDR(&msg);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(sizeof(pass));
		memcpy(CMSG_DATA(h), &pass, sizeof(pass));
	}
	ssize_t sent = -1;
	errno = 0;
	for (int i = 0; i < TRIES && sent < 0 && errno != EAGAIN; i++)
		sent = sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	return sent < 0 ? -errno : 0;
}
