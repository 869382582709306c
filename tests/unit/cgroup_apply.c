// needs: walls plan base CONFIG_CGROUP_IO CONFIG_CGROUP_BPF
/* SPDX-License-Identifier: MIT
 * PID 1's half of the cgroup wall, on a directory that plays the cgroup file system: which files
 * are written, and that nothing missing is passed over.
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
	struct cgroup_write one = {.file = plan_write_text(&w, file),
		.value = plan_write_text(&w, value),
		.controller = CG_MEMORY};
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
	assert_int_equal(cgroup_make(&p, &c, root, root, "standing", &fd, &why), 0);
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
	assert_int_equal(cgroup_make(&p, &c, root, root, "fresh", &fd, &why), -ENOSYS);
	assert_string_equal(why.text, "memory.max is not in this kernel");
	assert_int_equal(fd, -1);
	assert_int_equal(faccessat(root, "fresh", F_OK, 0), -1);
}

/* A group of this kernel with these controllers, in a root with those. */
static void controllers(const char *of_root, const char *of_group)
{
	put("cgroup.controllers", of_root);
	mkdirat(root, "walled", 0755);
	put("walled/cgroup.controllers", of_group);
	put("walled/memory.max", "");
}

static void a_controller_that_the_kernel_lacks_is_named(void **state)
{
	struct cgroup_plan c = limit("memory.max", "16777216");
	struct wall_why why = {.text = ""};
	int fd = 7;
	(void)state;
	c.controllers = CG_MEMORY;
	controllers("cpu pids\n", "cpu pids\n");
	assert_int_equal(cgroup_make(&p, &c, root, root, "walled", &fd, &why), -ENOSYS);
	assert_string_equal(why.text, "memory controller is not in this kernel");
	controllers("cpu memory\n", "cpu\n");
	assert_int_equal(cgroup_make(&p, &c, root, root, "walled", &fd, &why), -EOPNOTSUPP);
	assert_string_equal(why.text, "memory controller could not be enabled");
	assert_int_equal(why.absent, 0);
}

static void may_be_missing_if_the_file_says_so(void **state)
{
	struct cgroup_plan c = limit("memory.max", "16777216");
	struct wall_why why = {.optional = OPTIONAL_MEMORY};
	int fd = -1;
	(void)state;
	c.controllers = CG_MEMORY;
	controllers("cpu pids\n", "cpu pids\n");
	assert_int_equal(cgroup_make(&p, &c, root, root, "walled", &fd, &why), 0);
	assert_int_equal(why.absent, OPTIONAL_MEMORY);
	/* the plain file of this test: a kernel would not have it */
	assert_string_equal(get("walled/memory.max"), "");
	close(fd);
}

/* What slows down is PID 1's to lift and the cell's to write. */
static void what_slows_is_written_by_the_cell(void **state)
{
	struct cgroup_plan c = {0};
	struct wall_why why = {.text = ""};
	int fd = -1;
	(void)state;
	plan_write_begin(&w, buf, sizeof(buf), strings, sizeof(strings), 0);
	struct cgroup_write two[] = {{plan_write_text(&w, "cpu.max"),
									 plan_write_text(&w, "1000 100000"), plan_write_text(&w, "max"),
									 CG_CPU, CG_SLOWS},
		{plan_write_text(&w, "pids.max"), plan_write_text(&w, "7"), 0, CG_PIDS, 0}};
	static const struct plan_machine machine;
	c.writes = plan_write_list(&w, two, sizeof(*two), 2);
	p = (struct plan){buf, plan_write_end(&w, &machine, 0, 0)};
	assert_int_equal(mkdirat(root, "slow", 0755), 0);
	put("slow/cpu.max", "");
	put("slow/pids.max", "");
	put("slow/cgroup.procs", "");
	assert_int_equal(cgroup_make(&p, &c, root, root, "slow", &fd, &why), 0);
	assert_string_equal(get("slow/cpu.max"), "max");
	assert_string_equal(get("slow/pids.max"), "7");
	assert_int_equal(cgroup_enter(&p, &c, fd, false, &why), 0);
	assert_string_equal(get("slow/cpu.max"), "1000 100000");
	assert_string_equal(get("slow/cgroup.procs"), "");
	assert_int_equal(cgroup_lift(&p, &c, fd, &why), 0);
	put("slow/cpu.max", "");
	put("slow/cpu.max", "");
	assert_int_equal(cgroup_enter(&p, &c, fd, true, &why), 0);
	assert_string_equal(get("slow/cgroup.procs"), "0");
	close(fd);
}

