/* SPDX-License-Identifier: MIT
 * Answers to questions: see answer.h. */
#include "pid1/service/answer.h"
#include "pid1/service/ask.h"
#include "pid1/service/conditions.h"
#include "pid1/console.h"
#include "pid1/discard.h"
#include "pid1/errand.h"
#include "pid1/report.h"
#include "pid1/service/sockets.h"
#include "pid1/service/spawn.h"
#include "pid1/stay.h"
#include "pid1/watch.h"
#include "walls/apply.h"
#include <errno.h>
#include <signal.h>

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
	switch (ask_kind(&s->runtime[service])) {
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
	post_failed(s, p, service, then->slot & 1,
		ask_kind(&s->runtime[service]) == ASK_CONDITIONS ? "condition" : "socket", err, why->text);
}

void answer_start(struct pid1 *s, const struct plan *p, const struct core_action *a)
{
	if (a->kind == ACT_SPAWN) {
		spawn_service(s, p, a);
		stay_was(s, STAY_ELSE);
	} else if (a->kind == ACT_LISTEN) {
		if (spawn_may_begin(s, p, a) && CONFIG_SOCKETS)
			sockets_listen(s, p, a);
		stay_was(s, STAY_SOCKETS);
	}
}

bool answer_ended(struct pid1 *s, const struct plan *p, int pid, int status)
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
		answer_start(s, p, &then);
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
	if (CONFIG_CONDITIONS && ask_kind(r) == ASK_CONDITIONS)
		wall_failed(why, 0, "the file system does not answer");
	if (CONFIG_SOCKETS && ask_kind(r) == ASK_SOCKETS)
		sockets_cut(s, p, service, why);
	if (ask_kind(r) == ASK_REMOVAL)
		wall_failed(why, 0, "a file that is to be removed does not answer");
	discard_connection(s, &r->asked_fd);
}

void answer_forget(struct pid1 *s, const struct plan *p, uint32_t service, int err)
{
	struct runtime *r = &s->runtime[service];
	struct wall_why why = {.text = ""};
	if (!ask_is_out(s, service))
		return;
	struct core_action then = r->asked;
	bool waits = r->asked_waits;
	r->asked_waits = 0;
	if (ask_kind(r) != ASK_REMOVAL || err == -ETIMEDOUT) /* a removal goes on for its time */
		give_up(s, p, service, &why);
	if (waits && err < 0)
		fail(s, p, service, &then, err, &why);
}

static void is_due(struct pid1 *s, const struct plan *p, uint32_t service)
{
	if (ask_kind(&s->runtime[service]) == ASK_REMOVAL && !s->runtime[service].asked_killed &&
		report_may(s, service, STORM_ERRORS))
		console_say(s, SAY_ERROR, plan_text(p, plan_service(p, service)->name),
			": the files of its sockets are not removed: nothing answers there", NULL);
	answer_forget(s, p, service, -ETIMEDOUT);
}

void answer_look(struct pid1 *s, const struct plan *p)
{
	uint64_t now = now_ms();
	for (uint32_t i = 0; i < s->core.count; i++)
		if (ask_is_out(s, i) && s->runtime[i].asked_ms && now >= s->runtime[i].asked_ms)
			is_due(s, p, i);
}
