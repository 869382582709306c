// needs: cell walls plan base
/* SPDX-License-Identifier: MIT
 * The order of confinement. A wall raised too early or too late is a hole that no other test need
 * notice, so the whole list is asserted here: who changes the table has to come by and say why.
 */
#include "cell/cell.h"
#include "walls/seccomp/seccomp.h"
#include <errno.h>
#include <linux/keyctl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static const char *const before[] = {"signals", "plan", "keyring", "proc", "cgroup", "directories",
	"environment", "stdio", "namespaces", "network", "filesystem", "limits"};
static const char *const after[] = {"session", "arguments", "bounding set", "ids",
	"working directory", "capabilities", "parent", "label", "descriptors", "signal mask",
	"no_new_privs", "landlock", "seccomp", "exec"};

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
		/* or the report would cut it */
		assert_true(strlen(steps->name) < sizeof(((struct report *)0)->step));
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
	const struct cell_step steps[] = {{"one", good, ""}, {"two", bad, ""}, {"three", good, ""},
		{0}};
	struct cell c = {0};
	(void)state;
	raised = 0;
	assert_int_equal(cell_run(&c, steps), -7);
	assert_string_equal(c.step, "two");
	assert_string_equal(c.why.text, "broken");
	assert_int_equal(raised, 1);
}

static long session(void)
{
	return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0l);
}

/* 0: the session keyring is another one than before, and a key that lay in the old one is not
 * found. */
static int keys_before_and_after(void)
{
	struct cell c = {0};
	const struct cell_step *step = cell_steps_before;
	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0l, 0l, 0l);
	long old = session();
	if (old < 0 && errno == ENOSYS)
		return 77;
	long key = syscall(SYS_add_key, "user", "bulkhead-test", "x", 1ul, KEY_SPEC_SESSION_KEYRING);
	while (step->name && strcmp(step->name, "keyring") != 0)
		step++;
	if (key < 0 || !step->name || step->raise(&c) != 0 || session() == old)
		return 1;
	return syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "bulkhead-test",
			   0l) < 0
		? 0
		: 2;
}

static void the_keyring_is_its_own(void **state)
{
	int status;
	pid_t pid = fork();
	(void)state;
	if (pid == 0)
		_exit(keys_before_and_after());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip(); /* no keys in this kernel */
	assert_int_equal(status, 0);
}

/* 0: what is mapped cannot be written and executed, whatever a filter would say. */
static int memory_that_is_both(void)
{
	struct wall_why why = {.text = ""};
	if (seccomp_deny_exec_gain(&why) != 0)
		return 1;
	if (prctl(66 /* PR_GET_MDWE */, 0ul, 0ul, 0ul, 0ul) < 0)
		return 77;
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		0);
	return at == MAP_FAILED && errno == EACCES ? 0 : 2;
}

static void the_kernel_keeps_memory_from_being_both(void **state)
{
	int status;
	pid_t pid = fork();
	(void)state;
	if (pid == 0)
		_exit(memory_that_is_both());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip(); /* before Linux 6.3 */
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_hosts_root),
		cmocka_unit_test(in_the_services_process),
		cmocka_unit_test(each_has_a_name_that_fits_and_a_reason),
		cmocka_unit_test(the_first_failure_ends_it),
		cmocka_unit_test(the_keyring_is_its_own),
		cmocka_unit_test(the_kernel_keeps_memory_from_being_both),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
