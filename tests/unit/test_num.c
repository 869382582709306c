// needs: base
/* SPDX-License-Identifier: MIT
 * The strict readers of numbers: what they accept, where their ranges end, and that they leave the
 * result alone unless they succeed.
 */
#include "base/count.h"
#include "base/num.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define UNTOUCHED 0x5a5a5a5a5a5a5a5aull

struct number_case {
	const char *text;
	int result;
	uint64_t value;
};

typedef int reader(struct span s, uint64_t *out);

/* The text is copied to a block of exactly its length, so that the sanitizer sees a reader that
 * goes beyond the span. */
static struct span exact(const char *text, char **block)
{
	size_t n = strlen(text);
	*block = malloc(n ? n : 1);
	assert_non_null(*block);
	memcpy(*block, text, n);
	return (struct span){n ? *block : *block + 1, n};
}

static void check_cases(reader *read, const struct number_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t out = UNTOUCHED;
		char *block;
		struct span s = exact(cases[i].text, &block);
		int result = read(s, &out);
		if (result != cases[i].result || out != (result == 0 ? cases[i].value : UNTOUCHED))
			fail_msg("\"%s\": got %d and %llu", cases[i].text, result, (unsigned long long)out);
		free(block);
	}
}

static int read_u64(struct span s, uint64_t *out)
{
	return num_u64(s, UINT64_MAX, out);
}

static int read_u64_to_100(struct span s, uint64_t *out)
{
	return num_u64(s, 100, out);
}

static void u64_is_strict(void **state)
{
	static const struct number_case cases[] = {
		{"0", 0, 0}, {"7", 0, 7}, {"10", 0, 10}, {"18446744073709551615", 0, UINT64_MAX},
		{"18446744073709551616", -ERANGE, 0}, {"18446744073709551620", -ERANGE, 0},
		{"184467440737095516150", -ERANGE, 0}, {"99999999999999999999999999999999", -ERANGE, 0},
		{"99999999999999999999999999999999x", -EINVAL, 0}, {"", -EINVAL, 0}, {" 1", -EINVAL, 0},
		{"1 ", -EINVAL, 0}, {"+1", -EINVAL, 0}, {"-1", -EINVAL, 0}, {"-0", -EINVAL, 0},
		{"010", -EINVAL, 0}, {"00", -EINVAL, 0}, {"0x10", -EINVAL, 0}, {"1a", -EINVAL, 0},
		{"a", -EINVAL, 0}, {"1.0", -EINVAL, 0}, {"1e3", -EINVAL, 0}, {"/", -EINVAL, 0},
		{":", -EINVAL, 0}, {"\xd9\xa1", -EINVAL, 0}, /* an Arabic-Indic digit */
	};
	static const struct number_case limited[] = {{"100", 0, 100}, {"101", -ERANGE, 0}, {"0", 0, 0}};
	(void)state;
	check_cases(read_u64, cases, COUNT(cases));
	check_cases(read_u64_to_100, limited, COUNT(limited));
}

static void a_span_is_not_a_string(void **state)
{
	uint64_t out = 0;
	(void)state;
	assert_int_equal(num_u64((struct span){"12345", 3}, UINT64_MAX, &out), 0);
	assert_int_equal(out, 123);
	assert_int_equal(num_u64((struct span){"1\0002", 3}, UINT64_MAX, &out), -EINVAL);
	assert_int_equal(num_u64((struct span){NULL, 0}, UINT64_MAX, &out), -EINVAL);
	assert_int_equal(num_int((struct span){NULL, 0}, UINT64_MAX, &out), -EINVAL);
	assert_int_equal(num_size((struct span){NULL, 0}, &out), -EINVAL);
	assert_int_equal(num_time_ms((struct span){NULL, 0}, &out), -EINVAL);
	assert_int_equal(out, 123);
}

static int read_i64(struct span s, uint64_t *out)
{
	int64_t v = (int64_t)UNTOUCHED;
	int result = num_i64(s, INT64_MIN, INT64_MAX, &v);
	*out = (uint64_t)v;
	return result;
}

static int read_nice(struct span s, uint64_t *out)
{
	int64_t v = (int64_t)UNTOUCHED;
	int result = num_i64(s, -20, 19, &v);
	*out = (uint64_t)v;
	return result;
}

static void i64_reaches_both_ends(void **state)
{
	static const struct number_case cases[] = {
		{"0", 0, 0},
		{"-0", 0, 0},
		{"-1", 0, UINT64_MAX},
		{"9223372036854775807", 0, INT64_MAX},
		{"9223372036854775808", -ERANGE, 0},
		{"-9223372036854775808", 0, (uint64_t)INT64_MIN},
		{"-9223372036854775809", -ERANGE, 0},
		{"-99999999999999999999", -ERANGE, 0},
		{"", -EINVAL, 0},
		{"-", -EINVAL, 0},
		{"--1", -EINVAL, 0},
		{"+1", -EINVAL, 0},
		{"- 1", -EINVAL, 0},
		{"-01", -EINVAL, 0},
	};
	static const struct number_case nice[] = {
		{"-20", 0, (uint64_t)-20},
		{"-21", -ERANGE, 0},
		{"19", 0, 19},
		{"20", -ERANGE, 0},
	};
	(void)state;
	check_cases(read_i64, cases, COUNT(cases));
	check_cases(read_nice, nice, COUNT(nice));
}

