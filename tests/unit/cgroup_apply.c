// needs: walls/cgroup/apply.c walls/apply.c plan/write.c plan/read.c base/hash.c base/span.c base/fmt.c base/sys.c
/* SPDX-License-Identifier: MIT
 * PID 1's half of the cgroup wall, on a directory that plays the cgroup file system: which files are written, and that nothing missing is passed over.
 */
#include "base/sys.h"
#include "plan/write.h"
#include "walls/cgroup/cgroup.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char root_path[] = "/tmp/bulkhead-cgroup-XXXXXX";
static int root;

static uint8_t buf[4096] __attribute__((aligned(8)));
static char strings[1024];
static struct plan_writer w;
static struct plan p;

static void put(const char *path, const char *text)
{
	int fd = openat(root, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static const char *get(const char *path)
{
	static char text[128];

	assert_true(sys_read_file(root, path, text, sizeof(text)) >= 0);
	return text;
}

/* A plan with one limit. */
static struct cgroup_plan limit(const char *file, const char *value)
{
	static const struct plan_machine machine;
	struct cgroup_plan c = {0};

	plan_write_begin(&w, buf, sizeof(buf), strings, sizeof(strings), 0);
	struct cgroup_write one = {plan_write_text(&w, file), plan_write_text(&w, value)};

	c.writes = plan_write_list(&w, &one, sizeof(one), 1);
	p = (struct plan){buf, plan_write_end(&w, &machine, 0, 0)};
	assert_true(p.size > 0);
	return c;
}

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(root_path))
		return -1;
	root = open(root_path, O_PATH | O_DIRECTORY);
	return root < 0;
}

static int teardown(void **state)
{
	char command[64];

	(void)state;
	close(root);
	snprintf(command, sizeof(command), "rm -rf -- '%s'", root_path);
	return system(command);
}

static void enables_what_there_is(void **state)
{
	uint32_t enabled = 0;

	(void)state;
	put("cgroup.subtree_control", "");
	put("cgroup.controllers", "cpuset io pids\n");
	assert_int_equal(cgroup_enable(root, CG_PIDS, &enabled), 0);
	assert_int_equal(enabled, CG_PIDS);
	assert_string_equal(get("cgroup.subtree_control"), "+pids");
	/* cpu is not there, though a longer word begins so. */
	assert_int_equal(cgroup_enable(root, CG_CPU | CG_MEMORY, &enabled), 0);
	assert_int_equal(enabled, 0);
	put("cgroup.controllers", "cpuset cpu memory\n");
	assert_int_equal(cgroup_enable(root, CG_CPU | CG_MEMORY | CG_CPUSET | CG_IO, &enabled), 0);
	assert_int_equal(enabled, CG_CPU | CG_MEMORY | CG_CPUSET);
}

static void tells_when_there_are_no_cgroups(void **state)
{
	uint32_t enabled = 99;
	int none = open("/proc/self", O_PATH);

	(void)state;
	assert_int_equal(cgroup_enable(none, CG_CPU, &enabled), -ENOENT);
	assert_int_equal(enabled, 0);
	close(none);
}

static void writes_the_limit_in_a_standing_group(void **state)
{
	struct cgroup_plan c = limit("memory.max", "16777216");
	struct wall_why why = {.text = ""};
	int fd = -1;

	(void)state;
	assert_int_equal(mkdirat(root, "standing", 0755), 0);
	put("standing/memory.max", "");
	assert_int_equal(cgroup_make(&p, &c, root, "standing", &fd, &why), 0);
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	assert_string_equal(get("standing/memory.max"), "16777216");
}

static void a_missing_file_is_a_failure_and_leaves_nothing(void **state)
{
	struct cgroup_plan c = limit("memory.max", "16777216");
	struct wall_why why = {.text = ""};
	int fd = 7;

	(void)state;
	assert_int_equal(cgroup_make(&p, &c, root, "fresh", &fd, &why), -ENOENT);
	assert_string_equal(why.text, "memory.max 16777216");
	assert_int_equal(fd, -1);
	assert_int_equal(faccessat(root, "fresh", F_OK, 0), -1);
}

static void writes_nowhere_else(void **state)
{
	static const char *const bad[] = {"../cgroup.procs", "/etc/passwd", "", ".", "..", "a/b"};
	struct wall_why why = {.text = ""};
	int fd;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct cgroup_plan c = limit(bad[i], "1");
		struct cgroup_plan none = {0};

		assert_int_equal(cgroup_make(&p, &c, root, "elsewhere", &fd, &why), -EINVAL);
		assert_int_equal(cgroup_make(&p, &none, root, bad[i], &fd, &why), -EINVAL);
	}
	struct cgroup_plan outside = {.writes = {.off = 1u << 20, .count = 3}};

	assert_int_equal(cgroup_make(&p, &outside, root, "elsewhere", &fd, &why), -EINVAL);
}

static void does_not_follow_a_link(void **state)
{
	struct cgroup_plan none = {0};
	struct wall_why why = {.text = ""};
	int fd;

	(void)state;
	assert_int_equal(symlinkat("/tmp", root, "link"), 0);
	assert_int_equal(cgroup_make(&p, &none, root, "link", &fd, &why), -ENOTDIR);
}

static void reads_whether_anything_runs(void **state)
{
	(void)state;
	put("cgroup.events", "populated 1\nfrozen 0\n");
	assert_int_equal(cgroup_populated(root), 1);
	put("cgroup.events", "frozen 1\npopulated 0\n");
	assert_int_equal(cgroup_populated(root), 0);
	put("cgroup.events", "frozen 1\n");
	assert_int_equal(cgroup_populated(root), -EINVAL);
}

static void thaws(void **state)
{
	(void)state;
	assert_int_equal(cgroup_thaw(root), 0); /* a kernel that cannot freeze */
	put("cgroup.freeze", "1");
	assert_int_equal(cgroup_thaw(root), 0);
	assert_string_equal(get("cgroup.freeze"), "0");
}

static void kills_and_removes(void **state)
{
	(void)state;
	put("cgroup.kill", "");
	assert_int_equal(cgroup_kill(root), 0);
	assert_string_equal(get("cgroup.kill"), "1");
	assert_int_equal(mkdirat(root, "gone", 0755), 0);
	assert_int_equal(cgroup_remove(root, "gone"), 0);
	assert_int_equal(cgroup_remove(root, "gone"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(enables_what_there_is),
		cmocka_unit_test(tells_when_there_are_no_cgroups),
		cmocka_unit_test(writes_the_limit_in_a_standing_group),
		cmocka_unit_test(a_missing_file_is_a_failure_and_leaves_nothing),
		cmocka_unit_test(writes_nowhere_else),
		cmocka_unit_test(does_not_follow_a_link),
		cmocka_unit_test(reads_whether_anything_runs),
		cmocka_unit_test(thaws),
		cmocka_unit_test(kills_and_removes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
