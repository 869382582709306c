/* SPDX-License-Identifier: MIT
 * Questions: see ask.h. */
#include "pid1/service/ask.h"
#include "engine/descriptors.h"
#include "pid1/discard.h"
#include "pid1/errand.h"
#include "pid1/watch.h"
#include "walls/apply.h"
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#define ASK_MS 10000u   /* for a disk or a server to answer */
#define REMOVE_MS 1000u /* nothing starts for it, but who stops the service waits */

enum ask_for ask_kind(const struct runtime *r)
{
	return r->asked_for <= ASK_REMOVAL ? (enum ask_for)r->asked_for : ASK_REMOVAL;
}

/* All that a life after a crash needs is in the state before the child runs. */
static int send_child(struct pid1 *s, uint32_t service, enum ask_for what, errand_work work,
	const void *arg)
{
	struct runtime *r = &s->runtime[service];
	int pair[2];
	int err = descriptor_channel(pair);
	if (err < 0)
		return err;
	r->asked_for = (uint8_t)what;
	r->asked_killed = 0;
	r->asked_ms = now_ms() + (what == ASK_REMOVAL ? REMOVE_MS : ASK_MS);
	r->asked_fd = pair[0];
	err = errand_send(&r->asked_pid, work, arg, pair[1]);
	close(pair[1]);
	if (err < 0)
		discard_connection(s, &r->asked_fd);
	return err;
}

int ask_begin(struct pid1 *s, uint32_t service, enum ask_for what, errand_work work,
	const void *arg, const struct core_action *then)
{
	struct runtime *r = &s->runtime[service];
	if (then && then->kind == ACT_LISTEN)
		core_opening(&s->core, service, true);
	if (ask_is_out(s, service))
		r->asked_ms = now_ms() + ASK_MS;
	int err = ask_is_out(s, service) ? 0 : send_child(s, service, what, work, arg);
	if (err < 0)
		return err;
	if (then) {
		r->asked = *then;
		r->asked_waits = 1;
	}
	return -EINPROGRESS;
}

bool ask_is_out(const struct pid1 *s, uint32_t service)
{
	return s->runtime[service].asked_pid > 0;
}

bool ask_removes(const struct pid1 *s, uint32_t service)
{
	const struct runtime *r = &s->runtime[service];
	return ask_is_out(s, service) && ask_kind(r) == ASK_REMOVAL && !r->asked_killed;
}

bool ask_waits(const struct pid1 *s, uint32_t service)
{
	return ask_is_out(s, service) && s->runtime[service].asked_waits;
}

void ask_adopt(struct pid1 *s, uint32_t service)
{
	struct runtime *r = &s->runtime[service];
	if (ask_is_out(s, service))
		return;
	r->asked_waits = r->asked_killed = 0;
	discard_connection(s, &r->asked_fd);
}

uint64_t ask_deadline(const struct pid1 *s)
{
	uint64_t next = CORE_NEVER;
	for (uint32_t i = 0; i < s->core.count; i++)
		if (ask_is_out(s, i) && s->runtime[i].asked_ms && s->runtime[i].asked_ms < next)
			next = s->runtime[i].asked_ms;
	return next;
}
