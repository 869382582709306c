/* SPDX-License-Identifier: MIT
 * What is watched, events for the core, the clock: see watch.h. */
#include "pid1/watch.h"
#include "base/errname.h"
#include "base/fmt.h"
#include <errno.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define WATCH_TRIES 3

uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

static struct {
	bool posted; /* an event, since watch_forget_posted */
	int error;   /* errno of what could not be watched, since watch_error; 0 = none */
} state;

void post_event(struct pid1 *s, const struct plan *p, uint16_t kind, uint32_t service,
	uint16_t slot, int32_t value)
{
	state.posted = true;
	struct core_event ev = {.kind = kind,
		.service = (uint16_t)service,
		.slot = slot,
		.value = value};
	core_event(&s->core, p, ev, now_ms());
}

void note_failure(struct pid1 *s, uint32_t service, const char *step, int err, const char *detail)
{
	struct fmt f;
	fmt_init(&f, s->runtime[service].why, sizeof(s->runtime[service].why));
	fmt_strs(&f, step, ": ", err_name(err), detail && *detail ? ": " : "", detail ? detail : "",
		NULL);
}

void post_failed(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot,
	const char *step, int err, const char *detail)
{
	note_failure(s, service, step, err, detail);
	post_event(s, p, EV_FAILED, service, (uint16_t)slot, err < 0 ? -err : err);
}

static void control_watch(struct pid1 *s, int op, int fd, uint32_t events, enum watch kind,
	uint32_t index)
{
	struct epoll_event ev = {.events = events, .data.u64 = (uint64_t)kind << 32 | index};
	if (fd < 0)
		return;
	/* what is refused for want of memory, say, is given a moment later */
	for (int i = 0; i < WATCH_TRIES; i++)
		if (epoll_ctl(s->epoll_fd, op, fd, &ev) == 0 || (op == EPOLL_CTL_ADD && errno == EEXIST))
			return;
	state.error = errno;
}

void watch_add(struct pid1 *s, int fd, uint32_t events, enum watch kind, uint32_t index)
{
	control_watch(s, EPOLL_CTL_ADD, fd, events, kind, index);
}

void watch_change(struct pid1 *s, int fd, uint32_t events, enum watch kind, uint32_t index)
{
	control_watch(s, EPOLL_CTL_MOD, fd, events, kind, index);
}

void watch_remove(struct pid1 *s, int fd)
{
	epoll_ctl(s->epoll_fd, EPOLL_CTL_DEL, fd, NULL); /* fails harmlessly where it was never added */
}

void watch_drop(struct pid1 *s, int *fd)
{
	if (*fd < 0)
		return;
	watch_remove(s, *fd);
	close(*fd);
	*fd = -1;
}

bool watch_has_posted(void)
{
	return state.posted;
}

void watch_forget_posted(void)
{
	state.posted = false;
}

int watch_error(void)
{
	int err = state.error;
	state.error = 0;
	return err;
}