static void a_disk_that_is_none_is_named(void **state)
{
	struct cgroup_plan c = {0};
	struct wall_why why = {.text = ""};
	int fd = -1;
	(void)state;
	plan_write_begin(&w, buf, sizeof(buf), strings, sizeof(strings), 0);
	struct cgroup_disk one = {plan_write_text(&w, "/dev/null"), DISK_READ_IOPS, 100};
	static const struct plan_machine machine;
	c.disks = plan_write_list(&w, &one, sizeof(one), 1);
	p = (struct plan){buf, plan_write_end(&w, &machine, 0, 0)};
	assert_int_equal(cgroup_make(&p, &c, root, root, "disk", &fd, &why), -ENOTBLK);
	assert_string_equal(why.text, "/dev/null is not a disk");
}

static void a_weight_that_acts_nowhere_is_refused(void **state)
{
	struct cgroup_plan c = {.weight = {.cost = 100, .bfq = 100}};
	struct wall_why why = {.text = ""}, lenient = {.optional = OPTIONAL_IO};
	int fd = -1;
	(void)state;
	/* this machine has a disk with BFQ; io.cost.qos is not in this root */
	if (cgroup_disk_weighers(root))
		skip();
	assert_int_equal(cgroup_make(&p, &c, root, root, "weight", &fd, &why), -ENOSYS);
	assert_string_equal(why.text, "BFQ or io.cost for any disk is not in this kernel");
	assert_int_equal(cgroup_make(&p, &c, root, root, "weight", &fd, &lenient), 0);
	assert_int_equal(lenient.absent, OPTIONAL_IO);
	close(fd);
}

static void reads_kernel_memory_and_kills(void **state)
{
	(void)state;
	put("memory.stat", "anon 4096\nfile 0\nkernel 8192\nkernel_stack 4096\nsock 100\nslab 1\n");
	assert_int_equal(cgroup_kernel_memory(root), 8292);
	put("memory.stat", "anon 4096\nkernel_stack 4096\nsock 100\nslab 1\n"); /* before Linux 5.18 */
	assert_int_equal(cgroup_kernel_memory(root), 4197);
	put("memory.events", "low 0\nhigh 0\nmax 9\noom 3\noom_kill 2\noom_group_kill 7\n");
	assert_int_equal(cgroup_oom_kills(root), 2);
	put("memory.events", "low 0\n");
	assert_int_equal(cgroup_oom_kills(root), -EINVAL);
	assert_int_equal(unlinkat(root, "memory.stat", 0), 0);
	assert_int_equal(cgroup_kernel_memory(root), -ENOENT);
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
		assert_int_equal(cgroup_make(&p, &c, root, root, "elsewhere", &fd, &why), -EINVAL);
		assert_int_equal(cgroup_make(&p, &none, root, root, bad[i], &fd, &why), -EINVAL);
	}
	struct cgroup_plan outside = {.writes = {.off = 1u << 20, .count = 3}};
	assert_int_equal(cgroup_make(&p, &outside, root, root, "elsewhere", &fd, &why), -EINVAL);
}

static void does_not_follow_a_link(void **state)
{
	struct cgroup_plan none = {0};
	struct wall_why why = {.text = ""};
	int fd;
	(void)state;
	assert_int_equal(symlinkat("/tmp", root, "link"), 0);
	assert_int_equal(cgroup_make(&p, &none, root, root, "link", &fd, &why), -ENOTDIR);
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
	assert_int_equal(cgroup_freeze(root, false), 0); /* a kernel that cannot freeze */
	put("cgroup.freeze", "1");
	assert_int_equal(cgroup_freeze(root, false), 0);
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
		cmocka_unit_test(a_controller_that_the_kernel_lacks_is_named),
		cmocka_unit_test(may_be_missing_if_the_file_says_so),
		cmocka_unit_test(what_slows_is_written_by_the_cell),
		cmocka_unit_test(a_disk_that_is_none_is_named),
		cmocka_unit_test(a_weight_that_acts_nowhere_is_refused),
		cmocka_unit_test(reads_kernel_memory_and_kills),
		cmocka_unit_test(writes_nowhere_else),
		cmocka_unit_test(does_not_follow_a_link),
		cmocka_unit_test(reads_whether_anything_runs),
		cmocka_unit_test(thaws),
		cmocka_unit_test(kills_and_removes),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