static int read_int(struct span s, uint64_t *out)
{
	return num_int(s, UINT64_MAX, out);
}

static int read_int_to_255(struct span s, uint64_t *out)
{
	return num_int(s, 255, out);
}

static void int_knows_three_bases(void **state)
{
	static const struct number_case cases[] = {
		{"0", 0, 0},
		{"10", 0, 10},
		{"0x0", 0, 0},
		{"0x10", 0, 16},
		{"0x00ff", 0, 255},
		{"0xDEADbeef", 0, 0xdeadbeef},
		{"0xaAfF", 0, 0xaaff},
		{"0x`", -EINVAL, 0}, /* the neighbours of the letters */
		{"0xG", -EINVAL, 0},
		{"0x@", -EINVAL, 0},
		{"0xffffffffffffffff", 0, UINT64_MAX},
		{"0x10000000000000000", -ERANGE, 0},
		{"0o17", 0, 15},
		{"0o1777777777777777777777", 0, UINT64_MAX},
		{"0o2000000000000000000000", -ERANGE, 0},
		{"0o8", -EINVAL, 0},
		{"0x", -EINVAL, 0},
		{"0o", -EINVAL, 0},
		{"0xg", -EINVAL, 0},
		{"0X10", -EINVAL, 0},
		{"0b1", -EINVAL, 0},
		{"017", -EINVAL, 0},
		{"-0x1", -EINVAL, 0},
		{"x10", -EINVAL, 0},
	};
	static const struct number_case limited[] = {{"0xff", 0, 255}, {"0x100", -ERANGE, 0},
		{"0o377", 0, 255}, {"256", -ERANGE, 0}};
	(void)state;
	check_cases(read_int, cases, COUNT(cases));
	check_cases(read_int_to_255, limited, COUNT(limited));
}

static int read_mode(struct span s, uint64_t *out)
{
	uint32_t v = 0;
	int result = num_mode(s, &v);
	if (result == 0)
		*out = v;
	else
		assert_int_equal(v, 0);
	return result;
}

static void mode_is_octal(void **state)
{
	static const struct number_case cases[] = {
		{"0", 0, 0},
		{"755", 0, 0755},
		{"0755", 0, 0755},
		{"7777", 0, 07777},
		{"07777", 0, 07777},
		{"10000", -ERANGE, 0},
		{"40000000000000000000000000000755", -ERANGE, 0},
		{"8", -EINVAL, 0},
		{"0o755", -EINVAL, 0},
		{"", -EINVAL, 0},
		{"rwx", -EINVAL, 0},
	};
	(void)state;
	check_cases(read_mode, cases, COUNT(cases));
}

static void sizes_have_units(void **state)
{
	static const struct number_case cases[] = {
		{"0", 0, 0},
		{"512", 0, 512},
		{"64K", 0, 65536},
		{"16M", 0, 16777216},
		{"1G", 0, 1073741824},
		{"1T", 0, 1099511627776},
		{"infinity", 0, NUM_INFINITY},
		{"18446744073709551614", 0, UINT64_MAX - 1},
		{"18446744073709551615", -ERANGE, 0}, /* only the word means infinity */
		{"18014398509481983K", 0, 18446744073709550592ull},
		{"18014398509481984K", -ERANGE, 0},
		{"17179869183G", 0, 18446744072635809792ull},
		{"17179869184G", -ERANGE, 0},
		{"99999999999999999999K", -ERANGE, 0},
		{"K", -EINVAL, 0},
		{"64k", -EINVAL, 0},
		{"64KB", -EINVAL, 0},
		{"64KiB", -EINVAL, 0},
		{"64 K", -EINVAL, 0},
		{"064K", -EINVAL, 0},
		{"-1K", -EINVAL, 0},
		{"1.5M", -EINVAL, 0},
		{"1M1K", -EINVAL, 0},
		{"Infinity", -EINVAL, 0},
		{"infinityK", -EINVAL, 0},
		{"20%", -EINVAL, 0},
		{"", -EINVAL, 0},
	};
	(void)state;
	check_cases(num_size, cases, COUNT(cases));
}

