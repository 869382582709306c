// needs: pid1 base
/* SPDX-License-Identifier: MIT
 * Command lines of poweroff, reboot, halt, shutdown and init: what they ask for, and that what is
 * not known asks for nothing.
 */
#include "base/count.h"
#include "pid1/control/order.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WORDS_MAX 6

struct row {
	const char *words[WORDS_MAX]; /* the name first */
	enum order_act act;
	enum plan_final final;
	uint32_t delay_s;
	bool no_sync;
};

static const struct row good[] = {
	{{"poweroff"}, ORDER_ASK, FINAL_POWEROFF, 0, false},
	{{"reboot"}, ORDER_ASK, FINAL_REBOOT, 0, false},
	{{"halt"}, ORDER_ASK, FINAL_HALT, 0, false},
	{{"halt", "-p"}, ORDER_ASK, FINAL_POWEROFF, 0, false},
	{{"reboot", "-f"}, ORDER_FORCE, FINAL_REBOOT, 0, false},
	{{"reboot", "-f", "-n"}, ORDER_FORCE, FINAL_REBOOT, 0, true},
	{{"reboot", "-nf"}, ORDER_FORCE, FINAL_REBOOT, 0, true},
	{{"halt", "-fp"}, ORDER_FORCE, FINAL_POWEROFF, 0, false},
	{{"reboot", "-d", "5"}, ORDER_ASK, FINAL_REBOOT, 5, false},
	{{"reboot", "-d5"}, ORDER_ASK, FINAL_REBOOT, 5, false},
	{{"poweroff", "-fnd5"}, ORDER_FORCE, FINAL_POWEROFF, 5, true},
	{{"poweroff", "-d", "86400", "-f"}, ORDER_FORCE, FINAL_POWEROFF, 86400, false},
	{{"reboot", "--"}, ORDER_ASK, FINAL_REBOOT, 0, false},
	{{"shutdown"}, ORDER_ASK, FINAL_POWEROFF, 0, false},
	{{"shutdown", "now"}, ORDER_ASK, FINAL_POWEROFF, 0, false},
	{{"shutdown", "-h", "now"}, ORDER_ASK, FINAL_POWEROFF, 0, false},
	{{"shutdown", "-P", "+0"}, ORDER_ASK, FINAL_POWEROFF, 0, false},
	{{"shutdown", "-r", "now"}, ORDER_ASK, FINAL_REBOOT, 0, false},
	{{"shutdown", "now", "-r"}, ORDER_ASK, FINAL_REBOOT, 0, false},
	{{"shutdown", "-H"}, ORDER_ASK, FINAL_HALT, 0, false},
	{{"init", "0"}, ORDER_ASK, FINAL_POWEROFF, 0, false},
	{{"init", "6"}, ORDER_ASK, FINAL_REBOOT, 0, false},
	{{"init", "1"}, ORDER_ASK, FINAL_RESCUE, 0, false},
	{{"init", "s"}, ORDER_ASK, FINAL_RESCUE, 0, false},
	{{"init", "S"}, ORDER_ASK, FINAL_RESCUE, 0, false},
};

