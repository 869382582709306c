/* SPDX-License-Identifier: MIT
 * Making room in full pipes: see drain.h.
 */
#include "pid1/output/drain.h"
#include "base/sys.h"
#include "pid1/descriptors.h"
#include "pid1/errand.h"
#include "pid1/watch.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define STUCK_MS 1000u    /* for one pipe, which takes a millisecond */
#define LOOK_READS 256u   /* of 4 kB, in one look */
#define BEGUN UINT32_MAX  /* in count.bytes: the next pipe is this one */
#define COUNTS_AT_ONCE 64 /* read in a row */

struct count {
	uint32_t service;
	uint32_t bytes; /* dropped */
};

static struct pollfd look[CONFIG_MAX_SERVICES]; /* by service; the child has a copy */
static uint8_t needed[HIGHEST_FD];              /* by the child */

struct job {
	const struct pid1 *s;
	int out;
};

/* ---- the child ---- */

static void close_others(const struct job *j)
{
	needed[j->out] = 1;
	for (uint32_t i = 0; i < j->s->core.count; i++)
		if (look[i].fd >= 0)
			needed[j->s->runtime[i].log_read] = 1;
	for (int fd = 0; fd < HIGHEST_FD; fd++)
		if (!needed[fd])
			close(fd);
}

/* The older half: the newest lines are those that say what happened. */
static uint32_t make_room(int fd, uint32_t *reads)
{
	static char unused[4096];
	int held = 0;
	uint32_t dropped = 0;
	if (ioctl(fd, FIONREAD, &held) < 0)
		return 0;
	for (uint32_t half = ((uint32_t)held + 1) / 2; dropped < half && *reads; --*reads) {
		uint32_t part = half - dropped < sizeof(unused) ? half - dropped : (uint32_t)sizeof(unused);
		ssize_t n = read(fd, unused, part);
		if (n <= 0)
			break;
		dropped += (uint32_t)n;
	}
	return dropped;
}

static int report_bytes(int out, uint32_t service, uint32_t bytes)
{
	const struct count c = {service, bytes};
	return write(out, &c, sizeof(c)) == (ssize_t)sizeof(c) ? 0 : -EPIPE;
}

static int work_drain(const void *arg)
{
	const struct job *j = arg;
	uint32_t reads = LOOK_READS;
	close_others(j);
	for (uint32_t i = 0; i < j->s->core.count; i++) {
		if (look[i].fd < 0)
			continue;
		if (report_bytes(j->out, i, BEGUN) < 0 ||
			report_bytes(j->out, i, make_room(j->s->runtime[i].log_read, &reads)) < 0)
			return -EPIPE;
	}
	return 0;
}

/* ---- PID 1 ---- */

/* poll(2) of a pipe takes no lock. What stays in `look` is full. */
static bool any_full(const struct pid1 *s)
{
	bool any = false;
	for (uint32_t i = 0; i < s->core.count; i++) {
		const struct runtime *r = &s->runtime[i];
		look[i] = (struct pollfd){.fd = r->log_read >= 0 && !r->log_held ? r->log_write : -1,
			.events = POLLOUT};
	}
	if (poll(look, s->core.count, 0) < 0)
		return false;
	for (uint32_t i = 0; i < s->core.count; i++) {
		if (look[i].revents)
			look[i].fd = -1;
		any |= look[i].fd >= 0;
	}
	return any;
}

bool drain_begin(struct pid1 *s)
{
	int pair[2];
	if (!any_full(s) || descriptor_pipe(pair, O_NONBLOCK) < 0)
		return false;
	const struct job j = {s, pair[1]};
	struct errand e;
	int err = errand_begin(&e, work_drain, &j, ERRAND_ALL);
	close(pair[1]);
	if (err < 0) {
		close(pair[0]);
		return false;
	}
	s->drain_at = 0;
	s->drain_ms = now_ms();
	s->drain_pidfd = descriptor_lift(e.pidfd);
	s->drain_fd = pair[0];
	return true;
}

static void end_drain(struct pid1 *s)
{
	watch_drop(s, &s->drain_fd);
	watch_drop(s, &s->drain_pidfd);
}

static void note(struct pid1 *s, const struct count *c, uint32_t *dropped)
{
	if (c->service >= s->core.count)
		return;
	s->drain_ms = now_ms();
	s->drain_at = c->bytes == BEGUN ? c->service + 1 : 0;
	if (c->bytes == BEGUN)
		return;
	s->runtime[c->service].log_lost += c->bytes;
	*dropped += c->bytes;
}

bool drain_ended(struct pid1 *s, uint32_t *dropped, uint32_t *held)
{
	struct count c;
	ssize_t n = -1;
	*dropped = 0;
	*held = s->core.count;
	for (int i = 0; i < COUNTS_AT_ONCE; i++) {
		n = read(s->drain_fd, &c, sizeof(c)); /* of a child of ours */
		if (n != (ssize_t)sizeof(c))
			break;
		note(s, &c, dropped);
	}
	if (n > 0 || (n < 0 && now_ms() < s->drain_ms + STUCK_MS))
		return false;
	if (n < 0) {
		sys_pidfd_send_signal(s->drain_pidfd, SIGKILL);
		if (s->drain_at)
			*held = s->drain_at - 1;
	}
	end_drain(s);
	return true;
}
