// needs: compile walls data plan base CONFIG_STORAGE
/* SPDX-License-Identifier: MIT
 * What is written by rename: an earlier file is replaced, and what is no ordinary file stays.
 */
#include "compile/files/files.h"
#include "data/data.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char top[] = "/tmp/rename-XXXXXX";

static const char *below(const char *name)
{
	static char path[2][96];
	static int turn;
	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", top, name);
	return path[turn];
}

static int write_text(const char *name, const char *text)
{
	return output_file(below(name), (const unsigned char *)text, strlen(text), 0640);
}

static void contains(const char *name, const char *text)
{
	char found[32] = "";
	int fd = open(below(name), O_RDONLY | O_CLOEXEC);
	assert_true(read(fd, found, sizeof(found) - 1) >= 0);
	assert_string_equal(found, text);
	close(fd);
}

static mode_t type_of(const char *name)
{
	struct stat st;
	return lstat(below(name), &st) < 0 ? 0 : st.st_mode & S_IFMT;
}

static void a_file_is_replaced(void **state)
{
	struct stat st;
	(void)state;
	assert_int_equal(write_text("a", "one"), 0);
	int fd = open(below("a"), O_RDONLY | O_CLOEXEC); /* who has it open keeps what he has */
	assert_int_equal(write_text("a", "two"), 0);
	contains("a", "two");
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_nlink, 0);
	close(fd);
	assert_int_equal(access(below("a.new"), F_OK), -1);
	assert_int_equal(write_text("none/a", "x"), -ENOENT);
}

static void a_link_is_followed(void **state)
{
	(void)state;
	assert_int_equal(mkdir(below("d"), 0755), 0);
	assert_int_equal(write_text("d/file", "one"), 0);
	assert_int_equal(symlink("d/file", below("link")), 0);
	assert_int_equal(write_text("link", "two"), 0);
	assert_true(S_ISLNK(type_of("link")));
	contains("d/file", "two");
	assert_int_equal(symlink("nowhere", below("loose")), 0);
	assert_int_equal(write_text("loose", "x"), -ENOENT);
	assert_true(S_ISLNK(type_of("loose")));
}

static void a_pipe_is_written_to(void **state)
{
	char found[8] = "";
	(void)state;
	assert_int_equal(mkfifo(below("pipe"), 0600), 0);
	int fd = open(below("pipe"), O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_int_equal(write_text("pipe", "plan"), 0);
	assert_int_equal(read(fd, found, sizeof(found)), 4);
	assert_string_equal(found, "plan");
	assert_true(S_ISFIFO(type_of("pipe")));
	assert_int_equal(symlink("pipe", below("to-pipe")), 0);
	assert_int_equal(write_text("to-pipe", "more"), 0);
	assert_int_equal(read(fd, found, sizeof(found)), 4);
	assert_string_equal(found, "more");
	assert_int_equal(data_seed_save(below("pipe")), -EBADMSG);
	assert_true(S_ISFIFO(type_of("pipe")));
	close(fd);
}

static void a_device_is_written_to(void **state)
{
	struct stat null;
	(void)state;
	if (geteuid() != 0 || stat("/dev/null", &null) < 0 ||
		mknod(below("null"), S_IFCHR | 0666, null.st_rdev) < 0)
		skip();
	assert_int_equal(write_text("null", "plan"), 0);
	assert_true(S_ISCHR(type_of("null")));
	assert_int_equal(data_seed_save(below("null")), -EBADMSG);
	assert_true(S_ISCHR(type_of("null")));
}

/* In a directory like /tmp root follows no link of another user, and waits for no pipe of one. */
static void what_others_have_planted_is_refused(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir(below("s"), 0755), 0);
	assert_int_equal(chmod(below("s"), 01777), 0);
	assert_int_equal(write_text("secret", "one"), 0);
	assert_int_equal(symlink("../secret", below("s/link")), 0);
	assert_int_equal(write_text("s/link", "own"), 0);
	contains("secret", "own");
	assert_int_equal(lchown(below("s/link"), 65534, 65534), 0);
	assert_int_equal(write_text("s/link", "two"), -EACCES);
	contains("secret", "own");
	assert_int_equal(mkfifo(below("s/pipe"), 0666), 0);
	int fd = open(below("s/pipe"), O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_int_equal(lchown(below("s/pipe"), 65534, 65534), 0);
	assert_int_equal(write_text("s/pipe", "two"), -EACCES);
	close(fd);
	assert_int_equal(write_text("s/file", "one"), 0);
	assert_int_equal(lchown(below("s/file"), 65534, 65534), 0);
	assert_int_equal(write_text("s/file", "two"), 0);
	contains("s/file", "two");
}

static void a_directory_stays(void **state)
{
	(void)state;
	assert_int_equal(mkdir(below("e"), 0755), 0);
	assert_int_equal(write_text("e", "x"), -EISDIR);
	assert_int_equal(data_seed_save(below("e")), -EBADMSG);
	assert_true(S_ISDIR(type_of("e")));
}

static void a_seed_is_replaced(void **state)
{
	struct stat st;
	(void)state;
	assert_int_equal(data_seed_save(below("var/seed")), 0);
	assert_int_equal(data_seed_save(below("var/seed")), 0);
	assert_int_equal(stat(below("var/seed"), &st), 0);
	assert_int_equal(st.st_size, 64);
	assert_int_equal(symlink("seed", below("var/link")), 0);
	assert_int_equal(data_seed_save(below("var/link")), -EBADMSG);
	assert_true(S_ISLNK(type_of("var/link")));
}

static int make_top(void **state)
{
	(void)state;
	return mkdtemp(top) ? 0 : -1;
}

static int remove_top(void **state)
{
	char command[96];
	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", top);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_replaced),
		cmocka_unit_test(a_link_is_followed),
		cmocka_unit_test(a_pipe_is_written_to),
		cmocka_unit_test(a_device_is_written_to),
		cmocka_unit_test(what_others_have_planted_is_refused),
		cmocka_unit_test(a_directory_stays),
		cmocka_unit_test(a_seed_is_replaced),
	};
	return cmocka_run_group_tests(tests, make_top, remove_top);
}
