// needs: core plan base tests/unit/core_rig.c
/* SPDX-License-Identifier: MIT
 * What core.h promises of the end: of the device, of PID 1's life after a crash, and of what a life
 * leaves in directories below /run.
 */
#include "unit/core_rig.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct rig rig;

/* ---- the end of all ---- */

static void the_shutdown_reverses_the_start(void **state)
{
	(void)state;
	BEGIN({.name = "web", .flags = SERVICE_ENABLED, .edges = {{1, EDGE_AFTER}}, .edge_count = 1},
		{.name = "net", .flags = SERVICE_ENABLED});
	rig_started(&rig, 1);
	rig_started(&rig, 0);
	rig_event(&rig, EV_FINAL, 0, 0, FINAL_REBOOT);
	rig_expect(&rig, 1, SVC_UP, "web signal 15");
	rig_request(&rig, EV_START, 0);
	rig_exited(&rig, 0, 0);
	rig_expect(&rig, 1, SVC_TERM, NULL);
	rig_exited(&rig, 1, 0);
	assert_non_null(strstr(rig.log, "final 1"));
	rig_request(&rig, EV_START, 0);
	rig_expect(&rig, 0, SVC_DOWN, "");
}

static void a_failure_action_shuts_down(void **state)
{
	(void)state;
	BEGIN({.name = "vital",
			  .restart = RESTART_NO,
			  .flags = SERVICE_ENABLED,
			  .failure_action = FINAL_REBOOT},
		{.name = "other", .flags = SERVICE_ENABLED});
	rig_started(&rig, 0);
	rig_started(&rig, 1);
	rig_exited(&rig, 0, 11);
	assert_int_equal(rig.core.final, FINAL_REBOOT);
	rig_expect(&rig, 1, SVC_TERM, NULL);
	rig_exited(&rig, 1, 0);
	assert_non_null(strstr(rig.log, "final 1"));
}

/* ---- after a crash ---- */

static void a_sound_block_is_taken_over_as_it_is(void **state)
{
	static struct core copy;
	(void)state;
	BEGIN({.name = "web", .flags = SERVICE_ENABLED, .watchdog_ms = 500},
		{.name = "net", .flags = SERVICE_ENABLED});
	rig_started(&rig, 0);
	copy = rig.core;
	assert_true(core_adopt(&rig.core, &rig.plan, rig.now));
	assert_memory_equal(&copy, &rig.core, sizeof(copy));
}

static void a_damaged_service_fails_alone(void **state)
{
	(void)state;
	BEGIN({.name = "web", .restart = RESTART_NO, .flags = SERVICE_ENABLED},
		{.name = "net", .flags = SERVICE_ENABLED});
	rig_started(&rig, 0);
	rig_started(&rig, 1);
	rig.core.service[0].state = 77;
	assert_true(core_adopt(&rig.core, &rig.plan, rig.now));
	rig_wait(&rig, 0);
	rig_expect(&rig, 0, SVC_KILL, NULL);
	rig_event(&rig, EV_EMPTY, 0, 0, 0);
	rig_expect(&rig, 0, SVC_FAILED, NULL);
	assert_int_equal(rig.core.service[0].outcome, OUT_LOST);
	rig_expect(&rig, 1, SVC_UP, NULL);
}

/* ---- directories below /run ---- */

static void stopped_by_request(uint32_t service)
{
	rig_request(&rig, EV_STOP, service);
	rig_event(&rig, EV_EXITED, service, SLOT_MAIN, 15);
	assert_null(strstr(rig.log, "clean")); /* something may live yet */
	rig_event(&rig, EV_EMPTY, service, 0, 0);
}

static void what_a_life_has_left_goes_before_the_next(void **state)
{
	(void)state;
	BEGIN(
		{.name = "web", .restart = RESTART_ON_FAILURE, .flags = SERVICE_ENABLED | SERVICE_CLEANS});
	rig_started(&rig, 0);
	stopped_by_request(0);
	rig_expect(&rig, 0, SVC_DOWN, "web notice stopped; web release; web clean");
	assert_false(core_settled(&rig.core, 0));
	rig_request(&rig, EV_START, 0);
	rig_expect(&rig, 0, SVC_WAITING, "");
	rig_event(&rig, EV_CLEANED, 0, 0, 0);
	rig_expect(&rig, 0, SVC_STARTING, "web spawn start 0");
	rig_started(&rig, 0);
	rig_exited(&rig, 0, EXIT_STATUS(1));
	rig_expect(&rig, 0, SVC_BACKOFF, NULL);
	assert_non_null(strstr(rig.log, "clean"));
	rig_wait(&rig, 1000);
	rig_expect(&rig, 0, SVC_WAITING, "");
	rig_event(&rig, EV_CLEANED, 0, 0, 0);
	rig_expect(&rig, 0, SVC_STARTING, "web spawn start 0");
}

