// needs: walls base
/* SPDX-License-Identifier: MIT
 * Bounded formatting: every number's ends, and cutting at every length. The walls' failure record
 * rests on it.
 */
#include "base/fmt.h"
#include "walls/apply.h"
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct fmt f;
static char text[128];

static int start(void **state)
{
	(void)state;
	memset(text, 'x', sizeof(text));
	fmt_init(&f, text, sizeof(text));
	return 0;
}

static void begins_empty(void **state)
{
	(void)state;
	assert_string_equal(text, "");
	assert_int_equal(f.len, 0);
	assert_false(f.cut);
}

static void pieces_follow_each_other(void **state)
{
	(void)state;
	fmt_str(&f, "pid ");
	fmt_u64(&f, 1);
	fmt_char(&f, ':');
	fmt_mem(&f, "abcdef", 3);
	fmt_mem(&f, NULL, 0);
	fmt_strs(&f, "-", "", "z", NULL);
	fmt_strs(&f, NULL);
	assert_string_equal(text, "pid 1:abc-z");
	assert_int_equal(f.len, strlen(text));
	assert_false(f.cut);
}

static void numbers_agree_with_stdio(void **state)
{
	static const uint64_t values[] = {0, 1, 9, 10, 255, 256, 4095, UINT32_MAX, INT64_MAX,
		(uint64_t)INT64_MAX + 1, UINT64_MAX};
	char expected[128];
	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		uint64_t v = values[i];
		fmt_init(&f, text, sizeof(text));
		fmt_u64(&f, v);
		fmt_char(&f, ' ');
		fmt_i64(&f, (int64_t)v);
		fmt_char(&f, ' ');
		fmt_hex(&f, v, 4);
		fmt_char(&f, ' ');
		fmt_octal(&f, v);
		snprintf(expected, sizeof(expected), "%" PRIu64 " %" PRId64 " %04" PRIx64 " %" PRIo64, v,
			(int64_t)v, v, v);
		assert_string_equal(text, expected);
	}
}

static void hex_pads_up_to_its_bound(void **state)
{
	(void)state;
	fmt_hex(&f, 0xab, 0);
	fmt_char(&f, ' ');
	fmt_hex(&f, 0xab, 16);
	assert_string_equal(text, "ab 00000000000000ab");
	fmt_init(&f, text, sizeof(text));
	fmt_hex(&f, 1, 1000000); /* a silly width is bounded, not an overflow */
	assert_int_equal(f.len, 64);
	assert_int_equal(text[63], '1');
}

/* Into a block of exactly `cap` bytes: the sanitizer sees one byte too many. */
static void cutting_at_every_length(void **state)
{
	const char *whole = "abc -12 0xff";
	(void)state;
	for (size_t cap = 1; cap <= strlen(whole) + 2; cap++) {
		char *buf = malloc(cap);
		struct fmt g;
		fmt_init(&g, buf, cap);
		fmt_strs(&g, "abc", " ", NULL);
		fmt_i64(&g, -12);
		fmt_str(&g, " 0x");
		fmt_hex(&g, 255, 2);
		assert_int_equal(g.cut, cap <= strlen(whole));
		assert_int_equal(g.len, cap <= strlen(whole) ? cap - 1 : strlen(whole));
		assert_memory_equal(buf, whole, g.len);
		assert_int_equal(buf[g.len], '\0');
		free(buf);
	}
}

static void failure_says_what_and_about(void **state)
{
	struct wall_why why;
	(void)state;
	assert_int_equal(wall_failed(&why, -EPERM, "/proc"), -EPERM);
	assert_string_equal(why.text, "/proc");
	assert_int_equal(wall_failed2(&why, -EINVAL, "memory.max", "16M"), -EINVAL);
	assert_string_equal(why.text, "memory.max 16M");
	assert_int_equal(wall_failed2(&why, -EIO, "mount", ""), -EIO);
	assert_string_equal(why.text, "mount");
	assert_int_equal(wall_failed2(&why, -EIO, "", "about"), -EIO);
	assert_string_equal(why.text, "about");
	wall_failed2(&why, -EIO, NULL, NULL);
	assert_string_equal(why.text, "");
}

static void a_long_reason_is_cut(void **state)
{
	struct wall_why why;
	char path[500];
	(void)state;
	memset(path, 'p', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(wall_failed2(&why, -ENOENT, "bind", path), -ENOENT);
	assert_int_equal(strlen(why.text), sizeof(why.text) - 1);
	assert_string_equal(why.text + sizeof(why.text) - 5, "p...");
}

/* One that just fits is whole; a piece that no longer fits, and each after it, leaves the mark
 * where it was. */
static void what_is_cut_says_so(void **state)
{
	char small[40];
	struct fmt g;
	(void)state;
	fmt_init(&g, small, sizeof(small));
	fmt_str(&g, "0123456789012345678901234567890123456.");
	fmt_char(&g, '!');
	assert_false(g.cut);
	assert_string_equal(small, "0123456789012345678901234567890123456.!");
	fmt_char(&g, '?');
	fmt_u64(&g, 7);
	assert_true(g.cut);
	assert_string_equal(small, "012345678901234567890123456789012345...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(begins_empty, start),
		cmocka_unit_test_setup(pieces_follow_each_other, start),
		cmocka_unit_test_setup(numbers_agree_with_stdio, start),
		cmocka_unit_test_setup(hex_pads_up_to_its_bound, start),
		cmocka_unit_test(cutting_at_every_length),
		cmocka_unit_test(failure_says_what_and_about),
		cmocka_unit_test(a_long_reason_is_cut),
		cmocka_unit_test(what_is_cut_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
