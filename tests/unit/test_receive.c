// needs: engine -Wl,--wrap=setsockopt
/* SPDX-License-Identifier: MIT
 * Messages with descriptors, as a hostile service would send them: PID 1 must neither keep them
 * nor be the one that lingers at their closing. */
#include "engine/receive.h"
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

#define PASSRIGHTS 83 /* SO_PASSRIGHTS (Linux 6.16), which C libraries do not have yet */

static int pair[2];
/* what SO_PASSRIGHTS was last set for, and what the kernel says of it: an errno, 0 = done */
static int refusing, answer;

int __real_setsockopt(int fd, int level, int option, const void *value, socklen_t n);
int __wrap_setsockopt(int fd, int level, int option, const void *value, socklen_t n);
int __wrap_setsockopt(int fd, int level, int option, const void *value, socklen_t n)
{
	if (level != SOL_SOCKET || option != PASSRIGHTS)
		return __real_setsockopt(fd, level, option, value, n);
	assert_int_equal(n, sizeof(int));
	assert_int_equal(*(const int *)value, 0);
	refusing = fd;
	errno = answer;
	return answer ? -1 : 0;
}

static int set_up(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0
		? -1
		: receive_names_senders(pair[1]);
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

/* The same descriptor many times, so that the last of them is looked after too. */
static void send_with(size_t bytes, int fd, size_t count)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(PASSED * sizeof(int))];
	} control = {.space = {0}};
	char text[16] = "hello";
	struct iovec iov = {text, bytes};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = CMSG_SPACE(count * sizeof(int))};
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

static int queue_empty(void)
{
	char text[16];
	return recv(pair[1], text, sizeof(text), MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/* Nothing is installed, and what lies there keeps its last reference. */
static void test_a_message_with_descriptors_is_only_looked_at(void **state)
{
	char text[16];
	struct sender from;
	int fd = lingering_socket();
	(void)state;
	send_with(5, fd, 1);
	close(fd);
	int free_before = lowest_free();
	for (int n = 0; n < 3; n++) {
		assert_int_equal(receive_message(pair[1], text, sizeof(text), &from), 5);
		assert_memory_equal(text, "hello", 5);
		assert_true(from.carries);
		assert_int_equal(from.pid, getpid());
		assert_int_equal(from.uid, geteuid());
		assert_int_equal(lowest_free(), free_before);
		assert_false(queue_empty());
	}
}

static void test_as_many_as_can_be_passed(void **state)
{
	char text[16];
	struct sender from;
	int plain = dup(2);
	(void)state;
	send_with(5, plain, PASSED);
	close(plain);
	int free_before = lowest_free();
	assert_int_equal(receive_message(pair[1], text, sizeof(text), &from), 5);
	assert_true(from.carries);
	assert_int_equal(lowest_free(), free_before);
}

static void test_without_descriptors_it_is_taken(void **state)
{
	char text[16];
	struct sender from;
	(void)state;
	assert_int_equal(send(pair[0], "hello", 5, 0), 5);
	assert_int_equal(receive_message(pair[1], text, sizeof(text), &from), 5);
	assert_memory_equal(text, "hello", 5);
	assert_false(from.carries);
	assert_true(queue_empty());
}

static void test_a_long_message_is_an_error(void **state)
{
	char text[4];
	struct sender from;
	int fd = lingering_socket();
	(void)state;
	assert_int_equal(send(pair[0], "hello", 5, 0), 5);
	assert_int_equal(receive_message(pair[1], text, sizeof(text), &from), -EMSGSIZE);
	assert_false(from.carries);
	assert_true(queue_empty());
	send_with(5, fd, 1);
	assert_int_equal(receive_message(pair[1], text, sizeof(text), &from), -EMSGSIZE);
	assert_true(from.carries);
	close(fd);
}

static void test_a_queue_with_descriptors_is_not_emptied(void **state)
{
	int fd = lingering_socket();
	(void)state;
	assert_int_equal(send(pair[0], "", 0, 0), 0);
	assert_int_equal(send(pair[0], "x", 1, 0), 1);
	send_with(0, fd, 1); /* of no bytes: it is not the end */
	close(fd);
	assert_false(receive_nothing_more(pair[1]));
	assert_int_equal(send(pair[0], "x", 1, MSG_NOSIGNAL), -1);
}

static void test_a_queue_without_is(void **state)
{
	(void)state;
	assert_int_equal(send(pair[0], "", 0, 0), 0);
	assert_int_equal(send(pair[0], "x", 1, 0), 1);
	assert_true(receive_nothing_more(pair[1]));
	assert_int_equal(send(pair[0], "x", 1, MSG_NOSIGNAL), -1);
}

static void test_nothing_there(void **state)
{
	char text[4];
	struct sender from;
	(void)state;
	assert_int_equal(receive_message(pair[1], text, sizeof(text), &from), -EAGAIN);
	assert_false(from.carries);
	shutdown(pair[0], SHUT_WR);
	assert_int_equal(receive_message(pair[1], text, sizeof(text), &from), 0);
	assert_int_equal(from.pid, -1);
}

static void test_a_trusted_peer_passes_one(void **state)
{
	char text[16];
	int passed = -1, fd = lingering_socket();
	(void)state;
	send_with(5, fd, 3);
	int free_before = lowest_free();
	assert_int_equal(receive_passed(pair[1], text, sizeof(text), &passed), 5);
	assert_int_equal(passed, free_before);
	assert_int_equal(fcntl(passed, F_GETFD), FD_CLOEXEC);
	close(passed);
	assert_int_equal(lowest_free(), free_before);
	close(fd);
}

/* And a kernel that cannot changes nothing: what comes is still only looked at. */
static void test_the_kernel_is_told_to_refuse_descriptors(void **state)
{
	static const int answers[] = {0, ENOPROTOOPT, EINVAL};
	char text[16];
	struct sender from;
	(void)state;
	for (unsigned i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		answer = answers[i];
		refusing = -1;
		receive_refuse_descriptors(pair[1]);
		assert_int_equal(refusing, pair[1]);
		assert_int_equal(send(pair[0], "hello", 5, 0), 5);
		assert_int_equal(receive_message(pair[1], text, sizeof(text), &from), 5);
		assert_false(from.carries);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_message_with_descriptors_is_only_looked_at, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(test_as_many_as_can_be_passed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_without_descriptors_it_is_taken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_long_message_is_an_error, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_queue_with_descriptors_is_not_emptied, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(test_a_queue_without_is, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nothing_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_trusted_peer_passes_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_kernel_is_told_to_refuse_descriptors, set_up,
			tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
