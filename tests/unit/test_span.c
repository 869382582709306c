// needs: base
/* SPDX-License-Identifier: MIT
 * Runs of bytes: trimming, words and bounded copies, with empty and NULL spans.
 */
#include "base/span.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct span nothing = {NULL, 0};

static void spans_of_strings(void **state)
{
	(void)state;
	assert_int_equal(span_of(NULL).n, 0);
	assert_int_equal(span_of("").n, 0);
	assert_int_equal(span_of("abc").n, 3);
}

static void trimming_takes_blanks_and_tabs(void **state)
{
	(void)state;
	assert_true(span_is(span_trim(span_of(" \t a b \t")), "a b"));
	assert_true(span_is(span_trim(span_of("a")), "a"));
	assert_true(span_is(span_trim(span_of("\na\r")), "\na\r"));
	assert_int_equal(span_trim(span_of(" \t \t")).n, 0);
	assert_int_equal(span_trim(nothing).n, 0);
}

static void equality_is_byte_for_byte(void **state)
{
	(void)state;
	assert_true(span_is(span_of("abc"), "abc"));
	assert_false(span_is(span_of("abc"), "ab"));
	assert_false(span_is(span_of("ab"), "abc"));
	assert_false(span_is(span_of("abc"), "ABC"));
	assert_true(span_is((struct span){"abcdef", 3}, "abc"));
	assert_false(span_is((struct span){"a\0b", 3}, "a"));
	assert_true(span_is(nothing, ""));
	assert_false(span_is(nothing, "a"));
}

static void beginnings(void **state)
{
	(void)state;
	assert_true(span_starts(span_of("netns:blue"), "netns:"));
	assert_true(span_starts(span_of("abc"), "abc"));
	assert_true(span_starts(span_of("abc"), ""));
	assert_true(span_starts(nothing, ""));
	assert_false(span_starts(nothing, "a"));
	assert_false(span_starts((struct span){"abc", 2}, "abc"));
}

static void words_come_off_one_by_one(void **state)
{
	struct span rest = span_of("  one\ttwo   th,ree "), word = nothing;
	(void)state;
	assert_true(span_word(&rest, &word));
	assert_true(span_is(word, "one"));
	assert_true(span_word(&rest, &word));
	assert_true(span_is(word, "two"));
	assert_true(span_word(&rest, &word));
	assert_true(span_is(word, "th,ree"));
	assert_false(span_word(&rest, &word));
	assert_true(span_is(word, "th,ree")); /* left alone */
	assert_false(span_word(&rest, &word));
}

static void no_word_in_nothing(void **state)
{
	struct span rest = nothing, blank = span_of(" \t "), word = nothing;
	(void)state;
	assert_false(span_word(&rest, &word));
	assert_false(span_word(&blank, &word));
	assert_int_equal(blank.n, 0);
}

static void words_stay_inside_the_span(void **state)
{
	struct span rest = {"one two", 5}, word = nothing;
	(void)state;
	assert_true(span_word(&rest, &word));
	assert_true(span_word(&rest, &word));
	assert_true(span_is(word, "t"));
	assert_false(span_word(&rest, &word));
}

