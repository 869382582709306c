// needs: core plan base tests/unit/core_rig.c
/* SPDX-License-Identifier: MIT
 * What core.h and the service file promise of restarts: whether, when, and how often.
 */
#include "unit/core_rig.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct rig rig;

static uint64_t fail_once(void)
{
	rig_started(&rig, 0);
	rig_exited(&rig, 0, EXIT_STATUS(1));
	rig_expect(&rig, 0, SVC_BACKOFF, NULL);
	return rig_wait_deadline(&rig);
}

static void the_back_off_doubles_up_to_its_bound(void **state)
{
	static const uint64_t base[] = {100, 200, 400, 800, 1000, 1000};
	(void)state;
	BEGIN({.name = "flaky",
		.restart = RESTART_ON_FAILURE,
		.flags = SERVICE_ENABLED,
		.restart_ms = 100,
		.restart_max_ms = 1000});
	for (unsigned k = 0; k < sizeof(base) / sizeof(*base); k++) {
		uint64_t took = fail_once();
		/* and an eighth of doubt, which does not lead beyond the bound */
		assert_in_range(took, base[k] < 1000 ? base[k] : 1000 - 1000 / 8,
			base[k] < 1000 ? base[k] + base[k] / 8 : 1000);
		assert_int_equal(rig.core.service[0].restarts, k + 1);
	}
}

static void a_service_that_stood_is_forgiven(void **state)
{
	(void)state;
	BEGIN({.name = "flaky",
		.restart = RESTART_ON_FAILURE,
		.flags = SERVICE_ENABLED,
		.restart_ms = 100,
		.restart_max_ms = 1000});
	fail_once();
	fail_once();
	rig_started(&rig, 0);
	rig_wait(&rig, 3600 * 1000);
	rig_exited(&rig, 0, EXIT_STATUS(1));
	assert_int_equal(rig.core.service[0].backoff_ms, 100);
}

static void the_start_limit_ends_it_until_somebody_asks(void **state)
{
	(void)state;
	BEGIN({.name = "flaky",
		.restart = RESTART_ALWAYS,
		.flags = SERVICE_ENABLED,
		.burst = 3,
		.restart_ms = 10,
		.restart_max_ms = 10});
	fail_once();
	fail_once();
	rig_started(&rig, 0);
	rig_exited(&rig, 0, EXIT_STATUS(1));
	rig_expect(&rig, 0, SVC_FAILED,
		"flaky notice ended (exit status); flaky kill; flaky notice gave up (start limit); flaky release");
	/* none is announced, nor counted, that does not come */
	assert_int_equal(rig.core.service[0].restarts, 2);
	rig_request(&rig, EV_START, 0);
	rig_expect(&rig, 0, SVC_STARTING, "flaky spawn start 0");
}

static void starts_are_counted_in_their_interval(void **state)
{
	(void)state;
	BEGIN({.name = "flaky",
		.restart = RESTART_ALWAYS,
		.flags = SERVICE_ENABLED,
		.burst = 2,
		.restart_ms = 10,
		.restart_max_ms = 10});
	for (unsigned k = 0; k < 10; k++) {
		rig_wait(&rig, 5500); /* two in ten seconds */
		fail_once();
		rig_expect(&rig, 0, SVC_STARTING, NULL);
	}
}

struct policy {
	enum plan_restart restart;
	int32_t status;
	bool comes_back;
};

