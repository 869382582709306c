/* SPDX-License-Identifier: MIT
 * Directories below /run are emptied: see clean.h. */
#include "pid1/service/clean.h"
#include "base/errname.h"
#include "pid1/console.h"
#include "pid1/errand.h"
#include "pid1/report.h"
#include "pid1/spawn_tool.h"
#include "pid1/watch.h"
#include <errno.h>
#include <signal.h>

/* What a signal does not end will not end soon, and removes nothing more if it does. */
#define CLEAN_MS 10000u /* for all of one service's */
#define KILLED_MS 1000u /* after that */

static void done(struct pid1 *s, const struct plan *p, uint32_t service, int result)
{
	struct runtime *r = &s->runtime[service];
	if (r->clean_killed)
		result = -ETIMEDOUT;
	if (result < 0 && report_may(s, service, STORM_ERRORS))
		console_say(s, SAY_ERROR, plan_text(p, plan_service(p, service)->name),
			": its RuntimeDirectory is not emptied: ", err_name(result), NULL);
	post_event(s, p, EV_CLEANED, service, 0, 0);
	r->cleaner = 0;
	r->clean_killed = 0;
}

void clean_begin(struct pid1 *s, const struct plan *p, uint32_t service)
{
	struct runtime *r = &s->runtime[service];
	if (r->cleaner > 0)
		return; /* it is at it, and its end is told */
	r->clean_ms = now_ms() + CLEAN_MS;
	r->clean_killed = 0;
	int err = spawn_clean(s, service, &r->cleaner);
	if (err < 0)
		done(s, p, service, err);
}

bool clean_ended(struct pid1 *s, const struct plan *p, int pid, int status)
{
	for (uint32_t i = 0; i < s->core.count; i++) {
		if (s->runtime[i].cleaner != pid)
			continue;
		done(s, p, i, errand_result(status));
		return true;
	}
	return false;
}

static void is_due(struct pid1 *s, const struct plan *p, uint32_t service)
{
	struct runtime *r = &s->runtime[service];
	if (r->clean_killed) {
		done(s, p, service, -ETIMEDOUT); /* given up: should it end, it is an orphan */
		return;
	}
	kill(r->cleaner, SIGKILL); /* not reaped, so still ours */
	r->clean_killed = 1;
	r->clean_ms = now_ms() + KILLED_MS;
}

void clean_look(struct pid1 *s, const struct plan *p)
{
	uint64_t now = now_ms();
	for (uint32_t i = 0; i < s->core.count; i++)
		if (s->runtime[i].cleaner > 0 && now >= s->runtime[i].clean_ms)
			is_due(s, p, i);
}

uint64_t clean_deadline(const struct pid1 *s)
{
	uint64_t next = CORE_NEVER;
	for (uint32_t i = 0; i < s->core.count; i++)
		if (s->runtime[i].cleaner > 0 && s->runtime[i].clean_ms < next)
			next = s->runtime[i].clean_ms;
	return next;
}

void clean_adopt(struct pid1 *s, const struct plan *p, uint32_t service)
{
	struct runtime *r = &s->runtime[service];
	const struct core_service *c = &s->core.service[service];
	if (r->cleaner > 0 || !c->cleaning || c->todo & TODO_CLEAN)
		return;
	/* One that was mended may live: its turn comes once it is dead. */
	if (c->main_alive || c->control_alive || c->populated)
		post_event(s, p, EV_CLEANED, service, 0, 0);
	else
		clean_begin(s, p, service);
}
