// needs: pid1 engine base
/* SPDX-License-Identifier: MIT
 * Last references of strangers' descriptors when no child is to be had for them, and how many
 * children they may cost. The fork is played. */
#include "pid1/discard.h"
#include "base/sys.h"
#include "engine/descriptors.h"
#include "engine/receive.h"
#include "pid1/console.h"
#include "pid1/service/notify.h"
#include "pid1/stay.h"
#include "pid1/report.h"
#include "pid1/watch.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define LINGER_S 30
#define SOON_MS 5000u /* far below that, far above what a loaded machine takes */

static struct pid1 s;
static long next_pid; /* what the next fork gives, or -errno */
static int forks;

long sys_clone3(struct clone_args *args, size_t size, void (*fn)(void *), void *arg)
{
	(void)size, (void)fn, (void)arg;
	forks++;
	if (next_pid < 0)
		return next_pid;
	if (args->parent_tid)
		*(int32_t *)(uintptr_t)args->parent_tid = (int32_t)next_pid;
	return next_pid++;
}

/* ---- what else of PID 1 is linked with them ---- */

int sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	(void)first, (void)last, (void)flags;
	return -ENOSYS;
}

void sys_exit(int status)
{
	_exit(status);
}

uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int descriptor_lift(int fd)
{
	return fd;
}

void console_say(struct pid1 *p, enum console_level level, ...)
{
	(void)p, (void)level;
}

void watch_add(struct pid1 *p, int fd, uint32_t events, enum watch kind, uint32_t index)
{
	(void)p, (void)fd, (void)events, (void)kind, (void)index;
}

void watch_remove(struct pid1 *p, int fd)
{
	(void)p, (void)fd;
}

void watch_drop(struct pid1 *p, int *fd)
{
	(void)p;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

bool report_may(struct pid1 *p, uint32_t service, enum storm_kind kind)
{
	(void)p, (void)service, (void)kind;
	return true;
}

void notify_read(struct pid1 *p, const struct plan *plan, uint32_t service)
{
	(void)p, (void)plan, (void)service;
}

void core_unread(struct core *c, uint32_t i, bool unread)
{
	(void)c, (void)i, (void)unread;
}

const struct plan_service *plan_service(const struct plan *p, uint32_t i)
{
	(void)p, (void)i;
	return NULL;
}

const char *plan_text(const struct plan *p, plan_str at)
{
	(void)p, (void)at;
	return "";
}

/* ---- descriptors ---- */

static int listener;

/* Bytes that nobody reads, and an owner who would wait for it. */
static int lingering(void)
{
	static const char junk[65536];
	const struct linger l = {1, LINGER_S};
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener <= 0) {
		listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(bind(listener, (struct sockaddr *)&a, sizeof(a)), 0);
		assert_int_equal(listen(listener, 64), 0);
	}
	assert_int_equal(getsockname(listener, (struct sockaddr *)&a, &n), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	while (write(fd, junk, sizeof(junk)) > 0)
		;
	assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
	return fd;
}

/* The receiving end of a connection in whose queue `fd` has its last reference. */
static int holding(int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.space = {0}};
	struct iovec iov = {(char[]){"x"}, 1};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int pair[2];
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(sendmsg(pair[0], &msg, 0), 1);
	close(fd);
	close(pair[0]);
	return pair[1];
}

static int fresh(void **state)
{
	(void)state;
	s = (struct pid1){.magic = 0};
	forks = 0;
	next_pid = 100;
	return 0;
}

/* ---- tests ---- */

static void without_a_child_the_tick_ends_it(void **state)
{
	(void)state;
	int fd[3] = {holding(lingering()), holding(lingering()), holding(holding(lingering()))};
	uint64_t begin = now_ms();
	next_pid = -EAGAIN;
	stay_open();
	stay_begin();
	for (int i = 0; i < 3; i++) {
		discard_close(&s, &fd[i]);
		assert_int_equal(fd[i], -1);
	}
	stay_was(&s, STAY_SOCKETS);
	stay_end(&s);
	assert_int_equal(forks, 3);
	assert_true(now_ms() - begin < SOON_MS);
	print_message("three closes: %u ms, of them %u asleep\n", (unsigned)(now_ms() - begin),
		(unsigned)s.loop_asleep_ms[STAY_SOCKETS]);
}

static void a_sleep_is_seen(void **state)
{
	(void)state;
	int fd = lingering();
	const struct linger second = {1, 1};
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &second, sizeof(second)), 0);
	stay_open();
	stay_begin();
	uint64_t begin = now_ms();
	while (now_ms() - begin < 200)
		; /* busy is not asleep */
	stay_was(&s, STAY_ELSE);
	sigset_t tick;
	sigemptyset(&tick);
	sigaddset(&tick, SIGALRM);
	sigprocmask(SIG_BLOCK, &tick, NULL);
	close(fd);
	stay_was(&s, STAY_CLIENTS);
	sigprocmask(SIG_UNBLOCK, &tick, NULL);
	stay_end(&s);
	print_message("asleep: %u ms while busy, %u ms in a close that lingers for a second\n",
		(unsigned)s.loop_asleep_ms[STAY_ELSE], (unsigned)s.loop_asleep_ms[STAY_CLIENTS]);
	assert_true(s.loop_asleep_ms[STAY_CLIENTS] >= 500);
	assert_true(s.loop_asleep_ms[STAY_ELSE] < 100);
	assert_true(s.loop_max_ms >= 1000);
	assert_int_equal(s.loop_max_in, STAY_CLIENTS);
}

static void children_that_do_not_end_are_bounded(void **state)
{
	(void)state;
	for (int i = 0; i < CLOSERS + 4; i++) {
		int fd = holding(open("/dev/null", O_RDONLY | O_CLOEXEC));
		discard_close(&s, &fd);
		assert_int_equal(fd, -1);
	}
	assert_int_equal(forks, CLOSERS);
	assert_true(discard_closed(&s, 103));
	assert_false(discard_closed(&s, 103));
	int fd = holding(open("/dev/null", O_RDONLY | O_CLOEXEC));
	discard_close(&s, &fd);
	assert_int_equal(forks, CLOSERS + 1);
}

/* However many they are, and however often they come. */
static void clients_have_one_child_a_pause(void **state)
{
	(void)state;
	int fd[4];
	uint64_t begin = now_ms();
	for (int i = 0; i < 4; i++)
		assert_int_equal(
			receive_names_senders(fd[i] = holding(open("/dev/null", O_RDONLY | O_CLOEXEC))), 0);
	for (int i = 0; i < 4; i++) {
		uint64_t later;
		while ((later = discard_client(&s, &fd[i])) != 0) {
			assert_true(fd[i] >= 0);
			assert_true(later > begin);
			while (now_ms() < later)
				;
		}
		assert_int_equal(fd[i], -1);
	}
	assert_int_equal(forks, 4);
	assert_true(now_ms() - begin >= 3 * 10);
}

static void a_client_without_costs_none(void **state)
{
	int pair[2];
	(void)state;
	for (int i = 0; i < 10; i++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
		assert_int_equal(write(pair[0], "x", 1), 1);
		close(pair[0]);
		assert_int_equal(discard_client(&s, &pair[1]), 0);
	}
	assert_int_equal(forks, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(without_a_child_the_tick_ends_it, fresh),
		cmocka_unit_test_setup(a_sleep_is_seen, fresh),
		cmocka_unit_test_setup(children_that_do_not_end_are_bounded, fresh),
		cmocka_unit_test_setup(clients_have_one_child_a_pause, fresh),
		cmocka_unit_test_setup(a_client_without_costs_none, fresh),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