static void the_policy_decides_what_comes_back(void **state)
{
	static const struct policy policies[] = {
		{RESTART_NO, EXIT_STATUS(1), false},
		{RESTART_NO, 11, false},
		{RESTART_ON_FAILURE, 0, false},
		{RESTART_ON_FAILURE, EXIT_STATUS(7), false}, /* SuccessExitStatus */
		{RESTART_ON_FAILURE, EXIT_STATUS(1), true},
		{RESTART_ON_FAILURE, 11, true},
		{RESTART_ON_ABNORMAL, EXIT_STATUS(1), false},
		{RESTART_ON_ABNORMAL, 11, true},
		{RESTART_ON_SUCCESS, 0, true},
		{RESTART_ON_SUCCESS, EXIT_STATUS(7), true},
		{RESTART_ON_SUCCESS, EXIT_STATUS(1), false},
		{RESTART_ALWAYS, 0, true},
		{RESTART_ALWAYS, EXIT_STATUS(1), true},
	};
	(void)state;
	for (unsigned k = 0; k < sizeof(policies) / sizeof(*policies); k++) {
		BEGIN({.name = "svc",
			.restart = policies[k].restart,
			.flags = SERVICE_ENABLED,
			.success = 7});
		rig_started(&rig, 0);
		rig_exited(&rig, 0, policies[k].status);
		if ((rig_state(&rig, 0) == SVC_BACKOFF) != policies[k].comes_back)
			print_error("Restart number %d, wait status %d: is %s\n", (int)policies[k].restart,
				(int)policies[k].status, core_state_name((enum core_state)rig_state(&rig, 0)));
		assert_int_equal(rig_state(&rig, 0) == SVC_BACKOFF, policies[k].comes_back);
		assert_int_equal(rig.core.service[0].last_status, policies[k].status);
	}
}

static void a_wall_that_is_refused_is_not_tried_again(void **state)
{
	(void)state;
	BEGIN({.name = "svc", .restart = RESTART_ALWAYS, .flags = SERVICE_ENABLED});
	rig_event(&rig, EV_FAILED, 0, SLOT_MAIN, 1 /* EPERM */);
	rig_event(&rig, EV_EMPTY, 0, 0, 0);
	rig_expect(&rig, 0, SVC_FAILED, NULL);
	BEGIN({.name = "svc", .restart = RESTART_ALWAYS, .flags = SERVICE_ENABLED});
	rig_event(&rig, EV_FAILED, 0, SLOT_MAIN, 12 /* ENOMEM may pass */);
	rig_event(&rig, EV_EMPTY, 0, 0, 0);
	rig_expect(&rig, 0, SVC_BACKOFF, NULL);
}

static void what_is_lacking_may_come(void **state)
{
	(void)state;
	static const struct {
		enum plan_restart restart;
		int32_t err;
		enum core_state next;
	} cases[] = {
		{RESTART_ALWAYS, 2, SVC_BACKOFF}, /* ENOENT, ENXIO, ENODEV, EADDRINUSE: comes */
		{RESTART_ALWAYS, 6, SVC_BACKOFF},
		{RESTART_ALWAYS, 19, SVC_BACKOFF},
		{RESTART_ALWAYS, 98, SVC_BACKOFF},
		{RESTART_ON_FAILURE, 2, SVC_FAILED},
		{RESTART_ON_FAILURE, 19, SVC_FAILED},
		{RESTART_ON_FAILURE, 98, SVC_FAILED},
		{RESTART_ON_FAILURE, 5, SVC_BACKOFF}, /* EIO, ETXTBSY, ENOSPC, EADDRNOTAVAIL: passes */
		{RESTART_ON_FAILURE, 26, SVC_BACKOFF},
		{RESTART_ON_FAILURE, 28, SVC_BACKOFF},
		{RESTART_ON_FAILURE, 99, SVC_BACKOFF},
		{RESTART_ALWAYS, 28, SVC_BACKOFF},
		{RESTART_ALWAYS, 13, SVC_FAILED}, /* EACCES, EINVAL, ENOSYS: stays as it is */
		{RESTART_ALWAYS, 22, SVC_FAILED},
		{RESTART_ALWAYS, 38, SVC_FAILED},
		{RESTART_ON_ABNORMAL, 28, SVC_FAILED},
		{RESTART_NO, 28, SVC_FAILED},
	};
	for (unsigned k = 0; k < COUNT(cases); k++) {
		BEGIN({.name = "svc", .restart = cases[k].restart, .flags = SERVICE_ENABLED});
		rig_event(&rig, EV_FAILED, 0, SLOT_MAIN, cases[k].err);
		rig_event(&rig, EV_EMPTY, 0, 0, 0);
		rig_expect(&rig, 0, cases[k].next, NULL);
		assert_int_equal(rig.core.service[0].lacking,
			cases[k].restart == RESTART_ALWAYS && cases[k].next == SVC_BACKOFF &&
				cases[k].err != 28);
	}
}

