// needs: base
/* SPDX-License-Identifier: MIT
 * The kernel's command line: words, quotes, and that nothing inside a quoted value is a word. The
 * right answers are next_arg()'s of the kernel.
 */
#include "base/cmdline.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void words_as_the_kernel_takes_them_apart(void **state)
{
	static const struct {
		const char *line, *name, *value; /* of the first word; value NULL: it has none */
		const char *next;                /* name of the second, NULL: there is none */
	} table[] = {
		{"rescue", "rescue", NULL, NULL},
		{"  rescue\tquiet\n", "rescue", NULL, "quiet"},
		{"rescue=0 x", "rescue", "0", "x"},
		{"a= b", "a", "", "b"},
		{"a=b=c", "a", "b=c", NULL},
		{"a=\"b rescue c\" d", "a", "b rescue c", "d"},
		{"\"a=b rescue\" d", "a", "b rescue", "d"},
		{"\"rescue\" d", "rescue", NULL, "d"},
		{"a=\"rescue d", "a", "rescue d", NULL}, /* a quote that nobody closes lasts to the end */
		{"a=b\" rescue\" d", "a", "b\" rescue\"", "d"},
		{"=x d", "", "x", "d"},
		{"\" d", " d", NULL, NULL},
		{"\"", "", NULL, NULL},
		{"a=\"", "a", "", NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct span rest = span_of(table[i].line);
		struct cmdline_word word;
		assert_true(cmdline_next(&rest, &word));
		assert_true(span_is(word.name, table[i].name));
		assert_int_equal(word.has_value, table[i].value != NULL);
		assert_true(span_is(word.value, table[i].value ? table[i].value : ""));
		assert_int_equal(cmdline_next(&rest, &word), table[i].next != NULL);
		assert_true(!table[i].next || span_is(word.name, table[i].next));
	}
}

static void nothing_in_nothing(void **state)
{
	struct span rest = span_of(" \t\n ");
	struct cmdline_word word;
	(void)state;
	assert_false(cmdline_next(&rest, &word));
	rest = (struct span){NULL, 0};
	assert_false(cmdline_next(&rest, &word));
	assert_false(cmdline_has(rest, "rescue"));
	assert_false(cmdline_last(rest, "rescue", &word));
}

static void finds_words_and_never_in_a_value(void **state)
{
	struct span line = span_of(
		"console=tty0 console=ttyS0 note=\"say rescue or enforcing=0\" rescued ro");
	(void)state;
	assert_true(cmdline_has(line, "console"));
	assert_true(cmdline_has(line, "console=tty0"));
	assert_true(cmdline_has(line, "console=ttyS0"));
	assert_false(cmdline_has(line, "console=tty1"));
	assert_true(cmdline_has(line, "ro"));
	assert_false(cmdline_has(line, "ro="));
	assert_false(cmdline_has(line, "rescue"));
	assert_false(cmdline_has(line, "enforcing=0"));
}

static void of_several_the_last_one_says_it(void **state)
{
	struct span line = span_of(
		"wipe=1 wipe=0 clean reset=0 reset=1 \"say=a b\" clean=0 again=1 again");
	(void)state;
	assert_false(cmdline_says(line, "wipe=1"));
	assert_true(cmdline_says(line, "wipe=0"));
	assert_true(cmdline_says(line, "reset=1"));
	assert_false(cmdline_says(line, "reset"));
	assert_false(cmdline_says(line, "clean"));
	assert_true(cmdline_says(line, "say=a b"));
	assert_true(cmdline_says(line, "again"));
	assert_false(cmdline_says(line, "none"));
}

static void the_last_one_wins(void **state)
{
	struct span line = span_of("rescue=1 bulkhead.group=a rescue=0 bulkhead.group=b");
	struct cmdline_word word;
	(void)state;
	assert_true(cmdline_last(line, "rescue", &word));
	assert_true(span_is(word.value, "0"));
	assert_true(cmdline_last(line, "bulkhead.group", &word));
	assert_true(span_is(word.value, "b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_as_the_kernel_takes_them_apart),
		cmocka_unit_test(nothing_in_nothing),
		cmocka_unit_test(finds_words_and_never_in_a_value),
		cmocka_unit_test(of_several_the_last_one_says_it),
		cmocka_unit_test(the_last_one_wins),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
