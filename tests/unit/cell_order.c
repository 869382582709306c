// needs: cell/steps.c cell/learn.c cell/network.c cell/plan.c cell/stdio.c cell/words.c walls/apply.c walls/capabilities/apply.c walls/cgroup/apply.c walls/cgroup/apply_disk.c walls/cgroup/apply_program.c walls/filesystem/apply.c walls/filesystem/apply_collect.c walls/filesystem/apply_dev.c walls/filesystem/apply_image.c walls/filesystem/apply_directories.c walls/filesystem/apply_mount.c walls/filesystem/apply_old.c walls/filesystem/apply_path.c walls/filesystem/apply_root.c walls/identity/apply.c walls/landlock/apply.c walls/limits/apply.c walls/namespaces/apply.c walls/network/apply.c walls/network/apply_furnish.c walls/network/apply_link.c walls/network/apply_message.c walls/seccomp/apply.c walls/selinux/apply.c plan/read.c plan/options.c base/errname.c base/fmt.c base/num.c base/span.c base/feature.c base/sys.c
/* SPDX-License-Identifier: MIT
 * The order of confinement. A wall raised too early or too late is a hole that no other test need notice, so the whole list is asserted here:
 * who changes the table has to come by and say why.
 */
#include "cell/cell.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const char *const before[] = {
	"signals", "plan", "proc", "stdio", "cgroup", "namespaces", "network", "directories", "filesystem", "limits"};
static const char *const after[] = {"session", "arguments", "bounding set", "ids", "working directory", "capabilities", "parent",
	"label", "descriptors", "signal mask", "no_new_privs", "landlock", "seccomp", "exec"};

static void is_order(const struct cell_step *steps, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert_non_null(steps[i].name);
		assert_string_equal(steps[i].name, names[i]);
	}
	assert_null(steps[n].name);
}

static void as_the_hosts_root(void **state)
{
	(void)state;
	is_order(cell_steps_before, before, sizeof(before) / sizeof(*before));
}

static void in_the_services_process(void **state)
{
	(void)state;
	is_order(cell_steps_after, after, sizeof(after) / sizeof(*after));
}

static void is_complete(const struct cell_step *steps)
{
	for (; steps->name; steps++) {
		assert_true(strlen(steps->name) < sizeof(((struct report *)0)->step)); /* or the report would cut it */
		assert_non_null(steps->raise);
		assert_true(steps->reason && strlen(steps->reason) > 20);
	}
}

static void each_has_a_name_that_fits_and_a_reason(void **state)
{
	(void)state;
	is_complete(cell_steps_before);
	is_complete(cell_steps_after);
}

static unsigned raised;

static int good(struct cell *c)
{
	(void)c;
	raised++;
	return 0;
}

static int bad(struct cell *c)
{
	return wall_failed(&c->why, -7, "broken");
}

static void the_first_failure_ends_it(void **state)
{
	const struct cell_step steps[] = {{"one", good, ""}, {"two", bad, ""}, {"three", good, ""}, {0}};
	struct cell c = {0};

	(void)state;
	raised = 0;
	assert_int_equal(cell_run(&c, steps), -7);
	assert_string_equal(c.step, "two");
	assert_string_equal(c.why.text, "broken");
	assert_int_equal(raised, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_hosts_root),
		cmocka_unit_test(in_the_services_process),
		cmocka_unit_test(each_has_a_name_that_fits_and_a_reason),
		cmocka_unit_test(the_first_failure_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
