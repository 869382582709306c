// needs: core plan base tests/unit/core_rig.c
/* SPDX-License-Identifier: MIT
 * What core bounds for the whole device: how many services start at a time, and how long a shutdown
 * takes; and that what fails again and again holds up nobody else.
 */
#include "unit/core_rig.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct rig rig;

/* Twenty are asked for: those that are on their way behind their walls are few at a time. */
static void many_enter_a_few_at_a_time(void **state)
{
	(void)state;
	static char names[20][4];
	struct rig_service all[20] = {0};
	for (uint32_t i = 0; i < 20; i++) {
		names[i][0] = 's', names[i][1] = (char)('0' + i / 10), names[i][2] = (char)('0' + i % 10);
		all[i] = (struct rig_service){.name = names[i],
			.flags = SERVICE_ENABLED,
			.start_ms = 60000};
	}
	rig_begin(&rig, all, 20);
	for (uint32_t i = 0; i < 20; i++)
		assert_int_equal(rig_state(&rig, i), i < 16 ? SVC_STARTING : SVC_WAITING);
	rig_started(&rig, 3);
	rig_expect(&rig, 16, SVC_STARTING, "s16 spawn start 0; s03 notice ready");
	rig_event(&rig, EV_FAILED, 5, SLOT_MAIN, 1);
	assert_int_equal(rig_state(&rig, 17), SVC_STARTING);
	assert_int_equal(rig_state(&rig, 18), SVC_WAITING);
	/* walls that do not come up are not waited for */
	assert_int_equal(rig_wait_deadline(&rig), 3000);
	assert_int_equal(rig_state(&rig, 18), SVC_STARTING);
	assert_int_equal(rig_state(&rig, 19), SVC_STARTING);
}

/* One that takes 1000 hours, and one that is to stop after it. What is there at half time is
 * killed. */
static void the_whole_shutdown_is_bounded(void **state)
{
	(void)state;
	static const uint32_t given[] = {0, 60000};
	for (unsigned i = 0; i < 2; i++) {
		rig.reboot_ms = given[i];
		BEGIN({.name = "web",
				  .flags = SERVICE_ENABLED,
				  .stop_ms = 3600000000u,
				  .edges = {{1, EDGE_REQUIRES}},
				  .edge_count = 1},
			{.name = "net", .flags = SERVICE_ENABLED, .lists = 1u << EXEC_STOP_POST});
		rig_started(&rig, 1);
		rig_started(&rig, 0);
		rig_event(&rig, EV_FINAL, 0, 0, FINAL_REBOOT);
		rig_wait(&rig, 10000);
		rig_event(&rig, EV_FINAL, 0, 0, FINAL_POWEROFF);
		rig_expect(&rig, 0, SVC_TERM, "");
		assert_int_equal(rig_wait_deadline(&rig), (given[i] ? 30000 : CORE_FINAL_MS) - 10000);
		rig_expect(&rig, 0, SVC_KILL,
			"web notice stop time-out; web kill; net notice stop time-out; net kill");
		rig_expect(&rig, 1, SVC_KILL, NULL);
		rig_exited(&rig, 0, 9);
		rig_exited(&rig, 1, 9);
		assert_non_null(strstr(rig.log, "final 2"));
	}
	rig.reboot_ms = 0;
}

/* Who asks for it is told at once, and it comes up all the same once what it requires does. */
static void what_waits_for_a_failure_holds_nobody_up(void **state)
{
	(void)state;
	BEGIN({.name = "all",
			  .type = TYPE_GROUP,
			  .flags = SERVICE_ENABLED,
			  .edges = {{1, EDGE_WANTS}},
			  .edge_count = 1},
		{.name = "app", .edges = {{2, EDGE_REQUIRES}}, .edge_count = 1},
		{.name = "net", .edges = {{3, EDGE_BINDS}}, .edge_count = 1},
		{.name = "modem", .type = TYPE_ONESHOT, .restart = RESTART_ON_FAILURE});
	rig_started(&rig, 3);
	assert_false(core_settled(&rig.core, 1));
	rig_exited(&rig, 3, EXIT_STATUS(1));
	rig_expect(&rig, 3, SVC_BACKOFF, NULL);
	rig_expect(&rig, 0, SVC_UP, NULL);
	rig_expect(&rig, 1, SVC_WAITING, NULL);
	assert_true(
		core_settled(&rig.core, 1) && core_settled(&rig.core, 2) && core_boot_settled(&rig.core));
	rig_wait_deadline(&rig);
	assert_false(core_settled(&rig.core, 1) || core_settled(&rig.core, 2));
	rig_request(&rig, EV_START, 1);
	assert_false(core_settled(&rig.core, 1));
	rig_exited(&rig, 3, 0);
	rig_expect(&rig, 2, SVC_STARTING, NULL);
	rig_started(&rig, 2);
	rig_expect(&rig, 1, SVC_STARTING, NULL);
	rig_started(&rig, 1);
	rig_expect(&rig, 1, SVC_UP, NULL);
}

static void the_first_delay_is_the_least(void **state)
{
	(void)state;
	BEGIN({.name = "flaky",
		.restart = RESTART_ON_FAILURE,
		.flags = SERVICE_ENABLED,
		.restart_ms = 1000,
		.restart_max_ms = 10});
	for (unsigned k = 0; k < 8; k++) {
		rig_started(&rig, 0);
		rig_exited(&rig, 0, EXIT_STATUS(1));
		assert_int_equal(rig_wait_deadline(&rig), 1000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_enter_a_few_at_a_time),
		cmocka_unit_test(the_whole_shutdown_is_bounded),
		cmocka_unit_test(what_waits_for_a_failure_holds_nobody_up),
		cmocka_unit_test(the_first_delay_is_the_least),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
