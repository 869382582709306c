/* SPDX-License-Identifier: MIT
 * Questions and their answers: see ask.h. */
#include "pid1/ask.h"
#include "engine/descriptors.h"
#include "pid1/conditions.h"
#include "pid1/console.h"
#include "pid1/discard.h"
#include "pid1/errand.h"
#include "pid1/loop.h"
#include "pid1/report.h"
#include "pid1/sockets.h"
#include "pid1/watch.h"
#include "walls/apply.h"
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#define ASK_MS 10000u   /* for a disk or a server to answer */
#define REMOVE_MS 1000u /* nothing starts for it, but who stops the service waits */

static const struct {
	const char *step;
	uint32_t ms;
} kinds[] = {
	[ASK_CONDITIONS] = {"condition", ASK_MS},
	[ASK_SOCKETS] = {"socket", ASK_MS},
	[ASK_REMOVAL] = {"socket", REMOVE_MS},
};

/* Of a block that has survived a crash it may be anything. */
static enum ask_for kind_of(const struct runtime *r)
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
	r->asked_ms = now_ms() + kinds[what].ms;
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
	return ask_is_out(s, service) && kind_of(r) == ASK_REMOVAL && !r->asked_killed;
}

bool ask_waits(const struct pid1 *s, uint32_t service)
{
	return ask_is_out(s, service) && s->runtime[service].asked_waits;
}

/* ---- its end ---- */

static int find(const struct pid1 *s, int pid)
{
	for (uint32_t i = 0; pid > 0 && i < s->core.count; i++)
		if (s->runtime[i].asked_pid == pid)
			return (int)i;
	return -1;
}

/* 0: what waits goes on. -errno: it fails, with *why. 1: the core has been told. */
static int hear(struct pid1 *s, const struct plan *p, uint32_t service, int result,
	struct wall_why *why)
{
	switch (kind_of(&s->runtime[service])) {
	case ASK_CONDITIONS:
		return CONFIG_CONDITIONS ? conditions_heard(s, p, service, result, why) : 0;
	case ASK_SOCKETS:
		return CONFIG_SOCKETS ? sockets_heard(s, p, service, result, why) : 0;
	case ASK_REMOVAL:
		break;
	}
	return 0;
}

static void fail(struct pid1 *s, const struct plan *p, uint32_t service,
	const struct core_action *then, int err, const struct wall_why *why)
{
	post_failed(s, p, service, then->slot & 1, kinds[kind_of(&s->runtime[service])].step, err,
		why->text);
}

bool ask_ended(struct pid1 *s, const struct plan *p, int pid, int status)
{
	int service = find(s, pid);
	if (service < 0)
		return false;
	struct runtime *r = &s->runtime[service];
	struct core_action then = r->asked;
	struct wall_why why = {.text = ""};
	bool waits = r->asked_waits, killed = r->asked_killed;
	then.service = (uint16_t)service;
	then.slot &= 1;
	r->asked_pid = 0;
	r->asked_waits = 0;
	r->asked_killed = 0;
	int err = killed ? 0 : hear(s, p, (uint32_t)service, errand_result(status), &why);
	discard_connection(s, &r->asked_fd);
	if (waits && err < 0)
		fail(s, p, (uint32_t)service, &then, err, &why);
	else if (waits && err == 0)
		loop_carry_out(s, p, &then);
	if (CONFIG_SOCKETS)
		sockets_remove_left(s, p, (uint32_t)service);
	return true;
}

/* What it has sent by now counts. One that is stuck in the kernel dies before it goes on. */
static void give_up(struct pid1 *s, const struct plan *p, uint32_t service, struct wall_why *why)
{
	struct runtime *r = &s->runtime[service];
	r->asked_ms = 0;
	if (r->asked_killed) {
		wall_failed(why, 0, "an earlier request has not been answered");
		return;
	}
	kill(r->asked_pid, SIGKILL); /* not reaped, so still ours */
	r->asked_killed = 1;
	if (CONFIG_CONDITIONS && kind_of(r) == ASK_CONDITIONS)
		wall_failed(why, 0, "the file system does not answer");
	if (CONFIG_SOCKETS && kind_of(r) == ASK_SOCKETS)
		sockets_cut(s, p, service, why);
	if (kind_of(r) == ASK_REMOVAL)
		wall_failed(why, 0, "a file that is to be removed does not answer");
	discard_connection(s, &r->asked_fd);
}

void ask_forget(struct pid1 *s, const struct plan *p, uint32_t service, int err)
{
	struct runtime *r = &s->runtime[service];
	struct wall_why why = {.text = ""};
	if (!ask_is_out(s, service))
		return;
	struct core_action then = r->asked;
	bool waits = r->asked_waits;
	r->asked_waits = 0;
	if (kind_of(r) != ASK_REMOVAL || err == -ETIMEDOUT) /* a removal goes on for its time */
		give_up(s, p, service, &why);
	if (waits && err < 0)
		fail(s, p, service, &then, err, &why);
}

static void is_due(struct pid1 *s, const struct plan *p, uint32_t service)
{
	if (kind_of(&s->runtime[service]) == ASK_REMOVAL && !s->runtime[service].asked_killed &&
		report_may(s, service, STORM_ERRORS))
		console_say(s, SAY_ERROR, plan_text(p, plan_service(p, service)->name),
			": the files of its sockets are not removed: nothing answers there", NULL);
	ask_forget(s, p, service, -ETIMEDOUT);
}

void ask_adopt(struct pid1 *s, uint32_t service)
{
	struct runtime *r = &s->runtime[service];
	if (ask_is_out(s, service))
		return;
	r->asked_waits = r->asked_killed = 0;
	discard_connection(s, &r->asked_fd);
}

void ask_look(struct pid1 *s, const struct plan *p)
{
	uint64_t now = now_ms();
	for (uint32_t i = 0; i < s->core.count; i++)
		if (ask_is_out(s, i) && s->runtime[i].asked_ms && now >= s->runtime[i].asked_ms)
			is_due(s, p, i);
}

uint64_t ask_deadline(const struct pid1 *s)
{
	uint64_t next = CORE_NEVER;
	for (uint32_t i = 0; i < s->core.count; i++)
		if (ask_is_out(s, i) && s->runtime[i].asked_ms && s->runtime[i].asked_ms < next)
			next = s->runtime[i].asked_ms;
	return next;
}
