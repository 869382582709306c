// needs: print base CONFIG_JSON
/* SPDX-License-Identifier: MIT
 * Text and JSON of bytes that somebody else wrote: none of them reaches a terminal or breaks a
 * parser.
 */
#include "print/json.h"
#include "base/utf8.h"
#include "print/escape.h"
#include "test_seed.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char text[4096];
static struct fmt f;

static int start(void **state)
{
	(void)state;
	fmt_init(&f, text, sizeof(text));
	return 0;
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
		assert_int_equal(utf8_length(cases[i].bytes, cases[i].n), cases[i].length);
}

static void what_a_service_wrote_is_harmless(void **state)
{
	(void)state;
	text_printable(&f, "a\tb\x1b[31m\x7f\r\0z\xff\xc3\xa4\xc2\x9b", 17);
	assert_string_equal(text, "a\tb\\x1b[31m\\x7f\\x0d\\x00z\\xff\xc3\xa4\\xc2\\x9b");
}

/* Marks that reorder a line make it look like another one; those that only belong to a script do
 * not. */
static void marks_that_reorder_a_line_are_shown(void **state)
{
	(void)state;
	text_printable(&f, "\xe2\x80\xaey\xe2\x81\xa6\xd8\x9c\xe2\x80\x8f\xe2\x80\xa8\xd7\x90", 17);
	assert_string_equal(text,
		"\\xe2\\x80\\xaey\\xe2\\x81\\xa6\\xd8\\x9c\\xe2\\x80\\x8f\\xe2\\x80\\xa8\xd7\x90");
	start(NULL);
	text_json(&f, "\xe2\x80\xae\xd8\x9c\xe2\x81\xa9\xe2\x80\x90", 11);
	assert_string_equal(text, "\"\\u202e\\u061c\\u2069\xe2\x80\x90\"");
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
				size_t length = utf8_length(text + at, f.len - at);
				assert_true(length > 0);
				assert_true((unsigned char)text[at] >= ' ' || text[at] == '\t');
				assert_true(text[at] != 0x7f);
				at += length;
			}
		}
	}
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

/* Rows in an object of lines, lines in a row, and a member that stays beside the one before. */
static void fill_mixed(struct json *j)
{
	json_open(j, NULL, '{');
	json_words(j, "words", span_of("a b"));
	json_u64(j, "uid", 1);
	j->beside = true;
	json_u64(j, "gid", 2);
	json_row(j, "running", '{');
	json_tenths(j, "score", 105);
	json_open(j, "rows", '[');
	json_row(j, NULL, '{');
	json_span(j, "x", span_of("\x1b\xff"));
	json_close(j, '}');
	json_close(j, ']');
	json_close(j, '}');
	json_close(j, '}');
}

static void json_rows(void **state)
{
	char *out = json_of(false, fill_mixed), *flat = json_of(true, fill_mixed);
	(void)state;
	assert_string_equal(out,
		"{\n  \"words\": [\"a\", \"b\"],\n  \"uid\": 1, \"gid\": 2,\n  \"running\": {\"score\": 10.5, "
		"\"rows\": [\n    {\"x\": \"\\u001b\\ufffd\"}\n  ]}\n}\n");
	assert_ptr_equal(strchr(flat, '\n'), flat + strlen(flat) - 1);
	free(out);
	free(flat);
}

static void without_a_stream_nothing_is_written(void **state)
{
	struct json j = {.out = NULL};
	(void)state;
	fill_mixed(&j);
	assert_int_equal(j.depth, 0);
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
		cmocka_unit_test_setup(utf8, start),
		cmocka_unit_test_setup(what_a_service_wrote_is_harmless, start),
		cmocka_unit_test_setup(marks_that_reorder_a_line_are_shown, start),
		cmocka_unit_test_setup(json_strings, start),
		cmocka_unit_test_setup(random_bytes_are_harmless, start),
		cmocka_unit_test_setup(json_structure, start),
		cmocka_unit_test_setup(json_rows, start),
		cmocka_unit_test_setup(without_a_stream_nothing_is_written, start),
		cmocka_unit_test_setup(a_long_string_is_not_cut_through_a_character, start),
	};
	return cmocka_run_group_tests_name("text and JSON", tests, NULL, NULL);
}
