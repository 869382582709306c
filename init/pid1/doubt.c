/* SPDX-License-Identifier: MIT
 * Checks of the state after a crash: see doubt.h.
 */
#include "pid1/doubt.h"
#include "pid1/watch.h"
#include <errno.h>
#include <sys/wait.h>

#define SOON_MS 10000u           /* no look, pause or client is put off for longer */
#define LOST_MAX (1ull << 50)    /* bytes; no device has written so much */
#define WATCHDOG_MAX_MS 3600000u /* as in init.ini */

bool doubt_is_child(int32_t pid)
{
	siginfo_t info = {0};
	return pid > 1 &&
		!(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD);
}

static void child(int32_t *pid)
{
	if (*pid && !doubt_is_child(*pid))
		*pid = 0;
}

static void not_after(uint64_t *when, uint64_t latest)
{
	if (*when > latest)
		*when = latest;
}

static bool is_text(const char *text, size_t cap)
{
	size_t n = 0;
	while (n < cap && text[n] >= ' ' && text[n] <= '~')
		n++;
	return n < cap && !text[n];
}

static void doubt_runtime(struct runtime *r, uint64_t now)
{
	child(&r->taker);
	child(&r->asked_pid);
	child(&r->netdev_returner);
	child(&r->cleaner);
	not_after(&r->asked_ms, now + SOON_MS);
	not_after(&r->clean_ms, now + SOON_MS);
	if (r->take_ms > now + SOON_MS)
		r->take_ms = now;
	for (int kind = 0; kind < STORM_KINDS; kind++)
		not_after(&r->storm[kind].since_ms, now);
	if (!is_text(r->why, sizeof(r->why)))
		r->why[0] = 0;
}

/* What it is told lies within the plan, and is its to know. */
static bool is_client(const struct client *c, uint32_t services, uint64_t now)
{
	bool soon = c->deadline_ms <= now + SOON_MS, may_know = c->verb != PROTO_PLAN || c->uid == 0;
	switch (c->state) {
	case CLIENT_READING:
	case CLIENT_LEAVING:
		return soon;
	case CLIENT_LISTING:
		return soon && may_know && c->last <= services;
	case CLIENT_ENDING:
		return soon && (may_know || c->result < 0);
	case CLIENT_WAITING:
		return c->cursor < services || (c->verb == PROTO_RELOAD && c->cursor == RELOAD_ALL);
	default:
		return false;
	}
}

/* The others are sent away: whoever is there asks again. */
static void doubt_clients(struct pid1 *s, uint64_t now)
{
	for (uint32_t i = 0; i < CONFIG_MAX_CLIENTS; i++) {
		struct client *c = &s->client[i];
		if (c->fd < 0 || is_client(c, s->core.count, now))
			continue;
		c->state = CLIENT_LEAVING;
		c->deadline_ms = now;
	}
}

/* A look too early does no harm. */
static void doubt_times(struct pid1 *s, const struct plan *p, uint64_t now)
{
	s->look_ms = s->storm_ms = s->log_look_ms = s->log_ask_ms = s->leave_ms = now;
	s->log_asked = 0;
	not_after(&s->client_ms, now);
	not_after(&s->log_gone_ms, now);
	not_after(&s->log_made_ms, now);
	if (s->essential_ms > now)
		s->essential_ms = 0;
	if (s->log_lost > LOST_MAX)
		s->log_lost = 0;
	s->watchdog_fed_ms = 0;
	if (s->watchdog_ms < 1000 || s->watchdog_ms > WATCHDOG_MAX_MS)
		s->watchdog_ms = plan_header(p)->machine.watchdog_ms;
}

/* A step that lacks what it needs comes to nothing by itself. */
static void doubt_reload(struct pid1 *s)
{
	struct reload *r = &s->reload;
	child(&r->pid);
	if (!is_text(r->why, sizeof(r->why)))
		r->why[0] = 0;
	if (r->phase > RELOAD_STOPPING || (r->service >= s->core.count && r->service != RELOAD_ALL))
		r->phase = RELOAD_NONE;
	if (r->phase == RELOAD_NONE)
		r->result = r->result > 0 ? 0 : r->result;
}

void doubt_all(struct pid1 *s, const struct plan *p)
{
	uint64_t now = now_ms();
	for (uint32_t i = 0; i < s->core.count; i++)
		doubt_runtime(&s->runtime[i], now);
	for (unsigned i = 0; i < CLOSERS; i++)
		child(&s->closer[i]);
	child(&s->marker);
	doubt_clients(s, now);
	doubt_reload(s);
	doubt_times(s, p, now);
	if (s->final_request >= FINAL_COUNT)
		s->final_request = FINAL_NONE;
}
