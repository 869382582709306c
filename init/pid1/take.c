/* SPDX-License-Identifier: MIT
 * Messages that carry descriptors: see take.h. */
#include "pid1/take.h"
#include "pid1/console.h"
#include "pid1/errand.h"
#include "pid1/report.h"
#include "pid1/watch.h"
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>

#define TAKE_MS 100u    /* for a child to take a message and close what came along */
#define KILLED_MS 1000u /* after that: what a signal does not end will not end soon */
#define PAUSE_MS 10u    /* between two children of one socket */

/* What came along is closed by the child's end. */
static int work(const void *unused)
{
	char byte;
	struct iovec iov = {&byte, sizeof(byte)};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	(void)unused;
	return recvmsg(ERRAND_FD, &msg, MSG_DONTWAIT) < 0 ? -errno : 0; /* it is looked at again */
}

void take_begin(struct pid1 *s, uint32_t service)
{
	struct runtime *r = &s->runtime[service];
	r->taker = 0;
	r->taker_killed = 0;
	r->take_ms = now_ms() + TAKE_MS; /* without a child it is tried again */
	core_unread(&s->core, service, true);
	watch_remove(s, r->notify);
	errand_send(&r->taker, work, NULL, r->notify);
}

void take_ended(struct pid1 *s, uint32_t service)
{
	s->runtime[service].taker = 0;
	s->runtime[service].take_ms = now_ms() + PAUSE_MS;
}

bool take_is_over(struct pid1 *s, const struct plan *p, uint32_t service)
{
	struct runtime *r = &s->runtime[service];
	if (!r->take_ms || now_ms() < r->take_ms)
		return false;
	if (r->taker > 0 && !r->taker_killed) {
		kill(r->taker, SIGKILL); /* not reaped, so still ours */
		r->taker_killed = 1;
		r->take_ms = now_ms() + KILLED_MS;
		return false;
	}
	if (r->taker > 0 && report_may(s, service, STORM_ERRORS))
		console_say(s, SAY_ERROR, plan_text(p, plan_service(p, service)->name),
			": it sent a descriptor that cannot be closed: given up", NULL);
	r->taker = 0;
	r->take_ms = 0;
	watch_add(s, r->notify, EPOLLIN, WATCH_NOTIFY, service);
	return true;
}

uint64_t take_deadline(const struct pid1 *s)
{
	uint64_t next = CORE_NEVER;
	for (uint32_t i = 0; i < s->core.count; i++)
		if (s->runtime[i].take_ms && s->runtime[i].take_ms < next)
			next = s->runtime[i].take_ms;
	return next;
}
