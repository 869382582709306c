// needs: compile/unit compile/machine compile/read compile/files walls plan print base -linih -lseccomp -lcap
/* SPDX-License-Identifier: MIT
 * Directives by their rows: what each kind of value takes and refuses, in service files and
 * init.ini, and that each default can be had. What a setter of its own takes is in the golden
 * files.
 */
#include "compile/machine/machine.h"
#include "compile/unit/unit.h"
#include "plan/plan.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct service service;
static struct machine machine;
static struct diag diag;

typedef void row_test(const struct directive *t, void *of);

static void for_each(row_test *test)
{
	for (const struct directive *t = directives; t->section; t++)
		if (!t->left_out)
			test(t, &service);
	for (const struct directive *t = machine_directives; t->section; t++)
		if (!t->left_out)
			test(t, &machine);
}

static void forget_findings(void)
{
	if (diag.public_first != diag.first)
		free(diag.public_first);
	free(diag.first);
	diag = (struct diag){.file = "a.ini"};
}

static void takes(const struct directive *t, void *of, const char *value)
{
	forget_findings();
	if (directive_set(t, of, span_of(value), &diag) < 0)
		fail_msg("[%s] %s does not take \"%s\": %s", t->section, t->key, value, diag.first);
}

static void refuses(const struct directive *t, void *of, const char *value, const char *why)
{
	forget_findings();
	if (directive_set(t, of, span_of(value), &diag) == 0)
		fail_msg("[%s] %s takes \"%s\"", t->section, t->key, value);
	if (diag.errors != 1 || !strstr(diag.first, why))
		fail_msg("[%s] %s = %s: %s", t->section, t->key, value, diag.first);
}

static void *member(const struct directive *t, void *of)
{
	return (char *)of + t->at;
}

static void look_at_default(const struct directive *t, void *of)
{
	if (t->fallback && !strchr(t->fallback, '%')) /* a specifier is the service's */
		takes(t, of, t->fallback);
}

static void look_at_bool(const struct directive *t, void *of)
{
	if (t->kind != KIND_BOOL)
		return;
	takes(t, of, "yes");
	assert_true(*(bool *)member(t, of));
	refuses(t, of, "maybe", "neither yes nor no");
	assert_true(*(bool *)member(t, of)); /* what is refused changes nothing */
	takes(t, of, "no");
	assert_false(*(bool *)member(t, of));
}

static void look_at_time(const struct directive *t, void *of)
{
	const struct time_rule none = {.never = UINT32_MAX}, *rule = t->rule ? t->rule : &none;
	const uint32_t *ms = member(t, of);
	if (t->kind != KIND_TIME)
		return;
	takes(t, of, "1min 1.5 s");
	assert_int_equal(*ms, 61500);
	refuses(t, of, "soon", "is not a time");
	refuses(t, of, "1us", "finer than 1ms");
	refuses(t, of, "1194h", "too long");
	if (rule->range)
		refuses(t, of, "1193h", rule->range);
	if (rule->zero || t->min > 0)
		refuses(t, of, "0", t->min > 0 ? rule->range : rule->zero);
	if (rule->infinity)
		refuses(t, of, "infinity", rule->infinity);
	assert_int_equal(*ms, 61500);
	if (!rule->infinity) {
		takes(t, of, "infinity");
		assert_int_equal(*ms, rule->never);
	}
}

static void look_at_mode(const struct directive *t, void *of)
{
	if (t->kind != KIND_MODE)
		return;
	takes(t, of, "0750");
	assert_int_equal(*(uint32_t *)member(t, of), 0750);
	refuses(t, of, "0800", "not a file mode");
	refuses(t, of, "010000", "not a file mode");
}

static void look_at_number(const struct directive *t, void *of)
{
	char text[32];
	if (t->kind != KIND_NUMBER)
		return;
	for (unsigned k = 0; k < 2; k++) {
		snprintf(text, sizeof(text), "%u", k ? t->max : t->min);
		takes(t, of, text);
		assert_int_equal(*(uint32_t *)member(t, of), k ? t->max : t->min);
	}
	snprintf(text, sizeof(text), "%llu", t->max + 1ull);
	refuses(t, of, text, "not a number from");
	snprintf(text, sizeof(text), "%lld", (long long)t->min - 1);
	refuses(t, of, text, "not a number from");
}

static void look_at_choice(const struct directive *t, void *of)
{
	if (t->kind != KIND_CHOICE)
		return;
	for (unsigned i = 0; t->words[i]; i++) {
		takes(t, of, t->words[i]);
		assert_int_equal(*(unsigned *)member(t, of), i);
	}
	refuses(t, of, "nothing-like-it", t->words[0]);
}

static void look_at_text(const struct directive *t, void *of)
{
	char *text = calloc(1, t->max + 2);
	assert_non_null(text);
	memset(text, 'x', t->max + 1);
	if (t->kind == KIND_TEXT && t->max) {
		refuses(t, of, text, "at most");
		text[t->max] = '\0';
		takes(t, of, text);
		assert_int_equal(((struct span *)member(t, of))->n, t->max);
	}
	if (t->kind == KIND_PATH) {
		takes(t, of, "/run/x");
		refuses(t, of, "run/x", "not an absolute path");
		refuses(t, of, "/run/../x", "expected the path itself");
	}
	free(text);
}

/* (the test's name, the look at a row) */
#define ROWS(name, look) \
	static void name(void **state) \
	{ \
		(void)state; \
		for_each(look); \
	}
ROWS(each_default_can_be_had, look_at_default)
ROWS(switches, look_at_bool)
ROWS(times, look_at_time)
ROWS(modes, look_at_mode)
ROWS(numbers, look_at_number)
ROWS(choices, look_at_choice)
ROWS(texts_and_paths, look_at_text)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_default_can_be_had),
		cmocka_unit_test(switches),
		cmocka_unit_test(times),
		cmocka_unit_test(modes),
		cmocka_unit_test(numbers),
		cmocka_unit_test(choices),
		cmocka_unit_test(texts_and_paths),
	};
	diag_silence(true);
	assert_int_equal(seccomp_target(plan_native_arch()), 0);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	forget_findings();
	return failed;
}
