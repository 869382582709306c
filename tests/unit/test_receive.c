// needs: pid1/receive.c
/* SPDX-License-Identifier: MIT
 * Messages with descriptors, as a hostile service would send them: PID 1 must neither keep them nor be the one that lingers at their closing. */
#include "pid1/receive.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define PASSED 253 /* SCM_MAX_FD */

static int pair[2];

static int set_up(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
}

static int tear_down(void **state)
{
	(void)state;
	close(pair[0]);
	close(pair[1]);
	return 0;
}

static int lingering_socket(void)
{
	const struct linger l = {1, 30};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)), 0);
	return fd;
}

static int lingers(int fd)
{
	struct linger l;
	socklen_t n = sizeof(l);

	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_LINGER, &l, &n), 0);
	return l.l_onoff;
}

/* The same descriptor many times, so that the last of them is looked after too. */
static void send_with(size_t bytes, int fd, size_t count)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(PASSED * sizeof(int))];
	} control = {.space = {0}};
	char text[16] = "hello";
	struct iovec iov = {text, bytes};
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = CMSG_SPACE(count * sizeof(int))};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(count * sizeof(int));
	for (size_t i = 0; i < count; i++)
		memcpy(CMSG_DATA(c) + i * sizeof(int), &fd, sizeof(int));
	assert_int_equal(sendmsg(pair[0], &msg, 0), (ssize_t)bytes);
}

static int lowest_free(void)
{
	int fd = dup(pair[0]);

	close(fd);
	return fd;
}

static void test_passed_descriptors_do_not_linger(void **state)
{
	char text[16];
	int fd = lingering_socket();
	int free_before = lowest_free();

	(void)state;
	send_with(5, fd, 1);
	assert_int_equal(receive_message(pair[1], text, sizeof(text), NULL), 5);
	assert_memory_equal(text, "hello", 5);
	assert_int_equal(lingers(fd), 0);
	assert_int_equal(lowest_free(), free_before);
	close(fd);
}

/* Were there no room for all, the kernel would close the rest itself, lingering. */
static void test_as_many_as_can_be_passed(void **state)
{
	char text[16];
	int fd = lingering_socket(), plain = dup(2);
	int free_before = lowest_free();

	(void)state;
	send_with(5, plain, PASSED);
	send_with(5, fd, PASSED);
	assert_int_equal(receive_message(pair[1], text, sizeof(text), NULL), 5);
	assert_int_equal(receive_message(pair[1], text, sizeof(text), NULL), 5);
	assert_int_equal(lingers(fd), 0);
	assert_int_equal(lowest_free(), free_before);
	close(fd);
	close(plain);
}

static void test_a_long_message_is_an_error_and_its_descriptor_closed(void **state)
{
	char text[4];
	int fd = lingering_socket();

	(void)state;
	send_with(5, fd, 1);
	assert_int_equal(receive_message(pair[1], text, sizeof(text), NULL), -EMSGSIZE);
	assert_int_equal(lingers(fd), 0);
	close(fd);
}

static void test_what_was_not_read_does_not_linger_either(void **state)
{
	int first = lingering_socket(), second = lingering_socket();

	(void)state;
	send_with(0, first, 1); /* of no bytes: it is not the end */
	send_with(5, second, 1);
	receive_nothing_more(pair[1]);
	assert_int_equal(lingers(first), 0);
	assert_int_equal(lingers(second), 0);
	assert_int_equal(send(pair[0], "x", 1, MSG_NOSIGNAL), -1);
	close(first);
	close(second);
}

static void test_nothing_there(void **state)
{
	char text[4];
	int pid = 7;

	(void)state;
	assert_int_equal(receive_message(pair[1], text, sizeof(text), &pid), -EAGAIN);
	assert_int_equal(pid, 7);
	shutdown(pair[0], SHUT_WR);
	assert_int_equal(receive_message(pair[1], text, sizeof(text), &pid), 0);
}

static void test_the_sender_is_named(void **state)
{
	const int on = 1;
	char text[4];
	int pid = 0;

	(void)state;
	assert_int_equal(setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)), 0);
	assert_int_equal(send(pair[0], "x", 1, 0), 1);
	assert_int_equal(receive_message(pair[1], text, sizeof(text), &pid), 1);
	assert_int_equal(pid, getpid());
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_passed_descriptors_do_not_linger, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_as_many_as_can_be_passed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_long_message_is_an_error_and_its_descriptor_closed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_was_not_read_does_not_linger_either, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nothing_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_sender_is_named, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
