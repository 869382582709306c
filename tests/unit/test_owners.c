// needs: pid1 base
/* SPDX-License-Identifier: MIT
 * Who else can write a file or a directory above it: each is refused, by name, with its owner and
 * mode.
 */
#include "pid1/boot/owners.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static char top[] = "/root/owners-XXXXXX", directory[64], file[80], told[OWNERS_TOLD];

static int judged(void)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	int err = owners_judge(fd, file, told);
	close(fd);
	return err;
}

static void is_refused(const char *path, unsigned owner, const char *mode)
{
	char expected[OWNERS_TOLD];
	snprintf(expected, sizeof(expected),
		"%s: others than root can write it (owner %u, mode %s), expected owner 0 and no write for group and others",
		path, owner, mode);
	assert_int_equal(judged(), -EPERM);
	assert_string_equal(told, expected);
}

static void what_is_roots_is_taken(void **state)
{
	(void)state;
	assert_int_equal(judged(), 0);
	assert_string_equal(told, "");
}

static void a_file_that_others_can_write_is_refused(void **state)
{
	(void)state;
	assert_int_equal(chmod(file, 0620), 0);
	is_refused(file, 0, "0620");
	assert_int_equal(chmod(file, 0602), 0);
	is_refused(file, 0, "0602");
	assert_int_equal(chmod(file, 0600) | chown(file, 7, 0), 0);
	is_refused(file, 7, "0600");
	assert_int_equal(chown(file, 0, 0), 0);
}

static void so_is_one_below_a_directory_of_others(void **state)
{
	(void)state;
	assert_int_equal(chmod(directory, 01777), 0);
	is_refused(directory, 0, "01777");
	assert_int_equal(chmod(directory, 0755) | chown(top, 8, 0), 0);
	is_refused(top, 8, "0700");
	assert_int_equal(chown(top, 0, 0), 0);
	assert_int_equal(judged(), 0);
}

/* What the link leads through is written by others, though neither end is. */
static void links_on_the_way_are_followed(void **state)
{
	char link[80], beyond[80], expected[OWNERS_TOLD];
	(void)state;
	snprintf(link, sizeof(link), "%s/link", top);
	snprintf(beyond, sizeof(beyond), "%s/link/plan", top);
	assert_int_equal(symlink(directory, link), 0);
	int fd = open(beyond, O_RDONLY | O_CLOEXEC);
	assert_int_equal(owners_judge(fd, beyond, told), 0);
	close(fd);
	char inner[80], plan[96];
	snprintf(inner, sizeof(inner), "%s/inner", directory);
	snprintf(plan, sizeof(plan), "%s/plan", inner);
	assert_int_equal(mkdir(inner, 0755) | chmod(directory, 0777) | unlink(link), 0);
	assert_int_equal(symlink(inner, link), 0);
	fd = open(plan, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(owners_judge(fd, beyond, told), -EPERM);
	snprintf(expected, sizeof(expected),
		"%s: others than root can write it (owner 0, mode 0777), expected owner 0 and no write for group and others",
		directory);
	assert_string_equal(told, expected);
	close(fd);
	assert_int_equal(unlink(plan) | rmdir(inner) | unlink(link) | chmod(directory, 0755), 0);
}

static void what_cannot_be_looked_at_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(owners_judge(-1, file, told), -EBADF);
}

static int build(void **state)
{
	(void)state;
	if (!mkdtemp(top))
		return -1;
	snprintf(directory, sizeof(directory), "%s/d", top);
	snprintf(file, sizeof(file), "%s/plan", directory);
	int fd = mkdir(directory, 0755) < 0 ? -1 : open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	chmod(directory, 0755);
	close(fd);
	return fd < 0 ? -1 : 0;
}

static int clear(void **state)
{
	(void)state;
	unlink(file);
	rmdir(directory);
	rmdir(top);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_roots_is_taken),
		cmocka_unit_test(a_file_that_others_can_write_is_refused),
		cmocka_unit_test(so_is_one_below_a_directory_of_others),
		cmocka_unit_test(links_on_the_way_are_followed),
		cmocka_unit_test(what_cannot_be_looked_at_is_an_error),
	};
	if (geteuid() != 0) {
		puts("1..1\nok 1 - owners # SKIP needs root");
		return 0;
	}
	return cmocka_run_group_tests(tests, build, clear);
}
