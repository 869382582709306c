// needs: base
/* SPDX-License-Identifier: MIT
 * The digest of a plan's sources on trees made for the purpose: what changes it, what does not, and
 * what is an error.
 */
#include "base/config.h"
#include "base/digest.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const sources[] = {"usr/services.d/", "etc/services.d/", "etc/init.ini", NULL};
static char top[64];
static int root;

/* A shell command, with `argument` as $1. */
static void run(const char *command, const char *argument)
{
	char *const argv[] = {"sh", "-ec", (char *)(uintptr_t)command, "sh",
		(char *)(uintptr_t)argument, NULL};
	int status = -1;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		execv("/bin/sh", argv);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void put(const char *path, const char *text)
{
	int fd = openat(root, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int make_tree(void **state)
{
	(void)state;
	strcpy(top, "/tmp/test_digest.XXXXXX");
	assert_non_null(mkdtemp(top));
	root = open(top, O_PATH | O_DIRECTORY);
	assert_true(root >= 0);
	run("mkdir -p $1/usr/services.d/a.d $1/etc/services.d", top);
	put("usr/services.d/a.ini", "A");
	put("usr/services.d/b.ini", "B");
	put("usr/services.d/a.d/10.ini", "ten");
	put("etc/init.ini", "[Boot]");
	return 0;
}

static int drop_tree(void **state)
{
	(void)state;
	close(root);
	run("rm -rf $1", top);
	return 0;
}

static uint64_t now(void)
{
	uint64_t out = 0;
	assert_int_equal(digest_sources(root, sources, &out), 0);
	return out;
}

/* What is done to a file must change the digest, and undoing it must bring the old one back. */
static void every_part_of_a_file_counts(void **state)
{
	uint64_t before = now();
	(void)state;
	put("usr/services.d/a.ini", "a");
	assert_int_not_equal(now(), before);
	put("usr/services.d/a.ini", "");
	assert_int_not_equal(now(), before);
	put("usr/services.d/a.ini", "A");
	assert_int_equal(now(), before);
	put("usr/services.d/a.d/10.ini", "eleven");
	assert_int_not_equal(now(), before);
	put("usr/services.d/a.d/10.ini", "ten");
	put("etc/init.ini", "");
	assert_int_not_equal(now(), before);
	put("etc/init.ini", "[Boot]");
	assert_int_equal(now(), before);
}

static void contents_that_change_places_count(void **state)
{
	uint64_t before = now();
	(void)state;
	put("usr/services.d/a.ini", "B");
	put("usr/services.d/b.ini", "A");
	assert_int_not_equal(now(), before);
}

static void files_that_come_and_go_count(void **state)
{
	uint64_t before = now(), with;
	(void)state;
	put("etc/services.d/c.ini", "");
	with = now();
	assert_int_not_equal(with, before);
	renameat(root, "etc/services.d/c.ini", root, "etc/services.d/d.ini");
	assert_int_not_equal(now(), with);
	assert_int_not_equal(now(), before);
	renameat(root, "etc/services.d/d.ini", root, "usr/services.d/c.ini");
	assert_int_not_equal(now(), with);
	unlinkat(root, "usr/services.d/c.ini", 0);
	assert_int_equal(now(), before);
	unlinkat(root, "etc/init.ini", 0);
	assert_int_not_equal(now(), before);
}

static void other_names_do_not_count(void **state)
{
	uint64_t before = now();
	(void)state;
	put("usr/services.d/a.ini~", "x");
	put("usr/services.d/README", "x");
	put("usr/services.d/.ini", "x"); /* no name before it */
	put("usr/services.d/a.d/note", "x");
	put("usr/other.ini", "x");
	run("mkdir -p $1/usr/services.d/x.ini $1/usr/services.d/sub $1/usr/services.d/a.d/deeper.d",
		top);
	put("usr/services.d/sub/a.ini", "x");
	put("usr/services.d/a.d/deeper.d/a.ini", "x");
	assert_int_equal(now(), before);
}

static void order_of_creation_does_not_count(void **state)
{
	uint64_t before;
	(void)state;
	for (int i = 0; i < 300; i++) { /* more than one buffer of directory entries */
		char path[64];
		snprintf(path, sizeof(path), "etc/services.d/s%d.ini", i);
		put(path, path);
	}
	before = now();
	run("mkdir $1/copy && for i in $(ls -r $1/etc/services.d); do cp $1/etc/services.d/$i $1/copy/; done && "
		"rm -r $1/etc/services.d && mv $1/copy $1/etc/services.d",
		top);
	assert_int_equal(now(), before);
	unlinkat(root, "etc/services.d/s299.ini", 0);
	assert_int_not_equal(now(), before);
}

static void the_root_may_be_anywhere(void **state)
{
	uint64_t before = now();
	char moved[80];
	(void)state;
	snprintf(moved, sizeof(moved), "%s.moved", top);
	run("cp -r $1 $1.moved", top);
	close(root);
	root = open(moved, O_PATH | O_DIRECTORY);
	assert_int_equal(now(), before);
	run("rm -rf $1", moved);
}

static void absolute_sources_are_the_roots(void **state)
{
	static const char *const absolute[] = {"/usr/services.d/", "//etc/services.d/", "/etc/init.ini",
		NULL};
	uint64_t out = 0;
	(void)state;
	assert_int_equal(digest_sources(root, absolute, &out), 0);
	assert_int_equal(out, now());
}

static void nothing_there_is_no_error(void **state)
{
	static const char *const absent[] = {"nowhere/", "nowhere/at.ini",
		"etc/init.ini/not-a-directory", "etc/init.ini/", NULL};
	static const char *const none[] = {NULL};
	uint64_t out = 1, empty = 2;
	(void)state;
	assert_int_equal(digest_sources(root, absent, &out), 0);
	assert_int_equal(digest_sources(root, none, &empty), 0);
	assert_int_equal(out, empty);
}

static void links_stay_inside_the_root(void **state)
{
	uint64_t before = now(), with;
	(void)state;
	/* An absolute link means the device's file, here absent, and not the builder's. */
	assert_int_equal(symlinkat("/etc/passwd", root, "etc/services.d/l.ini"), 0);
	assert_int_equal(now(), before);
	run("mkdir -p $1/etc && echo device >$1/etc/passwd", top);
	with = now();
	assert_int_not_equal(with, before);
	run("echo other >$1/etc/passwd", top);
	assert_int_not_equal(now(), with);
}

static void a_mask_counts_without_dev_null(void **state)
{
	uint64_t before = now(), masked;
	(void)state;
	assert_int_equal(symlinkat("/dev/null", root, "etc/services.d/a.ini"), 0);
	masked = now();
	assert_int_not_equal(masked, before);
	run("mkdir -p $1/dev && mknod $1/dev/null c 1 3 2>/dev/null || : >$1/dev/null", top);
	assert_int_equal(now(), masked);
	unlinkat(root, "etc/services.d/a.ini", 0);
	put("etc/services.d/a.ini", ""); /* an empty file is no mask */
	assert_int_not_equal(now(), masked);
}

static void what_is_no_file_is_absent(void **state)
{
	uint64_t before = now();
	(void)state;
	assert_int_equal(symlinkat("loop.ini", root, "etc/services.d/loop.ini"), 0);
	assert_int_equal(symlinkat("nowhere", root, "etc/services.d/dangling.ini"), 0);
	assert_int_equal(symlinkat("../../..", root, "etc/services.d/up.ini"), 0);
	assert_int_equal(now(), before);
}

static void a_socket_is_absent(void **state)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uint64_t before = now();
	(void)state;
	snprintf(name.sun_path, sizeof(name.sun_path), "%s/etc/services.d/s.ini", top);
	assert_int_equal(bind(fd, (const struct sockaddr *)&name, sizeof(name)), 0);
	assert_int_equal(now(), before);
	close(fd);
}

/* Reading the first page of one's own memory is EIO, for root too. */
static void what_cannot_be_read_is_an_error(void **state)
{
	static const char *const memory[] = {"self/mem", NULL};
	int proc = open("/proc", O_PATH | O_DIRECTORY);
	uint64_t out = 77;
	(void)state;
	assert_int_equal(digest_sources(proc, memory, &out), -EIO);
	assert_int_equal(digest_sources(-1, sources, &out), -EBADF);
	assert_int_equal(out, 77);
	close(proc);
}

static void a_fifo_does_not_block(void **state)
{
	(void)state;
	assert_int_equal(mkfifoat(root, "etc/services.d/f.ini", 0600), 0);
	now();
}

/* Oversized and endless files are the compiler's to refuse; the digest is bounded and goes on. */
static void large_files_are_bounded(void **state)
{
	uint64_t before;
	(void)state;
	put("etc/services.d/big.ini", "x");
	run("truncate -s 10M $1/etc/services.d/big.ini", top);
	before = now();
	put("etc/services.d/big.ini", "y");
	assert_int_not_equal(now(), before);
}

static void too_many_files_are_an_error(void **state)
{
	uint64_t out = 77;
	char count[16];
	(void)state;
	/* with the four that are there: one too many */
	snprintf(count, sizeof(count), "%d", CONFIG_MAX_SERVICES * 8 - 3);
	assert_int_equal(chdir(top), 0);
	run("cd etc/services.d && seq -f s%g.ini $1 | xargs touch", count);
	assert_int_equal(digest_sources(root, sources, &out), -E2BIG);
	assert_int_equal(out, 77);
	assert_int_equal(unlink("etc/services.d/s1.ini"), 0);
	now();
	assert_int_equal(chdir("/"), 0);
}

static void long_paths_are_an_error(void **state)
{
	char path[700];
	const char *const one[] = {path, NULL};
	uint64_t out = 77;
	(void)state;
	for (size_t i = 0; i < sizeof(path) - 1; i++) /* each name in it is short enough */
		path[i] = i % 100 == 99 ? '/' : 'p';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(digest_sources(root, one, &out), -ENAMETOOLONG);
	assert_int_equal(out, 77);
}

static int open_files(void)
{
	int n = 0;
	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void no_descriptor_is_left_open(void **state)
{
	int before = open_files();
	uint64_t out;
	(void)state;
	now();
	assert_int_equal(open_files(), before);
	/* An error in the second level, by a name that makes the path too long. */
	char deep[700], name[200];
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	snprintf(deep, sizeof(deep), "%s/%s/%s.d", name, name, name);
	assert_int_equal(chdir(top), 0);
	run("mkdir -p $1", deep);
	snprintf(deep, sizeof(deep), "%s/%s/", name, name);
	const char *const one[] = {deep, NULL};
	assert_int_equal(digest_sources(root, one, &out), -ENAMETOOLONG);
	assert_int_equal(open_files(), before);
	assert_int_equal(chdir("/"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_tree, drop_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_part_of_a_file_counts),
		TEST(contents_that_change_places_count),
		TEST(files_that_come_and_go_count),
		TEST(other_names_do_not_count),
		TEST(order_of_creation_does_not_count),
		TEST(the_root_may_be_anywhere),
		TEST(absolute_sources_are_the_roots),
		TEST(nothing_there_is_no_error),
		TEST(links_stay_inside_the_root),
		TEST(a_mask_counts_without_dev_null),
		TEST(what_is_no_file_is_absent),
		TEST(a_socket_is_absent),
		TEST(what_cannot_be_read_is_an_error),
		TEST(a_fifo_does_not_block),
		TEST(large_files_are_bounded),
		TEST(too_many_files_are_an_error),
		TEST(long_paths_are_an_error),
		TEST(no_descriptor_is_left_open),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
