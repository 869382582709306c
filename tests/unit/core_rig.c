/* SPDX-License-Identifier: MIT
 * See core_rig.h.
 */
#include "unit/core_rig.h"
#include "plan/write.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MANY_ACTIONS 1000

/* ---- the plan ---- */

static struct plan_list commands(struct plan_writer *w, const struct rig_service *in,
	enum plan_exec list)
{
	struct plan_command c[2];
	uint32_t count = list == EXEC_START ? in->type != TYPE_GROUP : in->lists >> list & 1;
	memset(c, 0, sizeof(c));
	if (in->twice >> list & 1)
		count = 2;
	for (uint32_t k = 0; k < count; k++) {
		c[k].path = plan_write_text(w, "/bin/x");
		c[k].flags = in->pardoned >> list & 1 ? COMMAND_IGNORE_FAILURE : 0;
		c[k].argv = plan_write_list(w, &c[k].path, sizeof(c[k].path), 1);
	}
	return plan_write_list(w, c, sizeof(*c), count);
}

static uint32_t or_else(uint32_t value, uint32_t otherwise)
{
	return value ? value : otherwise;
}

static void write_service(struct plan_writer *w, uint32_t i, const struct rig_service *in)
{
	struct plan_service s;
	memset(&s, 0, sizeof(s));
	s.name = plan_write_text(w, in->name);
	s.file = plan_write_text(w, "/x.ini");
	s.flags = in->flags;
	if (in->flags & SERVICE_REFUSED)
		s.refusal = plan_write_text(w, "/x.ini:1: nonsense");
	s.type = (uint8_t)in->type;
	s.restart = (uint8_t)in->restart;
	s.kill_signal = 15;
	s.notification_fd = -1;
	s.start_limit_action = in->start_limit_action;
	s.failure_action = in->failure_action;
	s.restart_ms = or_else(in->restart_ms, 100);
	s.restart_max_ms = or_else(in->restart_max_ms, 1000);
	s.start_limit_burst = in->burst;
	s.start_limit_interval_ms = 10000;
	s.start_ms = or_else(in->start_ms, 2000);
	s.stop_ms = or_else(in->stop_ms, 1000);
	s.watchdog_ms = in->watchdog_ms;
	if (in->success)
		s.success = plan_write_list(w, &in->success, sizeof(in->success), 1);
	if (in->prevent)
		s.restart_prevent = plan_write_list(w, &in->prevent, sizeof(in->prevent), 1);
	if (in->force)
		s.restart_force = plan_write_list(w, &in->force, sizeof(in->force), 1);
	s.runtime_ms = in->runtime_ms;
	for (int list = 0; list < EXEC_COUNT; list++)
		s.exec[list] = commands(w, in, (enum plan_exec)list);
	if (in->flags & SERVICE_ON_DEMAND) {
		struct plan_socket socket = {.kind = SOCKET_STREAM,
			.family = SOCKET_PATH,
			.path = plan_write_text(w, "/run/x")};
		s.sockets = plan_write_list(w, &socket, sizeof(socket), 1);
	}
	s.edges = plan_write_list(w, in->edges, sizeof(*in->edges), in->edge_count);
	plan_write_service(w, i, &s);
}

static void write_plan(struct rig *r, const struct rig_service *services, uint32_t count)
{
	static char strings[4096];
	struct plan_machine machine;
	struct plan_writer w;
	memset(&machine, 0, sizeof(machine));
	machine.default_group = UINT32_MAX;
	machine.watchdog_reboot_ms = r->reboot_ms;
	plan_write_begin(&w, r->bytes, sizeof(r->bytes), strings, sizeof(strings), count);
	for (uint32_t i = 0; i < count; i++)
		write_service(&w, i, &services[i]);
	size_t size = plan_write_end(&w, &machine, plan_native_arch(), 1);
	assert_int_equal(plan_open(&r->plan, r->bytes, size, 0), PLAN_OK);
}

/* ---- what core decides ---- */

static void say(struct rig *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct rig *r, const char *format, ...)
{
	size_t len = strlen(r->log);
	va_list args;
	va_start(args, format);
	int n = vsnprintf(r->log + len, sizeof(r->log) - len, format, args);
	va_end(args);
	assert_true(n >= 0 && (size_t)n < sizeof(r->log) - len);
}

