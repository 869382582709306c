// needs: core pid1 engine plan base tests/unit/core_rig.c tests/unit/watchdog_stub.c
/* SPDX-License-Identifier: MIT
 * The control socket's clients as they come: one that says no more and does not read, one who
 * cannot be let in, one who is not root. The loop is this test: what it watches is asked of the
 * kernel, and an event that brings nothing further would come again and again.
 */
#include "pid1/service/ask.h"
#include "engine/descriptors.h"
#include "engine/receive.h"
#include "engine/procfs.h"
#include "pid1/control/control.h"
#include "pid1/console.h"
#include "pid1/control/describe.h"
#include "pid1/discard.h"
#include "pid1/service/reap.h"
#include "pid1/watch.h"
#include "unit/core_rig.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define MANY 300 /* records: more than the socket takes at once */

static struct rig rig;
static struct pid1 block;
static struct pid1 *const s = &block;
static uint64_t now;
static int lift_error;
static short watched[1024]; /* poll's events by descriptor */
static uint32_t index_of[1024];

bool ask_removes(const struct pid1 *st, uint32_t service)
{
	(void)st, (void)service;
	return false;
}

uint64_t now_ms(void)
{
	return now;
}

void post_event(struct pid1 *st, const struct plan *p, uint16_t kind, uint32_t service,
	uint16_t slot, int32_t value)
{
	(void)st, (void)p, (void)kind, (void)service, (void)slot, (void)value;
}

void console_say(struct pid1 *st, enum console_level level, ...)
{
	(void)st, (void)level;
}

void watch_add(struct pid1 *st, int fd, uint32_t events, enum watch kind, uint32_t index)
{
	(void)st, (void)kind;
	watched[fd] = (short)((events & EPOLLIN ? POLLIN : 0) | (events & EPOLLOUT ? POLLOUT : 0) |
		(events & EPOLLRDHUP ? POLLRDHUP : 0));
	index_of[fd] = index;
}

void watch_change(struct pid1 *st, int fd, uint32_t events, enum watch kind, uint32_t index)
{
	watch_add(st, fd, events, kind, index);
}

uint64_t discard_client(struct pid1 *st, int *fd)
{
	(void)st;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	return 0;
}

void discard_close(struct pid1 *st, int *fd)
{
	discard_client(st, fd);
}

int procfs_service(const struct plan *p, int pid)
{
	(void)p, (void)pid;
	return -1;
}

int descriptor_lift(int fd)
{
	if (fd < 0)
		return -errno;
	if (lift_error)
		close(fd);
	return lift_error ? lift_error : fd;
}

void describe_service(const struct pid1 *st, const struct plan *p, uint32_t service,
	struct proto_service *out)
{
	(void)st, (void)p, (void)service, (void)out;
}

void describe_machine(const struct pid1 *st, const struct plan *p, uint32_t uid,
	struct proto_machine *out)
{
	(void)st, (void)p;
	out->rescue_shell = uid;
}

int describe_refreshed(const struct pid1 *st, const struct client *c)
{
	return st->core.service[c->cursor].reload_failed ? -ETIMEDOUT : 0;
}

int describe_outcome(const struct pid1 *st, const struct client *c)
{
	(void)st, (void)c;
	return 0;
}

void describe_result(const struct pid1 *st, const struct plan *p, const struct client *c,
	char *text, size_t cap)
{
	(void)st, (void)p, (void)c, (void)cap;
	*text = 0;
}

int describe_kill_main(const struct pid1 *st, uint32_t service, int sig)
{
	(void)st, (void)service, (void)sig;
	return 0;
}

/* ---- */

static int begin(void **state)
{
	(void)state;
	rig_begin(&rig, (const struct rig_service[]){{.name = "web"}}, 1);
	memset(&block, 0, sizeof(block));
	s->core.count = 1;
	for (uint32_t i = 0; i < CONFIG_MAX_CLIENTS; i++)
		s->client[i] = (struct client){.fd = -1};
	now = 1000;
	lift_error = 0;
	return 0;
}

/* A client in the midst of its answer, of which MANY records are still to come. */
static int listing(uint32_t uid)
{
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
	s->client[0] = (struct client){.fd = pair[0],
		.state = CLIENT_LISTING,
		.verb = PROTO_INFO,
		.last = MANY,
		.uid = uid,
		.deadline_ms = now + 10000};
	watch_add(s, pair[0], EPOLLIN, WATCH_CLIENT, 0);
	return pair[1];
}

/* Rounds of the loop until nothing is ready, `most` of them. */
static int rounds(int fd, int most)
{
	int n = 0;
	while (n < most && s->client[0].fd >= 0) {
		struct pollfd pf = {.fd = fd, .events = watched[fd]};
		if (poll(&pf, 1, 0) <= 0)
			break;
		control_client(s, &rig.plan, index_of[fd]);
		n++;
	}
	return n;
}

static void one_that_says_no_more_and_does_not_read_costs_nothing(void **state)
{
	struct proto_reply reply;
	(void)state;
	int peer = listing(0), fd = s->client[0].fd, got = 0;
	shutdown(peer, SHUT_WR);
	control_client(s, &rig.plan, 0);
	assert_int_equal(s->client[0].state, CLIENT_LISTING);
	int n = rounds(fd, 1000);
	printf("%d rounds of the loop while it does not read\n", n);
	assert_int_equal(n, 0);
	/* and it has its answer when it does */
	for (int i = 0; i < 10 * MANY && s->client[0].fd >= 0; i++) {
		while (recv(peer, &reply, sizeof(reply), 0) == (ssize_t)sizeof(reply))
			got++;
		rounds(fd, 1);
	}
	while (recv(peer, &reply, sizeof(reply), 0) == (ssize_t)sizeof(reply))
		got++;
	assert_int_equal(got, MANY + 1);
	close(peer);
}

