// needs: core plan base tests/unit/core_rig.c
/* SPDX-License-Identifier: MIT
 * What core.h and the service file promise, one promise a test. The simulation looks for what
 * nobody thought of; this is what somebody did.
 */
#include "unit/core_rig.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct rig rig;

/* ---- starting ---- */

static void a_service_waits_for_what_it_requires(void **state)
{
	(void)state;
	BEGIN({.name = "web", .flags = SERVICE_ENABLED, .edges = {{1, EDGE_REQUIRES}}, .edge_count = 1},
		{.name = "net", .type = TYPE_NOTIFY});
	rig_expect(&rig, 0, SVC_WAITING, "net spawn start 0");
	rig_started(&rig, 1);
	rig_expect(&rig, 0, SVC_WAITING, "");
	rig_event(&rig, EV_READY, 1, SLOT_MAIN, 0);
	rig_expect(&rig, 0, SVC_STARTING, "net notice ready; web spawn start 0");
}

static void what_is_wanted_may_fail_and_what_is_required_may_not(void **state)
{
	(void)state;
	BEGIN({.name = "web", .flags = SERVICE_ENABLED, .edges = {{2, EDGE_WANTS}}, .edge_count = 1},
		{.name = "ftp", .flags = SERVICE_ENABLED, .edges = {{2, EDGE_REQUIRES}}, .edge_count = 1},
		{.name = "net", .restart = RESTART_NO});
	rig_event(&rig, EV_FAILED, 2, SLOT_MAIN, 1);
	rig_event(&rig, EV_EMPTY, 2, 0, 0);
	rig_expect(&rig, 0, SVC_STARTING, NULL);
	rig_expect(&rig, 1, SVC_FAILED, NULL);
	assert_int_equal(rig.core.service[1].outcome, OUT_DEPENDENCY);
	assert_int_equal(rig.core.service[2].outcome, OUT_WALL);
	assert_int_equal(rig.core.service[2].failed_errno, 1);
}

static void order_alone_pulls_nothing_in(void **state)
{
	(void)state;
	BEGIN({.name = "web", .flags = SERVICE_ENABLED, .edges = {{1, EDGE_AFTER}}, .edge_count = 1},
		{.name = "net"});
	rig_expect(&rig, 0, SVC_STARTING, "web spawn start 0");
	rig_expect(&rig, 1, SVC_DOWN, NULL);
}

static void independent_services_start_together(void **state)
{
	(void)state;
	BEGIN({.name = "a", .flags = SERVICE_ENABLED}, {.name = "b", .flags = SERVICE_ENABLED},
		{.name = "c"});
	assert_string_equal(rig.log, "a spawn start 0; b spawn start 0");
}

static void a_refused_service_never_runs(void **state)
{
	(void)state;
	BEGIN({.name = "bad", .flags = SERVICE_ENABLED | SERVICE_REFUSED},
		{.name = "good", .flags = SERVICE_ENABLED});
	rig_expect(&rig, 0, SVC_REFUSED, "bad notice refused; good spawn start 0");
	rig_request(&rig, EV_START, 0);
	rig_expect(&rig, 0, SVC_REFUSED, "");
}

static void commands_run_one_after_the_other(void **state)
{
	(void)state;
	BEGIN({.name = "job",
		.type = TYPE_ONESHOT,
		.flags = SERVICE_ENABLED,
		.lists = 1 << EXEC_PRE,
		.pardoned = 1 << EXEC_PRE,
		.twice = 1 << EXEC_START});
	rig_expect(&rig, 0, SVC_PRE, "job spawn pre 0");
	rig_event(&rig, EV_EXITED, 0, SLOT_CONTROL, EXIT_STATUS(1)); /* "-": its failure is ignored */
	rig_expect(&rig, 0, SVC_STARTING, "job spawn start 0");
	rig_event(&rig, EV_EXITED, 0, SLOT_MAIN, 0);
	rig_expect(&rig, 0, SVC_STARTING, "job spawn start 1");
	rig_event(&rig, EV_EXITED, 0, SLOT_MAIN, 0);
	rig_expect(&rig, 0, SVC_DONE, "job notice ready");
}