static void a_status_has_a_say_beside_the_policy(void **state)
{
	static const struct {
		enum plan_restart restart;
		uint32_t prevent, force;
		int32_t status;
		enum core_state next;
	} cases[] = {
		{RESTART_ALWAYS, 2, 0, EXIT_STATUS(2), SVC_FAILED},
		{RESTART_ALWAYS, 2, 0, EXIT_STATUS(3), SVC_BACKOFF},
		{RESTART_ALWAYS, 256 + 9, 0, 9, SVC_FAILED},
		{RESTART_NO, 0, 2, EXIT_STATUS(2), SVC_BACKOFF},
		{RESTART_NO, 0, 2, EXIT_STATUS(3), SVC_FAILED},
		{RESTART_NO, 0, 256 + 9, 9, SVC_BACKOFF},
		{RESTART_NO, 2, 2, EXIT_STATUS(2), SVC_FAILED},
	};
	(void)state;
	for (unsigned k = 0; k < COUNT(cases); k++) {
		BEGIN({.name = "svc",
			.restart = cases[k].restart,
			.flags = SERVICE_ENABLED,
			.prevent = cases[k].prevent,
			.force = cases[k].force});
		rig_started(&rig, 0);
		rig_exited(&rig, 0, cases[k].status);
		rig_expect(&rig, 0, cases[k].next, NULL);
	}
}

/* Its main process is killed with it, by a signal that would forbid the restart. */
static void what_pid_1_ends_is_left_to_the_policy(void **state)
{
	(void)state;
	BEGIN({.name = "svc",
		.restart = RESTART_ALWAYS,
		.flags = SERVICE_ENABLED,
		.watchdog_ms = 500,
		.prevent = 256 + 9});
	rig_started(&rig, 0);
	rig_wait_deadline(&rig);
	rig_exited(&rig, 0, 9);
	rig_expect(&rig, 0, SVC_BACKOFF, NULL);
}

/* The delay that follows a life of so many milliseconds, the second of its kind. */
static uint32_t delay_after(uint64_t life_ms, int32_t status)
{
	BEGIN({.name = "svc",
		.restart = RESTART_ALWAYS,
		.flags = SERVICE_ENABLED,
		.restart_max_ms = 30000});
	for (int k = 0; k < 2; k++) {
		rig_started(&rig, 0);
		rig_wait(&rig, life_ms);
		rig_exited(&rig, 0, status);
		if (k == 0)
			rig_wait_deadline(&rig);
	}
	return rig.core.service[0].backoff_ms;
}

static void a_session_that_ends_well_does_not_slow_the_next_one(void **state)
{
	(void)state;
	assert_int_equal(delay_after(1000, 0), 100);
	assert_int_equal(delay_after(999, 0), 200); /* a program that does nothing */
	assert_int_equal(delay_after(1000, EXIT_STATUS(1)), 200);
	assert_int_equal(delay_after(30000, EXIT_STATUS(1)), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_back_off_doubles_up_to_its_bound),
		cmocka_unit_test(a_service_that_stood_is_forgiven),
		cmocka_unit_test(the_start_limit_ends_it_until_somebody_asks),
		cmocka_unit_test(starts_are_counted_in_their_interval),
		cmocka_unit_test(the_policy_decides_what_comes_back),
		cmocka_unit_test(a_status_has_a_say_beside_the_policy),
		cmocka_unit_test(what_pid_1_ends_is_left_to_the_policy),
		cmocka_unit_test(a_wall_that_is_refused_is_not_tried_again),
		cmocka_unit_test(what_is_lacking_may_come),
		cmocka_unit_test(a_session_that_ends_well_does_not_slow_the_next_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
