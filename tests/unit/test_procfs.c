// needs: engine plan base
/* SPDX-License-Identifier: MIT
 * Whose a process is, by the text of /proc/PID/cgroup: in the root, in a slice, below either.
 */
#include "engine/procfs.h"
#include "plan/write.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ALONE, MEMBER, OTHER, SLICE, COUNT };

static const char *const names[COUNT] = {"alone", "member", "other", "slice"};
static uint64_t bytes[8192];
static char strings[4096];
static struct plan plan;

static int make_plan(void **state)
{
	struct plan_machine machine = {.default_group = UINT32_MAX};
	struct plan_writer w;
	size_t size;
	(void)state;
	plan_write_begin(&w, (unsigned char *)bytes, sizeof(bytes), strings, sizeof(strings), COUNT);
	for (uint32_t i = 0; i < COUNT; i++) {
		const plan_str argv[] = {plan_write_text(&w, "/bin/true")};
		const struct plan_command command = {.path = argv[0],
			.argv = plan_write_list(&w, argv, sizeof(argv[0]), 1)};
		struct plan_service s = {
			.name = plan_write_text(&w, names[i]),
			.type = i == SLICE ? TYPE_GROUP : TYPE_NOTIFY,
			.kill_signal = 15,
			.notification_fd = -1,
		};
		if (i != SLICE)
			s.exec[EXEC_START] = plan_write_list(&w, &command, sizeof(command), 1);
		plan_write_service(&w, i, &s);
	}
	size = plan_write_end(&w, &machine, 0, 0);
	return size > 0 && plan_open(&plan, bytes, size, 0) == PLAN_OK ? 0 : -1;
}

static void test_in_the_root(void **state)
{
	(void)state;
	assert_int_equal(procfs_group_service(&plan, "0::/alone\n"), ALONE);
	assert_int_equal(procfs_group_service(&plan, "0::/\n"), -1);
	assert_int_equal(procfs_group_service(&plan, "0::/nobody\n"), -1);
	assert_int_equal(procfs_group_service(&plan, ""), -1);
	assert_int_equal(procfs_group_service(&plan, "5:cpu:/member\n0::/alone\n"), ALONE);
}

static void test_in_a_slice(void **state)
{
	(void)state;
	assert_int_equal(procfs_group_service(&plan, "0::/slice/member\n"), MEMBER);
	assert_int_equal(procfs_group_service(&plan, "0::/slice/member/below/other\n"), MEMBER);
	assert_int_equal(procfs_group_service(&plan, "0::/slice\n"), SLICE);
	assert_int_equal(procfs_group_service(&plan, "0::/slice/nobody\n"), SLICE);
}

/* What a service names its own groups does not make it another. */
static void test_below_its_own(void **state)
{
	(void)state;
	assert_int_equal(procfs_group_service(&plan, "0::/alone/other\n"), ALONE);
	assert_int_equal(procfs_group_service(&plan, "0::/alone/slice/other\n"), ALONE);
}

static void test_in_a_group_of_that_name(void **state)
{
	(void)state;
	assert_true(procfs_group_is("0::/try-1\n", "try-1"));
	assert_true(procfs_group_is("5:cpu:/x\n0::/user/try-1/below\n", "try-1"));
	assert_false(procfs_group_is("5:cpu:/try-1\n0::/\n", "try-1"));
	assert_false(procfs_group_is("0::/try-12/xtry-1\n", "try-1"));
	assert_false(procfs_group_is("0::/\n9::/try-1\n", "try-1"));
	assert_false(procfs_group_is("", "try-1"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_the_root),
		cmocka_unit_test(test_in_a_slice),
		cmocka_unit_test(test_below_its_own),
		cmocka_unit_test(test_in_a_group_of_that_name),
	};
	return cmocka_run_group_tests(tests, make_plan, NULL);
}
