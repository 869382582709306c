/* SPDX-License-Identifier: MIT
 * Readiness: see notify.h. */
#include "pid1/service/notify.h"
#include "base/errname.h"
#include "base/num.h"
#include "engine/procfs.h"
#include "engine/readiness.h"
#include "engine/receive.h"
#include "pid1/service/cell.h"
#include "pid1/console.h"
#include "pid1/crash.h"
#include "pid1/discard.h"
#include "pid1/service/label.h"
#include "pid1/take.h"
#include "pid1/watch.h"
#include "sockets/sockets.h"
#include <errno.h>
#include <string.h>

#define NOTIFY_ROUND 32 /* datagrams taken in one round of the loop */
#define NOTIFY_DRAIN 1024

static char bytes[READINESS_MAX]; /* the one that is being read: more than a stack should hold */

/* What a former life left. More than a queue holds (net.unix.max_dgram_qlen) cannot be there.
 * False if descriptors are in it. */
static bool drained(int fd)
{
	char unused[4];
	for (int n = 0; n < NOTIFY_DRAIN; n++) {
		struct sender from;
		ssize_t len = receive_message(fd, unused, sizeof(unused), &from);
		if (from.carries)
			return false;
		if (len < 0 && len != -EMSGSIZE)
			return true;
	}
	return false;
}

static int open_labelled(struct pid1 *s, const struct plan *p, uint32_t service,
	struct wall_why *why)
{
	struct sockets_label label;
	label_of(s, p, service, &label);
	int fd = sockets_label_begin(&label, why);
	if (fd < 0)
		return fd;
	const struct plan_service *ps = plan_service(p, service);
	fd = readiness_socket(p, ps);
	sockets_label_end(&label);
	label_note(s, service, why);
	return fd;
}

int notify_prepare(struct pid1 *s, const struct plan *p, uint32_t service, bool life,
	struct wall_why *why)
{
	const struct plan_service *ps = plan_service(p, service);
	struct runtime *r = &s->runtime[service];
	if (!plan_notifies(ps))
		return 0;
	if (r->notify >= 0 && !life)
		return 0;
	core_unread(&s->core, service, false);
	if (r->notify >= 0 && r->taker <= 0 && drained(r->notify))
		return 0;
	int fd = open_labelled(s, p, service, why);
	if (fd < 0)
		return fd;
	discard_close(s, &r->notify);
	r->notify = fd;
	r->taker = 0;
	r->take_ms = 0;
	watch_add(s, fd, EPOLLIN, WATCH_NOTIFY, service);
	return 0;
}

/* Words of one line, as console_say has them; `why` and `more` may be NULL. */
static void say_once(struct pid1 *s, const struct plan *p, uint32_t service, uint8_t *said,
	const char *what, const char *why, const char *more)
{
	if (!*said)
		console_say(s, SAY_ERROR, plan_text(p, plan_service(p, service)->name),
			": a readiness message is ", what, why, more, NULL);
	*said = 1;
}

static bool may_notify(struct pid1 *s, const struct plan *p, uint32_t service,
	const struct sender *from)
{
	const struct slot *main = &s->runtime[service].slot[SLOT_MAIN];
	const struct readiness_claim claim = {.service = service,
		.whose = procfs_service(p, from->pid),
		.cell = main->pid,
		.main = main->main};
	int err = 0;
	const char *doubt = readiness_doubt(p, &claim, from, &err);
	if (doubt && *doubt)
		say_once(s, p, service, &s->runtime[service].doubted, "ignored: ", doubt,
			err ? err_name(err) : NULL);
	return !doubt;
}

/* One that began before it was asked, or that does not say when, is not the one asked for. */
static void says_reloading(struct pid1 *s, const struct plan *p, uint32_t service,
	uint64_t since_us)
{
	uint64_t now = now_ms(), since = since_us / 1000u;
	if (since && since <= now && now - since < INT32_MAX)
		post_event(s, p, EV_RELOADING, service, SLOT_MAIN, (int32_t)(now - since));
}