static void one_that_is_gone_is_dropped(void **state)
{
	(void)state;
	int peer = listing(0), fd = s->client[0].fd;
	control_client(s, &rig.plan, 0);
	close(peer);
	assert_int_equal(rounds(fd, 10), 1);
	assert_int_equal(s->client[0].state, CLIENT_FREE);
}

/* An event may be of another's descriptor that had this place before. */
static void one_that_waits_is_dropped_once_it_is_gone(void **state)
{
	(void)state;
	int peer = listing(0);
	s->client[0].state = CLIENT_WAITING;
	control_client(s, &rig.plan, 0);
	assert_int_equal(s->client[0].state, CLIENT_WAITING);
	close(peer);
	control_client(s, &rig.plan, 0);
	assert_int_equal(s->client[0].state, CLIENT_FREE);
}

/* All places are taken by `state`, and one more comes: what the one that has to go is told. */
static void check_turned_out(uint32_t waiting, int32_t told)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	struct proto_reply reply = {0};
	socklen_t n = sizeof(a);
	int first = -1, ends = 0;
	for (uint32_t i = 0; i < CONFIG_MAX_CLIENTS; i++) {
		int pair[2];
		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
		s->client[i] = (struct client){.fd = pair[0],
			.state = waiting,
			.verb = waiting == CLIENT_WAITING ? PROTO_START : 0,
			.service = PROCFS_NONE,
			.since_ms = now - 100 + i,
			.deadline_ms = CORE_NEVER};
		first = i == 0 ? pair[1] : first;
	}
	s->control_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(s->control_fd, (struct sockaddr *)&a, sizeof(a.sun_family)), 0);
	assert_int_equal(listen(s->control_fd, 8), 0);
	assert_int_equal(getsockname(s->control_fd, (struct sockaddr *)&a, &n), 0);
	int peer = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	assert_int_equal(connect(peer, (struct sockaddr *)&a, n), 0);
	control_accept(s, &rig.plan);
	assert_true(recv(first, &reply, sizeof(reply), 0) > 0);
	assert_int_equal(reply.kind, PROTO_END);
	assert_int_equal(reply.value, told);
	ends = (int)recv(first, &reply, sizeof(reply), 0);
	assert_int_equal(ends, 0);
	close(peer);
	close(s->control_fd);
}

static void who_loses_his_place_is_told(void **state)
{
	(void)state;
	check_turned_out(CLIENT_WAITING, PROTO_GOES_ON);
	check_turned_out(CLIENT_READING, PROTO_NO_PLACE);
}

static void the_door_is_shut_while_there_is_no_descriptor(void **state)
{
	static const int errors[] = {-EMFILE, -ENFILE, -ENOMEM, -ENOBUFS};
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	socklen_t n = sizeof(a);
	(void)state;
	s->control_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
	/* a name of the kernel's (unix(7)) */
	assert_int_equal(bind(s->control_fd, (struct sockaddr *)&a, sizeof(a.sun_family)), 0);
	assert_int_equal(listen(s->control_fd, 8), 0);
	assert_int_equal(getsockname(s->control_fd, (struct sockaddr *)&a, &n), 0);
	for (unsigned i = 0; i < 4; i++) {
		int peer = socket(AF_UNIX, SOCK_SEQPACKET, 0);
		watch_add(s, s->control_fd, EPOLLIN, WATCH_CONTROL, 0);
		assert_int_equal(connect(peer, (struct sockaddr *)&a, n), 0);
		lift_error = errors[i];
		control_accept(s, &rig.plan);
		control_accept(s, &rig.plan); /* the next event */
		assert_int_equal(watched[s->control_fd], 0);
		assert_int_equal(control_deadline(s), now + 200);
		control_answer(s, &rig.plan);
		assert_int_equal(watched[s->control_fd], 0);
		now += 200;
		control_answer(s, &rig.plan);
		assert_int_equal(watched[s->control_fd], POLLIN);
		assert_int_equal(control_deadline(s), CORE_NEVER);
		close(peer);
	}
	close(s->control_fd);
}

static void what_is_root_s_is_asked_for_by_the_client_s_uid(void **state)
{
	struct proto_reply reply;
	(void)state;
	int peer = listing(1000);
	control_client(s, &rig.plan, 0);
	assert_int_equal(recv(peer, &reply, sizeof(reply), 0), sizeof(reply));
	assert_int_equal(reply.machine.rescue_shell, 1000);
	close(peer);
	close(s->client[0].fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(one_that_says_no_more_and_does_not_read_costs_nothing, begin),
		cmocka_unit_test_setup(one_that_is_gone_is_dropped, begin),
		cmocka_unit_test_setup(one_that_waits_is_dropped_once_it_is_gone, begin),
		cmocka_unit_test_setup(who_loses_his_place_is_told, begin),
		cmocka_unit_test_setup(the_door_is_shut_while_there_is_no_descriptor, begin),
		cmocka_unit_test_setup(what_is_root_s_is_asked_for_by_the_client_s_uid, begin),
	};
	return cmocka_run_group_tests_name("clients of the control socket", tests, NULL, NULL);
}
