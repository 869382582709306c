// needs: core plan base tests/unit/core_rig.c
/* SPDX-License-Identifier: MIT
 * Services that are started by who calls at their sockets: what core.h promises of them, one
 * promise a test.
 */
#include "unit/core_rig.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define EXIT_STATUS(n) ((n) << 8)
#define ON_DEMAND (SERVICE_ENABLED | SERVICE_ON_DEMAND)

static struct rig rig;

static void call(uint32_t service)
{
	rig_event(&rig, EV_CONNECT, service, SLOT_MAIN, 0);
}

static void comes_up(uint32_t service)
{
	call(service);
	rig_event(&rig, EV_STARTED, service, SLOT_MAIN, 0);
	rig_expect(&rig, service, SVC_UP, NULL);
}

static void it_listens_and_a_call_starts_it(void **state)
{
	(void)state;
	BEGIN({.name = "web", .flags = ON_DEMAND});
	rig_expect(&rig, 0, SVC_LISTENING, "web listen; web notice ready");
	assert_true(core_boot_settled(&rig.core));
	assert_true(core_is_ready(&rig.core, 0));
	call(0);
	rig_expect(&rig, 0, SVC_STARTING, "web spawn start 0");
	call(0);
	rig_expect(&rig, 0, SVC_STARTING, "");
	rig_event(&rig, EV_STARTED, 0, SLOT_MAIN, 0);
	rig_expect(&rig, 0, SVC_UP, "web notice ready");
}

static void who_has_nothing_to_do_listens_again(void **state)
{
	(void)state;
	for (int restart = 0; restart < RESTART_COUNT; restart++) {
		BEGIN({.name = "web",
			.restart = (enum plan_restart)restart,
			.flags = ON_DEMAND,
			.restart_ms = 300});
		for (int life = 0; life < 5; life++) { /* the pause does not grow */
			comes_up(0);
			rig_exited(&rig, 0, 0);
			rig_expect(&rig, 0, SVC_BACKOFF, NULL);
			assert_int_equal(rig_wait_deadline(&rig), 300);
			rig_expect(&rig, 0, SVC_LISTENING, "web listen; web notice ready");
		}
	}
}

/* A call that nobody takes is there again as soon as it listens. */
static void who_leaves_callers_unanswered_listens_later(void **state)
{
	(void)state;
	static const uint32_t pauses[] = {200, 400, 800, 1000, 1000};
	BEGIN({.name = "web", .flags = ON_DEMAND, .restart_ms = 100, .restart_max_ms = 1000});
	for (uint32_t life = 0; life < 25; life++) {
		comes_up(0);
		rig_exited(&rig, 0, 0);
		rig_expect(&rig, 0, SVC_BACKOFF, NULL);
		assert_int_equal(rig_wait_deadline(&rig), life < 20 ? 100 : pauses[life - 20]);
		rig_expect(&rig, 0, SVC_LISTENING, "web listen; web notice ready");
	}
	rig_wait(&rig, 1000); /* another one */
	comes_up(0);
	rig_exited(&rig, 0, 0);
	assert_int_equal(rig_wait_deadline(&rig), 100);
}

static void who_takes_time_for_callers_does_not_leave_them_unanswered(void **state)
{
	(void)state;
	BEGIN({.name = "web", .flags = ON_DEMAND, .restart_ms = 100, .restart_max_ms = 1000});
	for (uint32_t life = 0; life < 60; life++) {
		comes_up(0);
		rig_wait(&rig, life % 20 == 19 ? 1000 : 0);
		rig_exited(&rig, 0, 0);
		assert_int_equal(rig_wait_deadline(&rig), 100);
	}
}

static void who_fails_listens_again_after_a_growing_delay(void **state)
{
	(void)state;
	uint64_t before = 0;
	BEGIN({.name = "web",
		.restart = RESTART_ON_FAILURE,
		.flags = ON_DEMAND,
		.restart_ms = 100,
		.restart_max_ms = 10000});
	for (int life = 0; life < 4; life++) {
		comes_up(0);
		rig_exited(&rig, 0, EXIT_STATUS(1));
		uint64_t took = rig_wait_deadline(&rig);
		assert_true(took > before + before / 2);
		before = took;
		rig_expect(&rig, 0, SVC_LISTENING, "web listen; web notice ready");
	}
}

static void who_fails_and_is_not_to_be_restarted_is_down(void **state)
{
	(void)state;
	BEGIN({.name = "web", .restart = RESTART_NO, .flags = ON_DEMAND});
	comes_up(0);
	rig_exited(&rig, 0, EXIT_STATUS(1));
	rig_expect(&rig, 0, SVC_FAILED, NULL);
	call(0);
	rig_expect(&rig, 0, SVC_FAILED, "");
}

