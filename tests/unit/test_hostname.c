// needs: base
/* SPDX-License-Identifier: MIT
 * What is a host's name, and which word of /etc/hostname is it.
 */
#include "base/count.h"
#include "base/hostname.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void names(void **state)
{
	static const char *const good[] = {"a", "box", "Router-2", "my_device", "a.b.c", "1", "web@1",
		"0123456789012345678901234567890123456789012345678901234567890123"};
	static const char *const bad[] = {"", ".", "a.", ".a", "a..b", "-a", "\"a\"", "a b", "a/b", "#",
		"a\r", "(none)", "f\xc3\xbc", "a!",
		"01234567890123456789012345678901234567890123456789012345678901234"};
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(hostname_valid(span_of(good[i])));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(hostname_valid(span_of(bad[i])));
}

static void the_word_of_the_file(void **state)
{
	static const struct {
		const char *text, *name; /* NULL: it has none */
	} table[] = {
		{"box\n", "box"},
		{"box", "box"},
		{"box\r\n", "box"},
		{"\xef\xbb\xbf"
		 "box\r\n",
			"box"},
		{"\n\n \t box \n", "box"},
		{"# Managed by hand\nbox\n", "box"},
		{"  # box\r\n\r\nrouter # of mine\r\n", "router"},
		{"one\ntwo\n", "one"},
		{"", NULL},
		{"\r\n# box", NULL},
		{"a!\nbox\n", "a!"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct span name;
		assert_int_equal(hostname_find(span_of(table[i].text), &name), table[i].name != NULL);
		assert_true(span_is(name, table[i].name ? table[i].name : ""));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(the_word_of_the_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
