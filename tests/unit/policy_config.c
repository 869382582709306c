// needs: pid1 base CONFIG_SELINUX
/* SPDX-License-Identifier: MIT
 * The SELinux loader's parsers and its choice of a policy version.
 */
#include "pid1/selinux/policy_config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static unsigned parse(const char *text, struct policy_config *c)
{
	return policy_config_parse(span_of(text), c);
}

static void reads_a_whole_file(void **state)
{
	struct policy_config c;
	(void)state;
	assert_int_equal(
		parse("# who may do what\n\n  SELINUX=permissive \nSELINUXTYPE=bulk-head_2", &c), 0);
	assert_true(c.has_want);
	assert_int_equal(c.want, POLICY_WANT_PERMISSIVE);
	assert_string_equal(c.type, "bulk-head_2");
	assert_int_equal(parse("SELINUXTYPE=x\nSELINUX=enforcing\n", &c), 0);
	assert_int_equal(c.want, POLICY_WANT_ENFORCING);
	assert_int_equal(parse("SELINUX=disabled\n", &c), 0);
	assert_int_equal(c.want, POLICY_WANT_DISABLED);
	assert_false(c.has_type);
}

static void leaves_unsaid_unset(void **state)
{
	struct policy_config c;
	(void)state;
	assert_int_equal(parse("", &c), 0);
	assert_false(c.has_want);
	assert_false(c.has_type);
	assert_int_equal(parse("#SELINUX=disabled\n", &c), 0);
	assert_false(c.has_want);
	/* whoever forgets has_want errs on the closed side */
	assert_int_equal(c.want, POLICY_WANT_ENFORCING);
}

static void names_the_bad_line(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
	} bad[] = {
		{"SELINUX=Enforcing\n", 1},
		{"SELINUX=\n", 1},
		{"SELINUX=enforcing # no\n", 1},
		{"SELINUX=enforcing\r\n", 1},
		{"SELINUX = enforcing\n", 1},
		{"\nselinux=enforcing\n", 2},
		{"SELINUX=enforcing\nSELINUX=enforcing\n", 2},
		{"SELINUX=enforcing\nSELINUX=permissive\n", 2},
		{"# a\n# b\nSELINUXTYPE=\n", 3},
		{"SELINUXTYPE=a\nSELINUXTYPE=b\n", 2},
		{"SELINUXTYPE=../../tmp\n", 1},
		{"SELINUXTYPE=.\n", 1},
		{"SELINUXTYPE=a b\n", 1},
		{"SELINUXTYPE=0123456789abcdef0123456789abcdef\n", 1}, /* 32 bytes: no room for the NUL */
		{"SETLOCALDEFS=0\n", 1},
	};
	struct policy_config c;
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse(bad[i].text, &c), bad[i].line);
	static const char nul[] = "SELINUX=permissive\0\n";
	assert_int_equal(policy_config_parse((struct span){nul, sizeof(nul) - 1}, &c), 1);
	assert_int_equal(parse("SELINUXTYPE=0123456789abcdef0123456789abcde\n", &c), 0);
}

static void reads_the_command_line(void **state)
{
	static const struct {
		const char *text;
		bool off;
		int enforcing;
	} cases[] = {
		{"", false, -1},
		{"console=ttyS0 security=selinux\n", false, -1},
		{"selinux=0\n", true, -1},
		{"selinux=0 selinux=1", false, -1},
		{"enforcing=0", false, 0},
		{"enforcing=0 quiet enforcing=1\n", false, 1},
		{"enforcing=2 xenforcing=0 enforcing=01", false, -1},
		{"quiet -- enforcing=0 selinux=0", false, -1},
	};
	struct policy_cmdline c;
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		policy_cmdline_parse(span_of(cases[i].text), &c);
		assert_int_equal(c.selinux_off, cases[i].off);
		assert_int_equal(c.enforcing, cases[i].enforcing);
	}
}

/* The context is a set of versions, one bit each. */
static bool in_set(void *context, unsigned version)
{
	uint64_t *set = context;
	assert_in_range(version, POLICY_OLDEST, POLICY_NEWEST);
	return *set >> version & 1;
}

static void chooses_the_highest_not_above(void **state)
{
	uint64_t set = 1ull << 28 | 1ull << 31 | 1ull << 33 | 1ull << 40;
	(void)state;
	assert_int_equal(policy_config_choose(in_set, &set, 33), 33);
	assert_int_equal(policy_config_choose(in_set, &set, 32), 31);
	assert_int_equal(policy_config_choose(in_set, &set, 31), 31);
	assert_int_equal(policy_config_choose(in_set, &set, 27), 0);
	assert_int_equal(policy_config_choose(in_set, &set, 4000000000u), 40);
	assert_int_equal(policy_config_choose(in_set, &set, 0), 0);
	assert_int_equal(policy_config_too_new(in_set, &set, 27), 28);
	assert_int_equal(policy_config_too_new(in_set, &set, 33), 40);
	assert_int_equal(policy_config_too_new(in_set, &set, 40), 0);
	assert_int_equal(policy_config_too_new(in_set, &set, 0), 28);
	assert_int_equal(policy_config_too_new(in_set, &set, UINT32_MAX), 0);
}

static void reads_the_label_table(void **state)
{
	struct span rest = span_of(
		"# devices\n/dev/null a:b:c:s0\n\n/dev/zero\t a:b:d:s0  \n/dev/x\nrelative a:b:c:s0\n/dev/y a b\n/z q");
	struct span path, context;
	(void)state;
	assert_int_equal(policy_label_next(&rest, &path, &context), 1);
	assert_true(span_is(path, "/dev/null"));
	assert_true(span_is(context, "a:b:c:s0"));
	assert_int_equal(policy_label_next(&rest, &path, &context), 1);
	assert_true(span_is(path, "/dev/zero"));
	assert_true(span_is(context, "a:b:d:s0"));
	for (int i = 0; i < 3; i++)
		assert_int_equal(policy_label_next(&rest, &path, &context), -1);
	assert_int_equal(policy_label_next(&rest, &path, &context), 1);
	assert_true(span_is(context, "q"));
	assert_int_equal(policy_label_next(&rest, &path, &context), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_whole_file),
		cmocka_unit_test(leaves_unsaid_unset),
		cmocka_unit_test(names_the_bad_line),
		cmocka_unit_test(reads_the_command_line),
		cmocka_unit_test(chooses_the_highest_not_above),
		cmocka_unit_test(reads_the_label_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