static void what_is_kept_over_a_restart_goes_at_a_stop(void **state)
{
	(void)state;
	BEGIN({.name = "web",
		.restart = RESTART_ON_FAILURE,
		.flags = SERVICE_ENABLED | SERVICE_CLEANS | SERVICE_KEEPS});
	rig_started(&rig, 0);
	rig_exited(&rig, 0, EXIT_STATUS(1));
	rig_expect(&rig, 0, SVC_BACKOFF, NULL);
	assert_null(strstr(rig.log, "clean"));
	rig_wait(&rig, 1000);
	rig_expect(&rig, 0, SVC_STARTING, "web spawn start 0");
	rig_started(&rig, 0);
	rig_request(&rig, EV_RESTART, 0);
	rig_event(&rig, EV_EXITED, 0, SLOT_MAIN, 15);
	rig_event(&rig, EV_EMPTY, 0, 0, 0);
	rig_expect(&rig, 0, SVC_STARTING, "web release; web spawn start 0");
	rig_started(&rig, 0);
	rig_exited(&rig, 0, EXIT_STATUS(1));
	rig_request(&rig, EV_STOP, 0);
	rig_expect(&rig, 0, SVC_DOWN, "web notice stopped; web release; web clean");
	rig_event(&rig, EV_CLEANED, 0, 0, 0);
	assert_true(core_settled(&rig.core, 0));
}

static void a_crash_forgets_no_cleaning(void **state)
{
	(void)state;
	BEGIN({.name = "web", .flags = SERVICE_ENABLED | SERVICE_CLEANS});
	rig_started(&rig, 0);
	stopped_by_request(0);
	assert_true(core_adopt(&rig.core, &rig.plan, rig.now));
	rig_expect(&rig, 0, SVC_DOWN, NULL);
	assert_int_equal(rig.core.service[0].cleaning, 1);
	rig.core.service[0].populated = 1; /* it cannot be: nothing is emptied */
	rig.core.service[0].todo = TODO_CLEAN;
	assert_true(core_adopt(&rig.core, &rig.plan, rig.now));
	rig_wait(&rig, 0);
	rig_expect(&rig, 0, SVC_KILL, "web notice ended (lost in a crash); web kill");
}

static void a_block_of_another_plan_is_rejected(void **state)
{
	(void)state;
	BEGIN({.name = "web", .flags = SERVICE_ENABLED});
	rig.core.count = 2;
	assert_false(core_adopt(&rig.core, &rig.plan, rig.now));
}

/* The rescue does not count on it: while it is tried again, until it is ready. */
static void what_lacks_something_does_so_until_it_is_ready(void **state)
{
	(void)state;
	BEGIN({.name = "svc", .restart = RESTART_ALWAYS, .flags = SERVICE_ENABLED});
	const struct core_service *s = &rig.core.service[0];
	rig_event(&rig, EV_FAILED, 0, SLOT_MAIN, 19);
	rig_event(&rig, EV_EMPTY, 0, 0, 0);
	rig_expect(&rig, 0, SVC_BACKOFF, NULL);
	rig_wait_deadline(&rig);
	rig_expect(&rig, 0, SVC_STARTING, NULL);
	assert_int_equal(s->lacking, 1);
	rig_started(&rig, 0);
	rig_expect(&rig, 0, SVC_UP, NULL);
	assert_int_equal(s->lacking, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_lacks_something_does_so_until_it_is_ready),
		cmocka_unit_test(the_shutdown_reverses_the_start),
		cmocka_unit_test(a_failure_action_shuts_down),
		cmocka_unit_test(a_sound_block_is_taken_over_as_it_is),
		cmocka_unit_test(a_damaged_service_fails_alone),
		cmocka_unit_test(what_a_life_has_left_goes_before_the_next),
		cmocka_unit_test(what_is_kept_over_a_restart_goes_at_a_stop),
		cmocka_unit_test(a_crash_forgets_no_cleaning),
		cmocka_unit_test(a_block_of_another_plan_is_rejected),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
