// needs: base
/* SPDX-License-Identifier: MIT
 * EnvironmentFile as systemd reads it, and what cannot be read is an error with its line.
 */
#include "base/envfile.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Every variable with a | behind it, or "LINE: WRONG" at its end. The copy has just the bytes that it
 * may use, so that a sanitizer sees others. */
static const char *read_back(const char *text, size_t n)
{
	static char all[512];
	char *copy = malloc(n + 1), *variable;
	struct envfile e;
	int more;
	assert_non_null(copy);
	memcpy(copy, text, n);
	all[0] = 0;
	envfile_begin(&e, copy, n);
	while ((more = envfile_next(&e, &variable)) > 0)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s|", variable);
	if (more < 0)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%u: %s", e.line, e.wrong);
	free(copy);
	return all;
}

#define IS(text, want) assert_string_equal(read_back(text, sizeof(text) - 1), want)
#define NO_LINE ": expected NAME=value, a comment or an empty line"

static void lines(void **state)
{
	(void)state;
	IS("", "");
	IS("A=b", "A=b|");
	IS("A=b\nB=c\n", "A=b|B=c|");
	IS("  A = b c \t\r\n\r\n \nB=", "A=b c|B=|");
	IS("# A=b\n; C=d\n  # E\\\nF=g # h\n#", "F=g # h|");
	IS("A=b=c\n_1=2\n", "A=b=c|_1=2|");
	IS("A=1\nA=2\n", "A=1|A=2|");
}

static void quotes(void **state)
{
	(void)state;
	IS("A=\"b c\"\nB='d \"e'", "A=b c|B=d \"e|");
	IS("A=\" b \" ' c ' d", "A= b  c d|");
	IS("A=b\"c\" d'\n", "A=b\"c\" d'|");
	IS("A=\"b\nc\"\nB=d", "A=b\nc|B=d|");
	IS("A='b\\\nc'", "A=b\\\nc|");
	IS("A=\"\"\nB=''", "A=|B=|");
}

static void backslashes(void **state)
{
	(void)state;
	IS("A=b\\\nc\nB=d", "A=bc|B=d|");
	IS("A=\\\"b\\\\\\n\nB=c\\ \n", "A=\"b\\n|B=c |");
	IS("A=\"b\\\"c\\\\d\\$e\\`f\\g\\\nh\"", "A=b\"c\\d$e`f\\gh|");
	IS("A=b\\", "A=b|");
}

static void what_cannot_be_read(void **state)
{
	(void)state;
	IS("A=b\nexport C=d\n", "A=b|2" NO_LINE);
	IS("\n\nif [ x ]; then", "3" NO_LINE);
	IS("1A=b", "1" NO_LINE);
	IS("A\n=b", "1" NO_LINE);
	IS("=b", "1" NO_LINE);
	IS("A-B=c", "1" NO_LINE);
	IS("A=\"b\nC=d\nE='f", "1: the quotation mark is not closed");
	IS("A=1\nB='b", "A=1|2: the quotation mark is not closed");
	IS("A=\"b\\", "1: the quotation mark is not closed");
	IS("A=b\0c", "1: a NUL byte");
	IS("A=b\xff", "1: bytes that are not UTF-8");
	IS("A=b\n\xc3\xa4=c", "A=b|2" NO_LINE);
	IS("A=\xc3\xa4", "A=\xc3\xa4|");
}

static const char *words_of(const char *text)
{
	static char all[256];
	char copy[256], *rest = copy, *word;
	int more;
	snprintf(copy, sizeof(copy), "%s", text);
	all[0] = 0;
	while ((more = envfile_word(&rest, &word)) > 0)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s|", word);
	return more < 0 ? "unclosed" : all;
}

static void words(void **state)
{
	(void)state;
	assert_string_equal(words_of(""), "");
	assert_string_equal(words_of(" \t\n"), "");
	assert_string_equal(words_of("a  b\nc "), "a|b|c|");
	assert_string_equal(words_of("'a b' \"c 'd\" e'f g'h ''"), "a b|c 'd|ef gh||");
	assert_string_equal(words_of("a 'b"), "unclosed");
}

static void names(void **state)
{
	(void)state;
	assert_true(envfile_is_name("A_1", 3));
	assert_false(envfile_is_name("1A", 2));
	assert_false(envfile_is_name("", 0));
	assert_true(envfile_is_given("NOTIFY_SOCKET", 13));
	assert_false(envfile_is_given("NOTIFY_SOCKET_", 14));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(quotes),
		cmocka_unit_test(backslashes),
		cmocka_unit_test(what_cannot_be_read),
		cmocka_unit_test(words),
		cmocka_unit_test(names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