static void a_group_is_up_when_its_members_are(void **state)
{
	(void)state;
	BEGIN({.name = "all",
			  .type = TYPE_GROUP,
			  .flags = SERVICE_ENABLED,
			  .edges = {{1, EDGE_REQUIRES}},
			  .edge_count = 1},
		{.name = "a"});
	assert_false(core_boot_settled(&rig.core));
	rig_started(&rig, 1);
	rig_expect(&rig, 0, SVC_UP, "a notice ready; all notice ready");
	assert_true(core_boot_settled(&rig.core));
}

static void a_start_has_its_time(void **state)
{
	(void)state;
	BEGIN({.name = "slow",
		.type = TYPE_NOTIFY,
		.restart = RESTART_NO,
		.flags = SERVICE_ENABLED,
		.start_ms = 700,
		.stop_ms = 300});
	rig_started(&rig, 0);
	assert_int_equal(rig_wait_deadline(&rig), 700);
	rig_expect(&rig, 0, SVC_TERM, "slow notice ended (start time-out); slow signal 15");
	assert_int_equal(rig_wait_deadline(&rig), 300);
	rig_expect(&rig, 0, SVC_KILL, "slow notice stop time-out; slow kill");
	rig_exited(&rig, 0, 9);
	rig_expect(&rig, 0, SVC_FAILED, NULL);
	assert_int_equal(rig.core.service[0].outcome, OUT_TIMEOUT);
}

/* Its word and its cell's come on two descriptors: the one that is seen first may be either. */
static void ready_counts_once_its_start_is_told(void **state)
{
	(void)state;
	BEGIN({.name = "fast", .type = TYPE_NOTIFY, .flags = SERVICE_ENABLED});
	rig_event(&rig, EV_READY, 0, SLOT_MAIN, 0);
	rig_expect(&rig, 0, SVC_STARTING, "");
	rig_started(&rig, 0);
	rig_expect(&rig, 0, SVC_UP, "fast notice ready");
}

static void ready_counts_for_one_life(void **state)
{
	(void)state;
	BEGIN({.name = "fast",
		.type = TYPE_NOTIFY,
		.restart = RESTART_ON_FAILURE,
		.flags = SERVICE_ENABLED});
	rig_event(&rig, EV_READY, 0, SLOT_MAIN, 0);
	rig_event(&rig, EV_FAILED, 0, SLOT_MAIN, 11 /* EAGAIN */);
	rig_event(&rig, EV_EMPTY, 0, 0, 0);
	rig_expect(&rig, 0, SVC_BACKOFF, NULL);
	rig_wait_deadline(&rig);
	rig_started(&rig, 0);
	rig_expect(&rig, 0, SVC_STARTING, "");
}

/* ---- the boot ---- */

/* Where nothing is Essential, what counts is that the boot has settled. */
static void a_boot_is_good_by_its_essential_services(void **state)
{
	(void)state;
	BEGIN({.name = "web", .flags = SERVICE_ENABLED | SERVICE_ESSENTIAL},
		{.name = "slow", .type = TYPE_NOTIFY, .flags = SERVICE_ENABLED, .start_ms = UINT32_MAX});
	assert_false(core_boot_good(&rig.core, &rig.plan, true));
	rig_started(&rig, 0);
	assert_true(core_boot_good(&rig.core, &rig.plan, false));
	assert_false(core_is_missed(&rig.core, 0));
	assert_true(core_is_missed(&rig.core, 1) && core_holds_boot(&rig.core, 1));
	assert_false(core_boot_settled(&rig.core));
	BEGIN({.name = "web", .flags = SERVICE_ENABLED}, {.name = "off"});
	rig_started(&rig, 0);
	assert_false(core_boot_good(&rig.core, &rig.plan, false));
	assert_true(core_boot_good(&rig.core, &rig.plan, true));
	assert_false(core_is_missed(&rig.core, 1)); /* nobody has asked for it */
}

