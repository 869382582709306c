// needs: ctl/text.c ctl/json.c base/fmt.c base/errname.c
/* SPDX-License-Identifier: MIT
 * Values as text and as JSON; above all that no byte of a service reaches a terminal or breaks a
 * parser.
 */
#include "ctl/json.h"
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

static void utf8(void **state)
{
	static const struct {
		const char *bytes;
		size_t n, length;
	} cases[] = {
		{"a", 1, 1},
		{"\xc3\xa4", 2, 2},
		{"\xe2\x82\xac", 3, 3},
		{"\xf0\x9f\x98\x80", 4, 4},
		{"\xf4\x8f\xbf\xbf", 4, 4},
		{"\xf4\x90\x80\x80", 4, 0},
		{"\xc3", 1, 0},
		{"\xc3\x41", 2, 0},
		{"\xe2\x82", 2, 0},
		{"\xc0\x80", 2, 0},
		{"\xe0\x80\x80", 3, 0},
		{"\xed\xa0\x80", 3, 0},
		{"\x80", 1, 0},
		{"\xff", 1, 0},
		{"", 0, 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(text_utf8(cases[i].bytes, cases[i].n), cases[i].length);
}

static void what_a_service_wrote_is_harmless(void **state)
{
	(void)state;
	text_printable(&f, "a\tb\x1b[31m\x7f\r\0z\xff\xc3\xa4\xc2\x9b", 17);
	assert_string_equal(text, "a\tb\\x1b[31m\\x7f\\x0d\\x00z\\xff\xc3\xa4\\xc2\\x9b");
}

static void json_strings(void **state)
{
	(void)state;
	text_json(&f, "a\"b\\c\n\t\x1b\0\xff\xc3\xa4/\x7f\xc2\x9b", 16);
	assert_string_equal(text, "\"a\\\"b\\\\c\\n\\t\\u001b\\u0000\\ufffd\xc3\xa4/\\u007f\\u009b\"");
}

/* Random bytes: printable output holds no control character and is UTF-8, whatever came. */
static void random_bytes_are_harmless(void **state)
{
	uint64_t random = seed();
	(void)state;
	for (int i = 0; i < 20000; i++) {
		char bytes[100];
		size_t n = next_random(&random) % sizeof(bytes);
		for (size_t k = 0; k < n; k++)
			bytes[k] = (char)(next_random(&random) >> (i % 2 ? 0 : 3) | (i % 3 ? 0x80 : 0));
		for (int form = 0; form < 2; form++) {
			start(NULL);
			(form ? text_json : text_printable)(&f, bytes, n);
			assert_false(f.cut);
			for (size_t at = 0; at < f.len;) {
				size_t length = text_utf8(text + at, f.len - at);
				assert_true(length > 0);
				assert_true((unsigned char)text[at] >= ' ' || text[at] == '\t');
				assert_true(text[at] != 0x7f);
				at += length;
			}
		}
	}
}

static void columns(void **state)
{
	(void)state;
	assert_int_equal(text_columns(""), 0);
	assert_int_equal(text_columns("abc"), 3);
	assert_int_equal(text_columns("\xe2\x94\x94\xe2\x94\x80 a"), 4);
}

static char *json_of(bool flat, void (*fill)(struct json *))
{
	char *out = NULL;
	size_t n = 0;
	struct json j = {.out = open_memstream(&out, &n), .flat = flat};
	fill(&j);
	fclose(j.out);
	return out;
}

static void fill(struct json *j)
{
	json_open(j, NULL, '{');
	json_text(j, "a", "x\"y");
	json_open(j, "list", '[');
	json_u64(j, NULL, UINT64_MAX);
	json_i64(j, NULL, INT64_MIN);
	json_open(j, NULL, '{');
	json_close(j, '}');
	json_close(j, ']');
	json_bool(j, "yes", true);
	json_null(j, "none");
	json_close(j, '}');
}

static void json_structure(void **state)
{
	char *flat = json_of(true, fill), *full = json_of(false, fill);
	(void)state;
	assert_string_equal(flat,
		"{\"a\": \"x\\\"y\", \"list\": [18446744073709551615, -9223372036854775808, {}], \"yes\": true, \"none\": null}\n");
	assert_string_equal(full,
		"{\n  \"a\": \"x\\\"y\",\n  \"list\": [\n    18446744073709551615,\n    -9223372036854775808,\n    {}\n  ],\n  \"yes\": true,\n  "
		"\"none\": null\n}\n");
	free(flat);
	free(full);
}

static void fill_long(struct json *j)
{
	static char bytes[3000];
	for (size_t i = 0; i < sizeof(bytes); i += 3)
		memcpy(bytes + i, "\xe2\x82\xac", 3);
	json_bytes(j, NULL, bytes, sizeof(bytes));
}

static void a_long_string_is_not_cut_through_a_character(void **state)
{
	char *out = json_of(true, fill_long);
	(void)state;
	assert_int_equal(strlen(out), 3002);
	assert_null(strstr(out, "ufffd"));
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(durations, start),
		cmocka_unit_test_setup(sizes, start),
		cmocka_unit_test_setup(wait_statuses, start),
		cmocka_unit_test_setup(dates_agree_with_the_library, start),
		cmocka_unit_test_setup(utf8, start),
		cmocka_unit_test_setup(what_a_service_wrote_is_harmless, start),
		cmocka_unit_test_setup(json_strings, start),
		cmocka_unit_test_setup(random_bytes_are_harmless, start),
		cmocka_unit_test_setup(columns, start),
		cmocka_unit_test_setup(json_structure, start),
		cmocka_unit_test_setup(a_long_string_is_not_cut_through_a_character, start),
	};
	return cmocka_run_group_tests_name("bulkctl's text", tests, NULL, NULL);
}