static void only_lives_count_as_starts(void **state)
{
	(void)state;
	BEGIN({.name = "web", .restart = RESTART_ON_FAILURE, .flags = ON_DEMAND, .burst = 2});
	for (int life = 0; life < 2; life++) {
		comes_up(0);
		rig_exited(&rig, 0, EXIT_STATUS(1));
		rig_wait_deadline(&rig);
		rig_expect(&rig, 0, SVC_LISTENING, NULL);
	}
	call(0);
	rig_expect(&rig, 0, SVC_FAILED, "web notice gave up (start limit); web release");
}

static void who_requires_it_does_not_wait_for_a_life(void **state)
{
	(void)state;
	BEGIN({.name = "app", .flags = SERVICE_ENABLED, .edges = {{1, EDGE_REQUIRES}}, .edge_count = 1},
		{.name = "web", .flags = SERVICE_ON_DEMAND},
		{.name = "late", .edges = {{1, EDGE_REQUIRES}}, .edge_count = 1});
	rig_expect(&rig, 1, SVC_LISTENING, "web listen; web notice ready; app spawn start 0");
	call(1); /* it is starting, and whoever calls is kept waiting meanwhile */
	rig_request(&rig, EV_START, 2);
	rig_expect(&rig, 2, SVC_STARTING, "late spawn start 0");
}

static void it_begins_to_listen_once_what_it_requires_is_ready(void **state)
{
	(void)state;
	BEGIN({.name = "web", .flags = ON_DEMAND, .edges = {{1, EDGE_REQUIRES}}, .edge_count = 1},
		{.name = "net", .type = TYPE_NOTIFY, .restart = RESTART_ON_FAILURE});
	rig_expect(&rig, 0, SVC_WAITING, "net spawn start 0");
	rig_event(&rig, EV_STARTED, 1, SLOT_MAIN, 0);
	rig_event(&rig, EV_READY, 1, SLOT_MAIN, 0);
	rig_expect(&rig, 0, SVC_LISTENING, NULL);
	/* on its way back: the life waits for it, the call for the life */
	rig_exited(&rig, 1, EXIT_STATUS(1));
	call(0);
	rig_expect(&rig, 0, SVC_WAITING, "");
	rig_wait_deadline(&rig);
	rig_event(&rig, EV_STARTED, 1, SLOT_MAIN, 0);
	rig_event(&rig, EV_READY, 1, SLOT_MAIN, 0);
	rig_expect(&rig, 0, SVC_STARTING, "net notice ready; web spawn start 0");
}

static void sockets_that_cannot_be_had_fail_it(void **state)
{
	(void)state;
	static const struct {
		int32_t err;
		enum core_state next;
	} cases[] = {{98, SVC_FAILED}, {12, SVC_BACKOFF}};
	for (unsigned k = 0; k < sizeof(cases) / sizeof(*cases); k++) {
		struct core_action a;
		BEGIN({.name = "app", .edges = {{1, EDGE_REQUIRES}}, .edge_count = 1},
			{.name = "web", .restart = RESTART_ON_FAILURE, .flags = SERVICE_ON_DEMAND});
		core_event(&rig.core, &rig.plan, (struct core_event){.kind = EV_START, .service = 0},
			rig.now);
		assert_true(core_next(&rig.core, &rig.plan, rig.now, rig.now, &a));
		assert_int_equal(a.kind, ACT_LISTEN);
		rig_event(&rig, EV_FAILED, 1, SLOT_MAIN, cases[k].err);
		rig_expect(&rig, 1, cases[k].next, NULL);
		assert_null(strstr(rig.log, "ready"));
		assert_null(strstr(rig.log, "spawn"));
		assert_int_equal(rig.core.service[1].failed_errno, cases[k].err);
		assert_int_equal(rig.core.service[1].outcome, OUT_WALL);
	}
}

static void hears_of_the_action(void)
{
	struct core_action a;
	BEGIN({.name = "app", .edges = {{1, EDGE_REQUIRES}}, .edge_count = 1},
		{.name = "web", .flags = SERVICE_ON_DEMAND});
	core_event(&rig.core, &rig.plan, (struct core_event){.kind = EV_START, .service = 0}, rig.now);
	assert_true(core_next(&rig.core, &rig.plan, rig.now, rig.now, &a));
	assert_int_equal(a.kind, ACT_LISTEN);
	core_opening(&rig.core, 1, true);
}