static void a_failure_of_cleaning_up_does_not_change_the_reason(void **state)
{
	(void)state;
	BEGIN({.name = "svc",
		.restart = RESTART_ALWAYS,
		.flags = SERVICE_ENABLED,
		.lists = 1 << EXEC_STOP_POST});
	rig_event(&rig, EV_FAILED, 0, SLOT_MAIN, 1);
	rig_event(&rig, EV_EMPTY, 0, 0, 0);
	rig_event(&rig, EV_FAILED, 0, SLOT_CONTROL, 12);
	rig_event(&rig, EV_EMPTY, 0, 0, 0);
	rig_expect(&rig, 0, SVC_FAILED, NULL);
	assert_int_equal(rig.core.service[0].failed_errno, 1);
}

static void the_watchdog_bites_who_does_not_feed_it(void **state)
{
	(void)state;
	BEGIN({.name = "svc", .restart = RESTART_NO, .flags = SERVICE_ENABLED, .watchdog_ms = 500});
	rig_started(&rig, 0);
	for (unsigned k = 0; k < 5; k++) {
		rig_wait(&rig, 400);
		rig_expect(&rig, 0, SVC_UP, "");
		rig_event(&rig, EV_PING, 0, 0, 0);
	}
	assert_int_equal(rig_wait_deadline(&rig), 500);
	rig_expect(&rig, 0, SVC_KILL, "svc notice ended (watchdog); svc kill");
}

/* Its ping lies unread while the clock has gone on: time is judged by what has been heard. */
static void the_watchdog_waits_for_the_mail(void **state)
{
	struct core_action a;
	(void)state;
	BEGIN({.name = "svc", .restart = RESTART_NO, .flags = SERVICE_ENABLED, .watchdog_ms = 500});
	rig_started(&rig, 0);
	rig.now += 3000;
	assert_false(core_next(&rig.core, &rig.plan, rig.now, rig.now - 2501, &a));
	rig_expect(&rig, 0, SVC_UP, NULL);
	rig_event(&rig, EV_PING, 0, 0, 0);
	rig_expect(&rig, 0, SVC_UP, "");
	assert_int_equal(rig_wait_deadline(&rig), 500);
	rig_expect(&rig, 0, SVC_KILL, "svc notice ended (watchdog); svc kill");
}

static void what_is_too_old_is_ended(void **state)
{
	(void)state;
	BEGIN({.name = "svc",
			  .restart = RESTART_ON_ABNORMAL,
			  .flags = SERVICE_ENABLED,
			  .runtime_ms = 5000},
		{.name = "once", .type = TYPE_ONESHOT, .flags = SERVICE_ENABLED, .runtime_ms = 5000});
	rig_started(&rig, 0);
	rig_exited(&rig, 1, 0);
	assert_int_equal(rig_wait_deadline(&rig), 5000);
	rig_expect(&rig, 0, SVC_TERM, "svc notice ended (RuntimeMaxSec is over); svc signal 15");
	rig_exited(&rig, 0, 15);
	rig_expect(&rig, 0, SVC_BACKOFF, NULL);
	rig_expect(&rig, 1, SVC_DONE, NULL);
}

/* ---- stopping ---- */

static void a_stop_goes_the_whole_way(void **state)
{
	(void)state;
	BEGIN({.name = "svc", .flags = SERVICE_ENABLED, .lists = 1 << EXEC_STOP | 1 << EXEC_STOP_POST});
	rig_started(&rig, 0);
	rig_request(&rig, EV_STOP, 0);
	rig_expect(&rig, 0, SVC_STOP, "svc spawn stop 0");
	rig_event(&rig, EV_EXITED, 0, SLOT_CONTROL, 0);
	rig_expect(&rig, 0, SVC_TERM, "svc signal 15");
	rig_event(&rig, EV_EXITED, 0, SLOT_MAIN, 15);
	rig_expect(&rig, 0, SVC_KILL, "svc kill"); /* whatever it forked */
	rig_event(&rig, EV_EMPTY, 0, 0, 0);
	rig_expect(&rig, 0, SVC_STOP_POST, "svc spawn stop-post 0");
	rig_event(&rig, EV_EXITED, 0, SLOT_CONTROL, 0);
	rig_expect(&rig, 0, SVC_KILL, "svc kill");
	rig_event(&rig, EV_EMPTY, 0, 0, 0);
	rig_expect(&rig, 0, SVC_DOWN, "svc notice stopped; svc release");
}