static void one_message(struct pid1 *s, const struct plan *p, uint32_t service,
	const struct sender *from, struct span message)
{
	struct runtime *r = &s->runtime[service];
	struct span text = {NULL, 0};
	/* its start comes before its readiness, whichever descriptor was seen first */
	cell_hear(s, p, service, SLOT_MAIN);
	if (!may_notify(s, p, service, from))
		return;
	bool reloading = false;
	uint64_t since_us = 0;
	for (enum readiness_word word; (word = readiness_next(&message, &text)) != READINESS_END;)
		if (word == READINESS_STATUS)
			readiness_text(r->why, sizeof(r->why), text);
		else if (word == READINESS_VAIN)
			say_once(s, p, service, &r->vain, "without effect: ", text.p, " is not supported");
		else if (word == READINESS_RELOADING)
			reloading = true;
		else if (word == READINESS_MONOTONIC)
			since_us = num_u64(text, UINT64_MAX, &since_us) < 0 ? 0 : since_us;
		else
			post_event(s, p, word == READINESS_READY ? EV_READY : EV_PING, service, SLOT_MAIN, 0);
	if (reloading)
		says_reloading(s, p, service, since_us);
}

static void read_some(struct pid1 *s, const struct plan *p, uint32_t service, int most)
{
	if (s->runtime[service].take_ms)
		return;
	for (int n = 0; n < most; n++) {
		struct sender from;
		int fd = s->runtime[service].notify;
		ssize_t len = receive_look(fd, bytes, sizeof(bytes), &from);
		if (len == -EAGAIN)
			core_unread(&s->core, service, false);
		if (len < 0 && len != -EMSGSIZE)
			return;
		bool distrusts = crash_distrusts(s);
		if (distrusts && !from.carries)
			receive_done(fd);
		if (len == -EMSGSIZE)
			say_once(s, p, service, &s->runtime[service].long_winded,
				"ignored: longer than 4096 bytes", NULL, NULL);
		if (len > 0 && from.pid > 0)
			one_message(s, p, service, &from, readiness_message(bytes, (size_t)len));
		if (from.carries) {
			take_begin(s, service);
			return;
		}
		if (!distrusts)
			receive_done(fd);
	}
}

void notify_read(struct pid1 *s, const struct plan *p, uint32_t service)
{
	if (service < s->core.count)
		read_some(s, p, service, NOTIFY_ROUND);
}

void notify_hear(struct pid1 *s, const struct plan *p, uint32_t service)
{
	const struct runtime *r = &s->runtime[service];
	if (r->notify >= 0)
		read_some(s, p, service, NOTIFY_DRAIN);
	for (uint32_t k = 0; k < 2; k++)
		if (r->slot[k].ready >= 0)
			notify_line(s, p, service, k);
}

/* True: nothing more is expected of it. */
static bool one_line_of_fd(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot,
	ssize_t len, const struct sender *from)
{
	bool ready;
	if (!readiness_is_over(bytes, len, from, &ready))
		return false;
	cell_hear(s, p, service, slot); /* its start comes before its readiness */
	if (ready)
		post_event(s, p, EV_READY, service, SLOT_MAIN, 0);
	return true;
}

/* The line may have come in one write with what stands before it. */
static ssize_t cut(struct pid1 *s, const struct plan *p, uint32_t service)
{
	if (!memchr(bytes, '\n', sizeof(bytes)))
		say_once(s, p, service, &s->runtime[service].long_winded,
			"ignored: no newline in its first 4096 bytes", NULL, NULL);
	return sizeof(bytes);
}

void notify_line(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot)
{
	if (service >= s->core.count)
		return;
	struct slot *sl = &s->runtime[service].slot[slot];
	for (int n = 0; n < NOTIFY_ROUND && sl->ready >= 0; n++) {
		struct sender from;
		ssize_t len = receive_look(sl->ready, bytes, sizeof(bytes), &from);
		if (len == -EMSGSIZE)
			len = cut(s, p, service);
		if (len < 0)
			return;
		bool distrusts = crash_distrusts(s);
		if (distrusts && !from.carries)
			receive_done(sl->ready);
		if (one_line_of_fd(s, p, service, slot, len, &from))
			discard_connection(s, &sl->ready);
		else if (!distrusts)
			receive_done(sl->ready);
	}
}