/* Whoever requires it waits until its sockets stand, and so does who asked for it; nobody calls. */
static void sockets_that_take_a_while_are_waited_for(void **state)
{
	(void)state;
	hears_of_the_action();
	rig_wait(&rig, 0);
	rig_expect(&rig, 0, SVC_WAITING, "");
	assert_false(core_is_ready(&rig.core, 1));
	assert_false(core_settled(&rig.core, 1));
	call(1);
	rig_expect(&rig, 1, SVC_LISTENING, "");
	assert_true(core_adopt(&rig.core, &rig.plan, rig.now)); /* and a crash changes nothing */
	core_opening(&rig.core, 1, false);
	rig_wait(&rig, 0);
	rig_expect(&rig, 1, SVC_LISTENING, "web notice ready; app spawn start 0");
	assert_true(core_settled(&rig.core, 1));
	hears_of_the_action();
	rig_event(&rig, EV_FAILED, 1, SLOT_MAIN, 110);
	assert_null(strstr(rig.log, "ready"));
	rig_request(&rig, EV_STOP, 1);
	core_opening(&rig.core, 1, false); /* too late: that is over */
	rig_wait(&rig, 0);
	rig_expect(&rig, 1, SVC_FAILED, "");
}

static void a_condition_that_does_not_hold_skips_it(void **state)
{
	(void)state;
	BEGIN({.name = "web", .flags = ON_DEMAND});
	rig_event(&rig, EV_SKIPPED, 0, SLOT_MAIN, 0);
	rig_expect(&rig, 0, SVC_SKIPPED, "web notice skipped; web release");
}

static void a_stop_while_it_listens_needs_nobody(void **state)
{
	(void)state;
	BEGIN({.name = "web", .flags = ON_DEMAND, .lists = RIG_ALL_LISTS});
	rig_request(&rig, EV_STOP, 0);
	rig_expect(&rig, 0, SVC_DOWN, "web notice stopped; web release");
	call(0);
	rig_expect(&rig, 0, SVC_DOWN, "");
}

static void a_restart_ends_in_listening(void **state)
{
	(void)state;
	BEGIN({.name = "web", .flags = ON_DEMAND});
	rig_request(&rig, EV_RESTART, 0);
	rig_expect(&rig, 0, SVC_LISTENING, "web release; web listen; web notice ready");
	comes_up(0);
	rig_request(&rig, EV_RESTART, 0);
	rig_exited(&rig, 0, 15);
	rig_expect(&rig, 0, SVC_LISTENING, NULL);
	assert_true(core_settled(&rig.core, 0));
}

static void the_shutdown_does_not_wait_for_a_call(void **state)
{
	(void)state;
	BEGIN({.name = "web", .flags = ON_DEMAND});
	rig_event(&rig, EV_FINAL, 0, 0, FINAL_REBOOT);
	rig_expect(&rig, 0, SVC_DOWN, "web notice stopped; web release; final 1");
}

static void what_listens_is_taken_over(void **state)
{
	(void)state;
	BEGIN({.name = "web", .flags = ON_DEMAND}, {.name = "other", .flags = SERVICE_ENABLED});
	struct core copy = rig.core;
	assert_true(core_adopt(&rig.core, &rig.plan, rig.now));
	assert_memory_equal(&copy, &rig.core, sizeof(copy));
	rig.core.service[0].main_alive = 1; /* impossible: nobody is there while it listens */
	rig.core.service[1].state = SVC_LISTENING;
	assert_true(core_adopt(&rig.core, &rig.plan, rig.now));
	rig_wait(&rig, 0);
	rig_expect(&rig, 0, SVC_KILL, NULL);
	rig_expect(&rig, 1, SVC_KILL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_listens_and_a_call_starts_it),
		cmocka_unit_test(who_has_nothing_to_do_listens_again),
		cmocka_unit_test(who_leaves_callers_unanswered_listens_later),
		cmocka_unit_test(who_takes_time_for_callers_does_not_leave_them_unanswered),
		cmocka_unit_test(who_fails_listens_again_after_a_growing_delay),
		cmocka_unit_test(who_fails_and_is_not_to_be_restarted_is_down),
		cmocka_unit_test(only_lives_count_as_starts),
		cmocka_unit_test(who_requires_it_does_not_wait_for_a_life),
		cmocka_unit_test(it_begins_to_listen_once_what_it_requires_is_ready),
		cmocka_unit_test(sockets_that_cannot_be_had_fail_it),
		cmocka_unit_test(sockets_that_take_a_while_are_waited_for),
		cmocka_unit_test(a_condition_that_does_not_hold_skips_it),
		cmocka_unit_test(a_stop_while_it_listens_needs_nobody),
		cmocka_unit_test(a_restart_ends_in_listening),
		cmocka_unit_test(the_shutdown_does_not_wait_for_a_call),
		cmocka_unit_test(what_listens_is_taken_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
