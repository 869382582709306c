// needs: base
/* SPDX-License-Identifier: MIT
 * Somebody puts a link in the place of a socket's directory while bind(2) is on its way: nothing of
 * it stays, there or here. file.c is included, so that its bind is ours. As root, whom the kernel
 * tells where a socket's file is.
 */
#include <sys/socket.h>

static int replaced_bind(int fd, const struct sockaddr *a, socklen_t n);
#define bind replaced_bind
#include "sockets/file.c"
#undef bind

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static char base[32], path[64];
static bool replaces, baits;

static const char *in(const char *name)
{
	static char text[4][64];
	static unsigned turn;
	char *t = text[turn++ % 4];
	snprintf(t, sizeof(text[0]), "%s/%s", base, name);
	return t;
}

static int open_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int replaced_bind(int fd, const struct sockaddr *a, socklen_t n)
{
	struct sockaddr_un bait = {.sun_family = AF_UNIX};
	if (replaces) {
		assert_int_equal(rename(in("d"), in("moved")), 0);
		assert_int_equal(symlink("victim", in("d")), 0);
	}
	if (baits) { /* another socket lies where ours should */
		int other = open_socket();
		snprintf(bait.sun_path, sizeof(bait.sun_path), "%s", in("moved/so"));
		assert_int_equal(bind(other, (struct sockaddr *)&bait, sizeof(bait)), 0);
		close(other);
	}
	return bind(fd, a, n);
}

const char *plan_text(const struct plan *p, plan_str s)
{
	(void)p, (void)s;
	return path;
}

int wall_failed(struct wall_why *why, int err, const char *text)
{
	(void)why, (void)text;
	return err;
}

int wall_failed2(struct wall_why *why, int err, const char *what, const char *text)
{
	(void)what;
	return wall_failed(why, err, text);
}

static int begin(void **state)
{
	(void)state;
	strcpy(base, "/tmp/test_sockets_file.XXXXXX");
	replaces = baits = false;
	if (!mkdtemp(base) || mkdir(in("d"), 0755) < 0 || mkdir(in("victim"), 0755) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s", in("d/so"));
	return 0;
}

static int end(void **state)
{
	(void)state;
	unlink(in("victim/so"));
	unlink(in("moved/so"));
	unlink(in("d"));
	unlink(in("d/so"));
	rmdir(in("moved"));
	rmdir(in("d"));
	rmdir(in("victim"));
	return rmdir(base);
}

static int make_socket(void)
{
	const struct plan_socket s = {.family = SOCKET_PATH, .kind = SOCKET_STREAM, .mode = 0640};
	struct wall_why why = {0};
	const char *name;
	int fd = open_socket(), directory = sockets_file_parent(path, false, &name, &why);
	assert_true(fd >= 0 && directory >= 0);
	int err = sockets_file_bind(fd, NULL, &s, directory, name, &why);
	close(directory);
	close(fd);
	return err;
}

static bool is_there(const char *name)
{
	struct stat st;
	return lstat(in(name), &st) == 0;
}

static void it_is_where_it_should_be(void **state)
{
	(void)state;
	struct stat st;
	assert_int_equal(make_socket(), 0);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFSOCK | 0640);
}

static void a_directory_that_is_replaced(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	replaces = true;
	assert_int_equal(make_socket(), -ENOENT);
	assert_false(is_there("victim/so"));
	assert_false(is_there("moved/so"));
}

static void another_socket_is_not_taken_for_it(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	replaces = baits = true;
	assert_int_equal(make_socket(), -ELOOP);
	assert_false(is_there("victim/so"));
	assert_true(is_there("moved/so"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_where_it_should_be, begin, end),
		cmocka_unit_test_setup_teardown(a_directory_that_is_replaced, begin, end),
		cmocka_unit_test_setup_teardown(another_socket_is_not_taken_for_it, begin, end),
	};
	return cmocka_run_group_tests_name("sockets_file", tests, NULL, NULL);
}
