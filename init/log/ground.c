/* SPDX-License-Identifier: MIT
 * What the other files stand on: the time, a pipe in the loop's set, a word to PID 1.
 */
#include "log/log.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

struct log_time log_moment(void)
{
	struct timespec ts;
	struct log_time t;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	t.ns = (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
	t.ms = t.ns / 1000000u;
	return t;
}

int log_channel_listen(struct log *l, struct log_service *s, int pipe)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.u32 = (uint32_t)(s - l->service)};
	int flags = fcntl(pipe, F_GETFL);
	if (flags < 0 || ((flags & O_NONBLOCK) == 0 && fcntl(pipe, F_SETFL, flags | O_NONBLOCK) < 0))
		return -errno;
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, pipe, &ev) < 0)
		return -errno;
	s->pipe = pipe;
	return 0;
}

void log_channel_say(const struct log *l, uint32_t kind, uint32_t value)
{
	const struct channel_word w = {kind, value};
	if (send(l->channel, &w, sizeof(w), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return; /* PID 1 asks again, or is gone */
}
