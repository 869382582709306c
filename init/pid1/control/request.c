/* SPDX-License-Identifier: MIT
 * Requests: see request.h. */
#include "pid1/control/request.h"
#include "base/count.h"
#include "pid1/control/describe.h"
#include "pid1/watch.h"
#include <errno.h>

void request_end(struct client *c, int result)
{
	c->state = CLIENT_ENDING;
	c->result = result;
	c->deadline_ms = now_ms() + CLIENT_MS;
}

/* One at a time: it is the loop that begins it. */
static void ask_reload(struct pid1 *s, struct client *c, uint32_t service, bool apply)
{
	struct reload *r = &s->reload;
	if (!CONFIG_RELOAD || r->phase != RELOAD_NONE || s->core.final != FINAL_NONE) {
		request_end(c, !CONFIG_RELOAD ? -EOPNOTSUPP : r->phase ? -EBUSY : -ESHUTDOWN);
		return;
	}
	r->apply = apply;
	r->service = service;
	r->tries = 0;
	r->result = 0;
	r->why[0] = 0;
	r->phase = RELOAD_ASKED;
	c->state = CLIENT_WAITING;
	c->verb = PROTO_RELOAD;
	c->cursor = service;
	c->deadline_ms = CORE_NEVER;
}

static void ask_start(struct pid1 *s, const struct plan *p, struct client *c, uint32_t service,
	int32_t value)
{
	(void)value;
	/* the new one is what is wanted of it */
	if (c->verb == PROTO_RESTART && plan_service(p, service)->flags & SERVICE_PENDING) {
		ask_reload(s, c, service, true);
		return;
	}
	if (c->verb == PROTO_STOP)
		s->reload.back[service] = 0;
	post_event(s, p,
		c->verb == PROTO_START      ? EV_START
			: c->verb == PROTO_STOP ? EV_STOP
									: EV_RESTART,
		service, 0, 0);
	c->state = CLIENT_WAITING;
	c->cursor = service;
	c->deadline_ms = CORE_NEVER;
}

static void ask_kill(struct pid1 *s, const struct plan *p, struct client *c, uint32_t service,
	int32_t value)
{
	(void)p;
	if (value < 1 || value > 64) {
		request_end(c, -EINVAL);
		return;
	}
	if (s->runtime[service].slot[SLOT_MAIN].pid <= 0) {
		request_end(c, -ESRCH);
		return;
	}
	request_end(c, describe_kill_main(s, service, value));
}

static void ask_refresh(struct pid1 *s, const struct plan *p, struct client *c, uint32_t service,
	int32_t value)
{
	(void)value;
	if (!plan_service(p, service)->reload_signal) {
		request_end(c, -ENOTTY);
		return;
	}
	if (s->core.service[service].state != SVC_UP) {
		request_end(c, -ESRCH);
		return;
	}
	post_event(s, p, EV_RELOAD, service, 0, 0);
	c->state = CLIENT_WAITING;
	c->cursor = service;
	c->deadline_ms = CORE_NEVER;
}

static void ask_reset(struct pid1 *s, const struct plan *p, struct client *c, uint32_t service,
	int32_t value)
{
	(void)value;
	post_event(s, p, EV_RESET, service, 0, 0);
	request_end(c, 0);
}

struct verb {
	uint32_t verb;
	/* of one service */
	void (*ask)(struct pid1 *, const struct plan *, struct client *, uint32_t, int32_t);
};

static const struct verb verbs[] = {
	{PROTO_START, ask_start},
	{PROTO_STOP, ask_start},
	{PROTO_RESTART, ask_start},
	{PROTO_KILL, ask_kill},
	{PROTO_RESET, ask_reset},
	{PROTO_REFRESH, ask_refresh},
};

static void ask_service(struct pid1 *s, const struct plan *p, struct client *c,
	const struct proto_request *r)
{
	int service = plan_find(p, r->service);
	if (service < 0) {
		request_end(c, -ENOENT);
		return;
	}
	if (s->core.service[service].state == SVC_REFUSED) {
		request_end(c, -ENOEXEC);
		return;
	}
	for (unsigned i = 0; i < COUNT(verbs); i++) {
		if (verbs[i].verb != r->verb)
			continue;
		verbs[i].ask(s, p, c, (uint32_t)service, r->value);
		return;
	}
	request_end(c, -EOPNOTSUPP);
}

/* A service that is new has no place in the plan yet, and nothing to be applied. */
static void ask_reload_of(struct pid1 *s, const struct plan *p, struct client *c,
	const struct proto_request *r)
{
	int service = r->service[0] ? plan_find(p, r->service) : -1;
	if (r->service[0] && service < 0)
		request_end(c, -ENOENT);
	else
		ask_reload(s, c, service < 0 ? RELOAD_ALL : (uint32_t)service, r->value == 1);
}

static void ask_final(struct pid1 *s, const struct plan *p, struct client *c,
	const struct proto_request *r)
{
	if (r->value <= FINAL_NONE || r->value >= FINAL_COUNT) {
		request_end(c, -EINVAL);
		return;
	}
	request_end(c, 0);
	post_event(s, p, EV_FINAL, 0, 0, r->value);
}

static void ask_list(struct client *c, const struct plan *p, const struct proto_request *r)
{
	int service = r->service[0] ? plan_find(p, r->service) : 0;
	if (service < 0) {
		request_end(c, -ENOENT);
		return;
	}
	c->state = CLIENT_LISTING;
	c->cursor = (uint32_t)service;
	c->last = r->service[0] ? (uint32_t)service + 1 : plan_service_count(p);
}

/* The plan holds what services are given: their environment, their commands. */
static bool for_root_alone(uint32_t verb)
{
	return verb >= PROTO_FIRST_CHANGE || verb == PROTO_PLAN;
}

void request_obey(struct pid1 *s, const struct plan *p, struct client *c, struct proto_request *r)
{
	r->service[sizeof(r->service) - 1] = 0;
	c->verb = r->verb;
	c->deadline_ms = now_ms() + CLIENT_MS;
	if (r->version != PROTO_VERSION)
		request_end(c, -EPROTONOSUPPORT);
	else if (for_root_alone(r->verb) && c->uid != 0)
		request_end(c, -EPERM);
	else if (r->verb == PROTO_STATUS)
		ask_list(c, p, r);
	else if (r->verb == PROTO_INFO || r->verb == PROTO_PLAN)
		c->state = CLIENT_LISTING, c->cursor = 0, c->last = r->verb == PROTO_INFO;
	else if (r->verb == PROTO_FINAL)
		ask_final(s, p, c, r);
	else if (r->verb == PROTO_RELOAD)
		ask_reload_of(s, p, c, r);
	else
		ask_service(s, p, c, r);
}
