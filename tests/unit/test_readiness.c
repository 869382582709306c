// needs: engine plan base
/* SPDX-License-Identifier: MIT
 * What a readiness message says, word by word, and what ends a NotificationFD.
 */
#include "base/count.h"
#include "engine/readiness.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* R, W: ready, watchdog; S and the text: status. */
static const struct {
	const char *bytes;
	size_t n;
	const char *words;
} messages[] = {
	{"READY=1", 7, "R"},
	{"READY=1\n", 8, "R"},
	{"READY=1", 8, "R"},  /* with the NUL of a string in C */
	{"READY=1\0", 9, ""}, /* with two it is no whole word */
	{"WATCHDOG=1\0", 12, ""},
	{"READY=1\nWATCHDOG=1\0", 20, "R"},
	{"STATUS=up\nREADY=1", 17, "SupR"},
	{"READY=1\nWATCHDOG=1\nSTATUS=", 26, "RWS"},
	{"READY=11", 8, ""},
	{"XREADY=1\nMAINPID=3\n\n\nREADY=1", 28, "VMAINPIDR"},
	{"WATCHDOG=trigger", 16, "VWATCHDOG=trigge"},
	{"EXTEND_TIMEOUT_USECS=1\nERRNO=1", 30, ""},
	{" READY=1", 8, ""},
	{"STATUS=a\033[2J\xff\tb", 16, "Sa?[2J??b"},
	{"\n", 1, ""},
	{"", 1, ""},
	{"", 0, ""},
};

static void words_of_a_message(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(messages); i++) {
		struct span message = readiness_message(messages[i].bytes, messages[i].n), text;
		char words[64] = "", printed[16];
		for (enum readiness_word w; (w = readiness_next(&message, &text)) != READINESS_END;) {
			strcat(words,
				w == READINESS_READY      ? "R"
					: w == READINESS_PING ? "W"
					: w == READINESS_VAIN ? "V"
										  : "S");
			if (w != READINESS_STATUS && w != READINESS_VAIN)
				continue;
			readiness_text(printed, sizeof(printed), text);
			strcat(words, printed);
		}
		assert_string_equal(words, messages[i].words);
	}
}

static void a_text_is_cut(void **state)
{
	(void)state;
	char printed[5];
	readiness_text(printed, sizeof(printed), span_of("abcdefgh"));
	assert_string_equal(printed, "abcd");
}

static void what_ends_a_notification_fd(void **state)
{
	(void)state;
	const struct sender end = {.pid = -1}, somebody = {.pid = 7},
						carrier = {.pid = 7, .carries = true};
	bool ready;
	assert_true(readiness_is_over("x\ny", 3, &somebody, &ready));
	assert_true(ready);
	assert_false(readiness_is_over("xy", 2, &somebody, &ready));
	assert_false(readiness_is_over("\n", 0, &somebody, &ready)); /* a message of no bytes */
	assert_true(readiness_is_over("\n", 0, &end, &ready));
	assert_false(ready);
	assert_true(readiness_is_over("xy", 2, &carrier, &ready));
	assert_false(ready);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_a_message),
		cmocka_unit_test(a_text_is_cut),
		cmocka_unit_test(what_ends_a_notification_fd),
	};
	return cmocka_run_group_tests_name("readiness", tests, NULL, NULL);
}