static void what_is_stopped_takes_along_what_requires_it(void **state)
{
	(void)state;
	BEGIN({.name = "web", .flags = SERVICE_ENABLED, .edges = {{1, EDGE_REQUIRES}}, .edge_count = 1},
		{.name = "net"},
		{.name = "ntp", .flags = SERVICE_ENABLED, .edges = {{1, EDGE_WANTS}}, .edge_count = 1});
	rig_started(&rig, 1);
	rig_started(&rig, 0);
	rig_started(&rig, 2);
	rig_request(&rig, EV_STOP, 1);
	rig_expect(&rig, 1, SVC_UP, "web signal 15"); /* net goes when web has gone */
	rig_exited(&rig, 0, 15);
	rig_expect(&rig, 0, SVC_DOWN, NULL);
	rig_expect(&rig, 1, SVC_TERM, NULL);
	rig_exited(&rig, 1, 15);
	rig_expect(&rig, 1, SVC_DOWN, NULL);
	rig_expect(&rig, 2, SVC_UP, NULL);
}

static void what_is_bound_goes_when_the_other_goes(void **state)
{
	(void)state;
	BEGIN({.name = "required",
			  .flags = SERVICE_ENABLED,
			  .edges = {{2, EDGE_REQUIRES}},
			  .edge_count = 1},
		{.name = "bound", .flags = SERVICE_ENABLED, .edges = {{2, EDGE_BINDS}}, .edge_count = 1},
		{.name = "net", .restart = RESTART_NO});
	rig_started(&rig, 2);
	rig_started(&rig, 0);
	rig_started(&rig, 1);
	rig_exited(&rig, 2, 11);
	rig_expect(&rig, 0, SVC_UP, NULL);
	rig_expect(&rig, 1, SVC_TERM, NULL);
}

static void services_in_conflict_replace_each_other(void **state)
{
	(void)state;
	BEGIN({.name = "old", .flags = SERVICE_ENABLED},
		{.name = "new", .edges = {{0, EDGE_CONFLICTS}}, .edge_count = 1});
	rig_started(&rig, 0);
	rig_request(&rig, EV_START, 1);
	rig_expect(&rig, 1, SVC_WAITING, "old signal 15");
	rig_exited(&rig, 0, 15);
	rig_expect(&rig, 1, SVC_STARTING, NULL);
	rig_expect(&rig, 0, SVC_DOWN, NULL);
	rig_started(&rig, 1);
	rig_request(&rig, EV_START, 0);
	rig_expect(&rig, 0, SVC_WAITING, "new signal 15");
}

static void a_restart_takes_along_what_requires_it(void **state)
{
	(void)state;
	BEGIN({.name = "web", .flags = SERVICE_ENABLED, .edges = {{1, EDGE_REQUIRES}}, .edge_count = 1},
		{.name = "net"});
	rig_started(&rig, 1);
	rig_started(&rig, 0);
	rig_request(&rig, EV_RESTART, 1);
	rig_exited(&rig, 0, 15);
	rig_exited(&rig, 1, 15);
	rig_expect(&rig, 1, SVC_STARTING, NULL);
	rig_expect(&rig, 0, SVC_WAITING, NULL);
	rig_started(&rig, 1);
	rig_expect(&rig, 0, SVC_STARTING, "net notice ready; web spawn start 0");
}