static void say_report(struct rig *r, const struct core_action *a)
{
	static const char *const names[NOTICE_COUNT] = {"ready", "ended", "restarting", "gave up",
		"stopped", "skipped", "stop time-out", "unkillable", "refused", "unanswered"};
	bool has_outcome = a->value == NOTICE_ENDED || a->value == NOTICE_GAVE_UP;
	assert_in_range(a->value, 0, NOTICE_COUNT - 1);
	say(r, "notice %s", names[a->value]);
	if (has_outcome)
		say(r, " (%s)", core_outcome_name((enum core_outcome)a->argument));
}

static void say_action(struct rig *r, const struct core_action *a)
{
	static const char *const lists[EXEC_COUNT] = {"pre", "start", "post", "stop", "stop-post"};
	if (r->log[0])
		say(r, "; ");
	if (a->kind == ACT_FINAL) {
		say(r, "final %d", a->value);
		return;
	}
	say(r, "%s ", plan_text(&r->plan, plan_service(&r->plan, a->service)->name));
	if (a->kind == ACT_SPAWN)
		say(r, "spawn %s %u", lists[a->list], a->index);
	else if (a->kind == ACT_SIGNAL)
		say(r, "signal %d", a->value);
	else if (a->kind == ACT_KILL)
		say(r, "kill");
	else if (a->kind == ACT_RELEASE)
		say(r, "release");
	else if (a->kind == ACT_LISTEN)
		say(r, "listen");
	else if (a->kind == ACT_CLEAN)
		say(r, "clean");
	else
		say_report(r, a);
}

static void drain(struct rig *r)
{
	struct core_action a;
	unsigned n = 0;
	while (core_next(&r->core, &r->plan, r->now, r->now, &a)) {
		assert_in_range(++n, 1, MANY_ACTIONS);
		say_action(r, &a);
	}
}

/* ---- for tests ---- */

void rig_begin(struct rig *r, const struct rig_service *services, uint32_t count)
{
	uint32_t reboot_ms = r->reboot_ms;
	memset(r, 0, sizeof(*r));
	r->reboot_ms = reboot_ms;
	r->now = 1000000;
	write_plan(r, services, count);
	core_init(&r->core, &r->plan, r->now, 1);
	drain(r);
}

void rig_event(struct rig *r, enum core_event_kind kind, uint32_t service, enum core_slot slot,
	int32_t value)
{
	struct core_event ev = {.kind = (uint16_t)kind,
		.service = (uint16_t)service,
		.slot = (uint16_t)slot,
		.value = value};
	r->log[0] = '\0';
	core_event(&r->core, &r->plan, ev, r->now);
	drain(r);
}

void rig_request(struct rig *r, enum core_event_kind kind, uint32_t service)
{
	rig_event(r, kind, service, SLOT_MAIN, 0);
}

void rig_exited(struct rig *r, uint32_t service, int32_t status)
{
	struct core_event ev = {.kind = EV_EXITED,
		.service = (uint16_t)service,
		.slot = SLOT_MAIN,
		.value = status};
	rig_event(r, EV_EXITED, service, SLOT_MAIN, status);
	ev.kind = EV_EMPTY;
	core_event(&r->core, &r->plan, ev, r->now);
	drain(r);
}

void rig_wait(struct rig *r, uint64_t ms)
{
	r->log[0] = '\0';
	r->now += ms;
	drain(r);
}

uint64_t rig_wait_deadline(struct rig *r)
{
	uint64_t at = core_deadline(&r->core), took = at - r->now;
	r->log[0] = '\0';
	if (at == CORE_NEVER)
		return at;
	assert_true(at > r->now);
	r->now = at;
	drain(r);
	return took;
}

void rig_expect(struct rig *r, uint32_t service, enum core_state state, const char *log)
{
	if (log)
		assert_string_equal(r->log, log);
	assert_string_equal(core_state_name((enum core_state)r->core.service[service].state),
		core_state_name(state));
}

void rig_started(struct rig *r, uint32_t service)
{
	rig_event(r, EV_STARTED, service, SLOT_MAIN, 0);
}

uint32_t rig_state(const struct rig *r, uint32_t service)
{
	return r->core.service[service].state;
}