/* Nothing is done. */
static const struct {
	const char *words[WORDS_MAX];
	enum order_act act;
	const char *what, *word;
} still[] = {
	{{"reboot", "--help"}, ORDER_HELP, NULL, ""},
	{{"poweroff", "-f", "--help"}, ORDER_HELP, NULL, ""},
	{{"shutdown", "--help"}, ORDER_HELP, NULL, ""},
	{{"init", "--help"}, ORDER_HELP, NULL, ""},
	{{"shutdown", "-c"}, ORDER_CANCEL, NULL, ""},
	{{"shutdown", "-r", "-c"}, ORDER_CANCEL, NULL, ""},
	{{"shutdown", "-rc", "now"}, ORDER_CANCEL, NULL, ""},
	{{"shutdown", "-rh", "now"}, ORDER_WRONG, "one of them", "-rh"},
	{{"shutdown", "-h", "-r"}, ORDER_WRONG, "one of them", "-r"},
	{{"shutdown", "-r", "+60"}, ORDER_WRONG, "neither times", "+60"},
	{{"shutdown", "-r", "23:00"}, ORDER_WRONG, "neither times", "23:00"},
	{{"shutdown", "10"}, ORDER_WRONG, "neither times", "10"},
	{{"shutdown", "now", "power", "goes"}, ORDER_WRONG, "nor messages", "power"},
	{{"shutdown", "-k", "now"}, ORDER_WRONG, "unknown option", "-k"},
	{{"shutdown", "-rF", "now"}, ORDER_WRONG, "unknown option", "-rF"},
	{{"shutdown", "-f"}, ORDER_WRONG, "unknown option", "-f"},
	{{"shutdown", "--reboot"}, ORDER_WRONG, "unknown option", "--reboot"},
	{{"poweroff", "nonsense"}, ORDER_WRONG, "no argument", "nonsense"},
	{{"poweroff", "now"}, ORDER_WRONG, "no argument", "now"},
	{{"poweroff", ""}, ORDER_WRONG, "no argument", ""},
	{{"poweroff", "--", "--help"}, ORDER_WRONG, "no argument", "--help"},
	{{"poweroff", "--bad", "--help"}, ORDER_WRONG, "unknown option", "--bad"},
	{{"reboot", "-"}, ORDER_WRONG, "unknown option", "-"},
	{{"reboot", "-h"}, ORDER_WRONG, "unknown option", "-h"},
	{{"poweroff", "-p"}, ORDER_WRONG, "unknown option", "-p"},
	{{"reboot", "-p"}, ORDER_WRONG, "unknown option", "-p"},
	{{"reboot", "-w"}, ORDER_WRONG, "unknown option", "-w"},
	{{"reboot", "--version"}, ORDER_WRONG, "unknown option", "--version"},
	{{"reboot", "-n"}, ORDER_WRONG, "-n is for -f", ""},
	{{"reboot", "-d"}, ORDER_WRONG, "-d takes", ""},
	{{"reboot", "-fd"}, ORDER_WRONG, "-d takes", ""},
	{{"reboot", "-d", ""}, ORDER_WRONG, "-d takes", ""},
	{{"reboot", "-d", "soon"}, ORDER_WRONG, "-d takes", "soon"},
	{{"reboot", "-d", "-1"}, ORDER_WRONG, "-d takes", "-1"},
	{{"reboot", "-d", "86401"}, ORDER_WRONG, "-d takes", "86401"},
	{{"reboot", "-d", "4294967296"}, ORDER_WRONG, "-d takes", "4294967296"},
	{{"init"}, ORDER_WRONG, "which runlevel", ""},
	{{"init", "q"}, ORDER_WRONG, "no such runlevel", "q"},
	{{"init", "u"}, ORDER_WRONG, "no such runlevel", "u"},
	{{"init", "3"}, ORDER_WRONG, "no such runlevel", "3"},
	{{"init", "06"}, ORDER_WRONG, "no such runlevel", "06"},
	{{"init", ""}, ORDER_WRONG, "no such runlevel", ""},
	{{"init", "0", "6"}, ORDER_WRONG, "one runlevel", "6"},
	{{"init", "6", "now"}, ORDER_WRONG, "no such runlevel", "now"},
	{{"init", "--version"}, ORDER_WRONG, "unknown option", "--version"},
	{{"init", "-f", "0"}, ORDER_WRONG, "unknown option", "-f"},
	{{"telinit", "6"}, ORDER_WRONG, "no program", ""},
	{{"sh", "-c", "true"}, ORDER_WRONG, "no program", ""},
	{{""}, ORDER_WRONG, "no program", ""},
};

static struct order read_row(const char *const *words)
{
	char *argv[WORDS_MAX + 1];
	struct order o;
	int n = 0;
	for (; n < WORDS_MAX && words[n]; n++)
		argv[n] = (char *)words[n];
	argv[n] = NULL;
	order_read(&o, words[0], n, argv);
	return o;
}

static void test_what_is_asked_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		const struct row *r = &good[i];
		struct order o = read_row(r->words);
		if (o.act != r->act || o.final != r->final || o.delay_s != r->delay_s ||
			o.no_sync != r->no_sync)
			fail_msg("%s %s: %d %d %u %d", r->words[0], r->words[1] ? r->words[1] : "", o.act,
				o.final, o.delay_s, o.no_sync);
	}
}

static void test_what_does_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(still); i++) {
		struct order o = read_row(still[i].words);
		if (o.act != still[i].act ||
			(o.act == ORDER_WRONG &&
				(!strstr(o.what, still[i].what) || strcmp(o.word, still[i].word) != 0)))
			fail_msg("%s %s: %d, %s %s", still[i].words[0],
				still[i].words[1] ? still[i].words[1] : "", o.act, o.what, o.word);
		assert_true(o.usage && *o.usage);
	}
}

/* Every letter that is not one of a program's own. */
static void test_letters(void **state)
{
	static const char *const own[][2] = {{"poweroff", "fd"}, {"reboot", "fd"}, {"halt", "fdp"},
		{"shutdown", "hPrHc"}, {"init", ""}};
	(void)state;
	for (size_t i = 0; i < COUNT(own); i++) {
		for (int c = 1; c < 256; c++) {
			char option[] = {'-', (char)c, '\0'};
			const char *const words[WORDS_MAX] = {own[i][0], option, c == 'd' ? "0" : NULL};
			if (strcmp(option, "--") == 0)
				continue;
			assert_int_equal(read_row(words).act != ORDER_WRONG, strchr(own[i][1], c) != NULL);
		}
	}
}

static void test_no_arguments_at_all(void **state)
{
	char *argv[] = {NULL};
	struct order o;
	(void)state;
	order_read(&o, "init", 0, argv);
	assert_int_equal(o.act, ORDER_WRONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_asked_for),
		cmocka_unit_test(test_what_does_nothing),
		cmocka_unit_test(test_letters),
		cmocka_unit_test(test_no_arguments_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