static void what_cannot_be_killed_is_given_up_and_never_doubled(void **state)
{
	(void)state;
	BEGIN({.name = "stuck", .restart = RESTART_ALWAYS, .flags = SERVICE_ENABLED});
	rig_started(&rig, 0);
	rig_request(&rig, EV_STOP, 0);
	rig_wait_deadline(&rig);
	rig_expect(&rig, 0, SVC_KILL, "stuck notice stop time-out; stuck kill");
	rig_wait_deadline(&rig);
	rig_expect(&rig, 0, SVC_FAILED, NULL);
	rig_request(&rig, EV_START, 0);
	rig_expect(&rig, 0, SVC_WAITING, ""); /* its old process is still there */
	rig_exited(&rig, 0, 9);
	rig_expect(&rig, 0, SVC_STARTING, NULL);
}

static void what_could_not_be_killed_comes_back_once_it_has_ended(void **state)
{
	(void)state;
	BEGIN(
		{.name = "stuck", .restart = RESTART_ALWAYS, .flags = SERVICE_ENABLED, .watchdog_ms = 500});
	rig_started(&rig, 0);
	rig_wait_deadline(&rig);
	rig_expect(&rig, 0, SVC_KILL, "stuck notice ended (watchdog); stuck kill");
	rig_wait_deadline(&rig);
	rig_expect(&rig, 0, SVC_FAILED, NULL);
	rig_event(&rig, EV_EXITED, 0, SLOT_MAIN, 9);
	rig_expect(&rig, 0, SVC_FAILED, ""); /* something of it is left */
	rig_event(&rig, EV_EMPTY, 0, 0, 0);
	rig_expect(&rig, 0, SVC_BACKOFF, "stuck notice restarting; stuck release");
	rig_wait_deadline(&rig);
	rig_expect(&rig, 0, SVC_STARTING, NULL);
}

static void what_is_stopped_while_it_is_stuck_stays_down(void **state)
{
	(void)state;
	BEGIN(
		{.name = "stuck", .restart = RESTART_ALWAYS, .flags = SERVICE_ENABLED, .watchdog_ms = 500});
	rig_started(&rig, 0);
	rig_wait_deadline(&rig);
	rig_wait_deadline(&rig);
	rig_request(&rig, EV_STOP, 0);
	rig_exited(&rig, 0, 9);
	rig_expect(&rig, 0, SVC_FAILED, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_service_waits_for_what_it_requires),
		cmocka_unit_test(what_is_wanted_may_fail_and_what_is_required_may_not),
		cmocka_unit_test(order_alone_pulls_nothing_in),
		cmocka_unit_test(independent_services_start_together),
		cmocka_unit_test(a_refused_service_never_runs),
		cmocka_unit_test(commands_run_one_after_the_other),
		cmocka_unit_test(a_group_is_up_when_its_members_are),
		cmocka_unit_test(a_start_has_its_time),
		cmocka_unit_test(ready_counts_once_its_start_is_told),
		cmocka_unit_test(ready_counts_for_one_life),
		cmocka_unit_test(a_boot_is_good_by_its_essential_services),
		cmocka_unit_test(a_failure_of_cleaning_up_does_not_change_the_reason),
		cmocka_unit_test(the_watchdog_bites_who_does_not_feed_it),
		cmocka_unit_test(the_watchdog_waits_for_the_mail),
		cmocka_unit_test(what_is_too_old_is_ended),
		cmocka_unit_test(a_stop_goes_the_whole_way),
		cmocka_unit_test(what_is_stopped_takes_along_what_requires_it),
		cmocka_unit_test(what_is_bound_goes_when_the_other_goes),
		cmocka_unit_test(services_in_conflict_replace_each_other),
		cmocka_unit_test(a_restart_takes_along_what_requires_it),
		cmocka_unit_test(what_cannot_be_killed_is_given_up_and_never_doubled),
		cmocka_unit_test(what_could_not_be_killed_comes_back_once_it_has_ended),
		cmocka_unit_test(what_is_stopped_while_it_is_stuck_stays_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
