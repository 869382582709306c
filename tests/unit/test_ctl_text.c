// needs: ctl base
/* SPDX-License-Identifier: MIT
 * Values as text.
 */
#include "ctl/text.h"
#include "test_seed.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static char text[4096];
static struct fmt f;

static int start(void **state)
{
	(void)state;
	fmt_init(&f, text, sizeof(text));
	return 0;
}

static void durations(void **state)
{
	static const struct {
		uint64_t ms;
		const char *text;
	} cases[] = {
		{0, "0ms"},
		{999, "999ms"},
		{1000, "1s"},
		{59999, "59s"},
		{60000, "1min"},
		{123000, "2min 3s"},
		{3600000, "1h"},
		{3659000, "1h"},
		{3660000, "1h 1min"},
		{86400000ull * 400 + 3600000 * 5, "400d 5h"},
		{UINT64_MAX, "213503982334d 14h"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start(NULL);
		text_duration(&f, cases[i].ms);
		assert_string_equal(text, cases[i].text);
	}
}

static void sizes(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{0, "0B"},
		{1023, "1023B"},
		{1024, "1.0K"},
		{1536, "1.5K"},
		{102400 - 1, "99.9K"},
		{102400, "100K"},
		{1048576, "1.0M"},
		{UINT64_MAX - 1, "15.9E"},
		{UINT64_MAX, "-"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start(NULL);
		text_size(&f, cases[i].bytes);
		assert_string_equal(text, cases[i].text);
	}
}

static void wait_statuses(void **state)
{
	(void)state;
	text_wait_status(&f, 3 << 8);
	text_wait_status(&f, SIGKILL);
	text_wait_status(&f, SIGSEGV | 0x80);
	text_wait_status(&f, -1);
	assert_string_equal(text, "exit status 3killed by SIGKILLkilled by SIGSEGV, core dumped-");
}

static void dates_agree_with_the_library(void **state)
{
	uint64_t random = seed();
	(void)state;
	for (int i = 0; i < 20000; i++) {
		time_t t = (time_t)(next_random(&random) % 20000000000u) - (i % 3 ? 0 : 6000000000);
		int32_t offset = (int32_t)(next_random(&random) % 100000) - 50000;
		time_t local = t + offset;
		char expected[64];
		struct tm tm;
		gmtime_r(&local, &tm);
		strftime(expected, sizeof(expected), "%Y-%m-%d %H:%M:%S.007", &tm);
		start(NULL);
		text_date(&f, t, 7999999, offset);
		assert_string_equal(text, expected);
	}
}

static void columns(void **state)
{
	(void)state;
	assert_int_equal(text_columns(""), 0);
	assert_int_equal(text_columns("abc"), 3);
	assert_int_equal(text_columns("\xe2\x94\x94\xe2\x94\x80 a"), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(durations, start),
		cmocka_unit_test_setup(sizes, start),
		cmocka_unit_test_setup(wait_statuses, start),
		cmocka_unit_test_setup(dates_agree_with_the_library, start),
		cmocka_unit_test_setup(columns, start),
	};
	return cmocka_run_group_tests_name("bulkctl's text", tests, NULL, NULL);
}