static void times_are_milliseconds(void **state)
{
	static const struct number_case cases[] = {
		{"0", 0, 0},
		{"5", 0, 5000},
		{"500ms", 0, 500},
		{"5s", 0, 5000},
		{"2min", 0, 120000},
		{"1h", 0, 3600000},
		{"infinity", 0, NUM_INFINITY},
		{"1min 30s", 0, 90000},
		{"1h 2min 3s 4ms", 0, 3723004},
		{"30s  1min", 0, 90000},
		{"1s\t1ms", 0, 1001},
		{"90 s", 0, 90000},
		{"1 min\t30  s", 0, 90000},
		{"1min30s", 0, 90000},
		{"1.5s", 0, 1500},
		{"0.5s", 0, 500},
		{"1.5 min", 0, 90000},
		{"1.5", 0, 1500},
		{"2m", 0, 120000},
		{"2min", 0, 120000},
		{"2 minutes 1 minute", 0, 180000},
		{"5sec 1second 2 seconds", 0, 8000},
		{"20msec", 0, 20},
		{"1hr 1hour 2hours", 0, 4 * 3600000},
		{"1d 1day 2days", 0, 4 * 24 * 3600000},
		{"1w 1 week 2weeks", 0, 4ull * 7 * 24 * 3600000},
		{"5000us", 0, 5},
		{"500usec 0.5ms", 0, 1},
		{"0.100000000s", 0, 100},
	};
	(void)state;
	check_cases(num_time_ms, cases, COUNT(cases));
}

static void what_is_no_time(void **state)
{
	static const struct number_case cases[] = {
		{"1us", -EDOM, 0},
		{"1.0005s", -EDOM, 0},
		{"1.0000001s", -EDOM, 0},
		{"1us 2x", -EINVAL, 0}, /* form before fineness */
		{"18446744073709551ms", 0, 18446744073709551ull},
		{"18446744073709552ms", -ERANGE, 0},
		{"18446744073709551ms 1ms", -ERANGE, 0},
		{"18446744073709s", 0, 18446744073709000ull},
		{"18446744073710s", -ERANGE, 0},
		{"18446744073710", -ERANGE, 0},
		{"18446744073709.6s", -ERANGE, 0},
		{"5124095577h", -ERANGE, 0},
		{"99999999999999999999h 1x", -EINVAL, 0}, /* form before range */
		{"99999999999999999999h 1s", -ERANGE, 0},
		{"1s infinity", -EINVAL, 0},
		{"infinity 1s", -EINVAL, 0},
		{"1min 30", -EINVAL, 0},
		{"30 1min", -EINVAL, 0},
		{"5 10", -EINVAL, 0},
		{"5S", -EINVAL, 0},
		{"1M", -EINVAL, 0},
		{"1month", -EINVAL, 0},
		{"1y", -EINVAL, 0},
		{"ms", -EINVAL, 0},
		{"5 s s", -EINVAL, 0},
		{"5.s", -EINVAL, 0},
		{".5s", -EINVAL, 0},
		{"1.5.5s", -EINVAL, 0},
		{"1,5s", -EINVAL, 0},
		{"5s,1s", -EINVAL, 0},
		{"1e3s", -EINVAL, 0},
		{"+5s", -EINVAL, 0},
		{"-5s", -EINVAL, 0},
		{"05s", -EINVAL, 0},
		{" 5s", -EINVAL, 0},
		{"5s ", -EINVAL, 0},
		{" ", -EINVAL, 0},
		{"", -EINVAL, 0},
	};
	(void)state;
	check_cases(num_time_ms, cases, COUNT(cases));
}

static void booleans_are_eight_words(void **state)
{
	static const char *const yes[] = {"yes", "true", "on", "1"};
	static const char *const no[] = {"no", "false", "off", "0"};
	static const char *const neither[] = {"", "y", "Yes", "YES", "2", "yes ", "ye", "yess",
		"enable", "00", "\n"};
	bool v;
	(void)state;
	for (size_t i = 0; i < COUNT(yes); i++) {
		v = false;
		assert_int_equal(num_bool(span_of(yes[i]), &v), 0);
		assert_true(v);
		v = true;
		assert_int_equal(num_bool(span_of(no[i]), &v), 0);
		assert_false(v);
	}
	for (size_t i = 0; i < COUNT(neither); i++) {
		v = true;
		assert_int_equal(num_bool(span_of(neither[i]), &v), -EINVAL);
		assert_true(v);
	}
}

static int read_percent(struct span s, uint64_t *out)
{
	uint32_t v = 0;
	int result = num_percent(s, &v);
	if (result == 0)
		*out = v;
	else
		assert_int_equal(v, 0);
	return result;
}

static void percent_needs_its_sign(void **state)
{
	static const struct number_case cases[] = {
		{"0%", 0, 0},
		{"20%", 0, 20},
		{"400%", 0, 400},
		{"4294967295%", 0, UINT32_MAX},
		{"4294967296%", -ERANGE, 0},
		{"20", -EINVAL, 0},
		{"%", -EINVAL, 0},
		{"20%%", -EINVAL, 0},
		{"20 %", -EINVAL, 0},
		{"-1%", -EINVAL, 0},
		{"", -EINVAL, 0},
	};
	(void)state;
	check_cases(read_percent, cases, COUNT(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(u64_is_strict),
		cmocka_unit_test(a_span_is_not_a_string),
		cmocka_unit_test(i64_reaches_both_ends),
		cmocka_unit_test(int_knows_three_bases),
		cmocka_unit_test(mode_is_octal),
		cmocka_unit_test(sizes_have_units),
		cmocka_unit_test(times_are_milliseconds),
		cmocka_unit_test(what_is_no_time),
		cmocka_unit_test(booleans_are_eight_words),
		cmocka_unit_test(percent_needs_its_sign),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