static void copies_fit_or_are_empty(void **state)
{
	char buf[4] = "xxx";
	(void)state;
	assert_int_equal(span_copy(span_of("abc"), buf, sizeof(buf)), 0);
	assert_string_equal(buf, "abc");
	assert_int_equal(span_copy(span_of("abcd"), buf, sizeof(buf)), -ENAMETOOLONG);
	assert_string_equal(buf, "");
	assert_int_equal(span_copy((struct span){"abcd", 2}, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "ab");
	assert_int_equal(span_copy(nothing, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "");
	assert_int_equal(span_copy(nothing, buf, 1), 0);
	assert_int_equal(span_copy(span_of("a"), buf, 1), -ENAMETOOLONG);
	assert_int_equal(span_copy(span_of("a"), NULL, 0), -ENAMETOOLONG);
}

static void a_copy_never_hides_a_nul(void **state)
{
	char buf[8] = "xxx";
	(void)state;
	assert_int_equal(span_copy((struct span){"ok\0../", 6}, buf, sizeof(buf)), -EINVAL);
	assert_string_equal(buf, "");
}

static void lines_come_off_one_by_one(void **state)
{
	struct span rest = {"a\n\n b", 5}, line;
	(void)state;
	assert_true(span_line(&rest, &line) && span_is(line, "a"));
	assert_true(span_line(&rest, &line) && line.n == 0);
	assert_true(span_line(&rest, &line) && span_is(line, " b"));
	assert_false(span_line(&rest, &line));
	rest = (struct span){"x\n", 2};
	assert_true(span_line(&rest, &line) && span_is(line, "x"));
	assert_false(span_line(&rest, &line));
	rest = span_text(span_of("\xef\xbb\xbf"
							 "a\r\n\r\nb\rc"));
	assert_true(span_text_line(&rest, &line) && span_is(line, "a"));
	assert_true(span_text_line(&rest, &line) && line.n == 0);
	assert_true(span_text_line(&rest, &line) && span_is(line, "b\rc"));
	assert_false(span_text_line(&rest, &line));
	assert_true(span_text(span_of("")).n == 0);
}

static void parts_come_off_one_by_one(void **state)
{
	struct span rest = span_of("a,,b,"), part, value;
	(void)state;
	assert_true(span_part(&rest, ',', &part) && span_is(part, "a"));
	assert_true(span_part(&rest, ',', &part) && part.n == 0);
	assert_true(span_part(&rest, ',', &part) && span_is(part, "b"));
	assert_false(span_part(&rest, ',', &part));
	assert_true(span_cut(span_of("a=b=c"), '=', &part, &value));
	assert_true(span_is(part, "a") && span_is(value, "b=c"));
	assert_true(span_cut(span_of("="), '=', &part, &value) && part.n == 0 && value.n == 0);
	assert_false(span_cut(span_of("abc"), '=', &part, &value));
	assert_true(span_is(part, "abc") && span_same(value, nothing));
	assert_false(span_cut(nothing, '=', &part, &value));
}

static void octal_escapes_are_undone(void **state)
{
	static const struct {
		const char *escaped, *plain;
	} cases[] = {{"", ""}, {"/a\\040b", "/a b"}, {"\\134", "\\"}, {"\\", "\\"}, {"\\04", "\\04"},
		{"\\048x", "\\048x"}, {"\\400", "\\400"}, {"\\011\\012", "\t\n"}};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[16];
		snprintf(text, sizeof(text), "%s", cases[i].escaped);
		text[span_unescape(text, strlen(text))] = 0;
		assert_string_equal(text, cases[i].plain);
	}
}

static void what_stands_behind_a_word(void **state)
{
	(void)state;
	assert_string_equal(span_behind("a: 1\nb: 2\n", "b: "), "2\n");
	assert_string_equal(span_behind("aab", "ab"), "");
	assert_string_equal(span_behind("x=1 x=2", "x="), "1 x=2");
	assert_null(span_behind("ab", "abc"));
	assert_null(span_behind("", "a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_of_strings),
		cmocka_unit_test(trimming_takes_blanks_and_tabs),
		cmocka_unit_test(equality_is_byte_for_byte),
		cmocka_unit_test(beginnings),
		cmocka_unit_test(words_come_off_one_by_one),
		cmocka_unit_test(no_word_in_nothing),
		cmocka_unit_test(words_stay_inside_the_span),
		cmocka_unit_test(lines_come_off_one_by_one),
		cmocka_unit_test(parts_come_off_one_by_one),
		cmocka_unit_test(octal_escapes_are_undone),
		cmocka_unit_test(what_stands_behind_a_word),
		cmocka_unit_test(copies_fit_or_are_empty),
		cmocka_unit_test(a_copy_never_hides_a_nul),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
