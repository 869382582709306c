// needs: pid1
/* SPDX-License-Identifier: MIT
 * A storm of lines in virtual time: few are said, each of the others is counted, and what is calm
 * is said in full.
 */
#include "pid1/storm.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct storm st;
static uint64_t now, said, told, counted;

static int start(void **state)
{
	(void)state;
	memset(&st, 0, sizeof(st));
	now = 5000;
	said = told = counted = 0;
	return 0;
}

/* As the loop does: it wakes at the deadline at the latest. */
static void pass(uint64_t until)
{
	while (storm_deadline(&st) <= until) {
		uint32_t n;
		now = storm_deadline(&st);
		n = storm_due(&st, now);
		assert_true(n > 0);
		told++;
		counted += n;
	}
	now = until;
}

static void say(void)
{
	said += storm_may_say(&st, now);
}

/* The figures that a device in need has shown: three lines a restart. */
static void a_storm_of_restarts(void **state)
{
	const uint64_t restarts = 21565, lasts = 160000, begin = now;
	(void)state;
	for (uint64_t i = 0; i < restarts; i++) {
		pass(begin + i * lasts / restarts);
		for (int line = 0; line < 3; line++)
			say();
	}
	pass(now + STORM_MS);
	printf("%llu lines wanted: %llu said, %llu lines that count the other %llu\n", 3ull * restarts,
		(unsigned long long)said, (unsigned long long)told, (unsigned long long)counted);
	assert_int_equal(said + counted, 3 * restarts);
	assert_int_equal(said, STORM_BURST);
	assert_true(told <= lasts / STORM_MS + 2);
	assert_int_equal(storm_deadline(&st), STORM_NEVER);
}

static void what_is_calm_is_said_in_full(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		pass(now + STORM_MS / STORM_BURST + 10);
		say();
	}
	assert_int_equal(said, 1000);
	assert_int_equal(told, 0);
}

static void after_the_storm_it_speaks_again(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100 * STORM_BURST; i++)
		say();
	pass(now + STORM_MS); /* the count, and an interval that has its one line */
	say();
	assert_int_equal(said, STORM_BURST);
	pass(now + 2 * STORM_MS);
	assert_int_equal(told, 2);
	for (unsigned i = 0; i < STORM_BURST; i++)
		say();
	assert_int_equal(said, 2 * STORM_BURST);
	assert_int_equal(said + counted, 100 * STORM_BURST + 1 + STORM_BURST);
}

static void the_first_moment_is_an_interval_like_any_other(void **state)
{
	(void)state;
	now = 0;
	for (unsigned i = 0; i < STORM_BURST + 1; i++)
		say();
	assert_int_equal(said, STORM_BURST);
	assert_int_equal(storm_deadline(&st), STORM_MS);
	assert_int_equal(storm_due(&st, STORM_MS - 1), 0);
	assert_int_equal(storm_due(&st, STORM_MS), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_storm_of_restarts, start),
		cmocka_unit_test_setup(what_is_calm_is_said_in_full, start),
		cmocka_unit_test_setup(after_the_storm_it_speaks_again, start),
		cmocka_unit_test_setup(the_first_moment_is_an_interval_like_any_other, start),
	};
	return cmocka_run_group_tests_name("storm", tests, NULL, NULL);
}
