// needs: pid1 sockets core base CONFIG_SOCKETS
/* SPDX-License-Identifier: MIT
 * FIFOs, and sockets with a file, are opened by a child, and PID 1 never waits for it: with a clock
 * that stands still all is asked, given up and begun again. Children that answer, that fail, that
 * are stuck for ever; each point at which PID 1 may crash meanwhile.
 */
#include "base/errname.h"
#include "engine/descriptors.h"
#include "engine/receive.h"
#include "engine/send.h"
#include "pid1/service/answer.h"
#include "pid1/service/ask.h"
#include "pid1/service/conditions.h"
#include "pid1/console.h"
#include "pid1/discard.h"
#include "pid1/stay.h"
#include "pid1/service/sockets.h"
#include "pid1/service/spawn.h"
#include "pid1/report.h"
#include "pid1/watch.h"
#include "sockets/sockets.h"
#include "walls/apply.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define MANY 16

static struct pid1 block;
static struct plan_service service = {.sockets = {.count = MANY}};
static struct plan_socket sockets[MANY];
static uint64_t now;
static int children, held_at, failing, carried_out, closed, opening, removed_in_child[2];
static char failure[200], said[200];
static struct core_action last;

uint64_t now_ms(void)
{
	return now;
}

const struct plan_header *plan_header(const struct plan *p)
{
	static struct plan_header header;
	(void)p;
	return &header;
}

const struct plan_service *plan_service(const struct plan *p, uint32_t index)
{
	(void)p, (void)index;
	return &service;
}

const void *plan_elements(const struct plan *p, struct plan_list list, size_t size)
{
	(void)p, (void)size;
	return list.count == MANY ? sockets : NULL;
}

const char *plan_text(const struct plan *p, plan_str s)
{
	static char text[20];
	(void)p;
	snprintf(text, sizeof(text), "/far/%u", s);
	return text;
}

/* ---- the child ---- */

/* A real one, as its memory and its answers are its own. `held_at`: it is stuck there. */
int sockets_open(const struct plan *p, const struct plan_socket *ps,
	const struct sockets_label *label, struct wall_why *why)
{
	long index = ps - sockets;
	(void)p, (void)label;
	if (index == held_at)
		for (;;)
			pause();
	if (index == failing) {
		wall_failed(why, -EEXIST, "no socket: /run/this");
		return -EEXIST;
	}
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

void sockets_remove(const struct plan *p, const struct plan_socket *ps)
{
	char c = (char)('a' + (ps - sockets));
	(void)p;
	assert_int_equal(write(removed_in_child[1], &c, 1), 1);
}

int errand_send(int32_t *pid, errand_work work, const void *arg, int given)
{
	children++;
	*pid = fork();
	if (*pid)
		return *pid < 0 ? -errno : 0;
	if (given != ERRAND_FD && dup2(given, ERRAND_FD) < 0)
		_exit(99);
	_exit(-work(arg));
}

int errand_result(int status)
{
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

int send_message(int fd, const void *bytes, size_t n, int pass)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.space = {0}};
	struct iovec iov = {(void *)bytes, n};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space)};
	struct cmsghdr *h = CMSG_FIRSTHDR(&msg);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(pass));
	memcpy(CMSG_DATA(h), &pass, sizeof(pass));
	msg.msg_controllen = pass >= 0 ? msg.msg_controllen : 0;
	return sendmsg(fd, &msg, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* ---- of PID 1 ---- */

ssize_t receive_passed(int fd, void *buffer, size_t n, int *got)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = {buffer, n};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space)};
	*got = -1;
	ssize_t len = recvmsg(fd, &msg, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *h = len < 0 ? NULL : CMSG_FIRSTHDR(&msg);
	if (h)
		memcpy(got, CMSG_DATA(h), sizeof(*got));
	return len < 0 ? -errno : len;
}

int receive_done(int fd)
{
	char unused;
	return recv(fd, &unused, 1, MSG_DONTWAIT) < 0 ? -errno : 0;
}

int descriptor_channel(int pair[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0 ? -errno : 0;
}

int descriptor_lift(int fd)
{
	return fd;
}

int wall_failed(struct wall_why *why, int err, const char *what)
{
	snprintf(why->text, sizeof(why->text), "%s", what);
	return err;
}

int wall_failed2(struct wall_why *why, int err, const char *what, const char *about)
{
	snprintf(why->text, sizeof(why->text), "%s %s", what, about);
	return err;
}

void discard_close(struct pid1 *s, int *fd)
{
	(void)s;
	closed++;
	close(*fd);
	*fd = -1;
}

void discard_connection(struct pid1 *s, int *fd)
{
	(void)s;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void receive_close(int fd)
{
	close(fd);
}

void console_say(struct pid1 *s, enum console_level level, ...)
{
	const char *part;
	va_list args;
	(void)s;
	va_start(args, level);
	for (said[0] = 0; (part = va_arg(args, const char *)) != NULL;)
		strncat(said, part, sizeof(said) - strlen(said) - 1);
	va_end(args);
}

bool report_may(struct pid1 *s, uint32_t index, enum storm_kind kind)
{
	(void)s, (void)index, (void)kind;
	return true;
}

const char *err_name(int err)
{
	return strerror(err < 0 ? -err : err);
}

void watch_add(struct pid1 *s, int fd, uint32_t events, enum watch kind, uint32_t index)
{
	(void)s, (void)fd, (void)events, (void)kind, (void)index;
}

void watch_remove(struct pid1 *s, int fd)
{
	(void)s, (void)fd;
}

void post_event(struct pid1 *s, const struct plan *p, uint16_t kind, uint32_t index, uint16_t slot,
	int32_t value)
{
	(void)s, (void)p, (void)kind, (void)index, (void)slot, (void)value;
}

void core_opening(struct core *c, uint32_t i, bool is)
{
	(void)c, (void)i;
	opening = is;
}

int conditions_heard(struct pid1 *s, const struct plan *p, uint32_t index, int result,
	struct wall_why *why)
{
	(void)s, (void)p, (void)index, (void)result, (void)why;
	return 0;
}

void post_failed(struct pid1 *s, const struct plan *p, uint32_t index, uint32_t slot,
	const char *step, int err, const char *detail)
{
	(void)s, (void)p, (void)index, (void)slot;
	snprintf(failure, sizeof(failure), "%s: %s: %s", step, strerrorname_np(-err), detail);
}

void stay_was(struct pid1 *s, enum proto_stay in)
{
	(void)s, (void)in;
}

bool spawn_may_begin(struct pid1 *s, const struct plan *p, const struct core_action *a)
{
	(void)s, (void)p, (void)a;
	return true;
}

void spawn_service(struct pid1 *s, const struct plan *p, const struct core_action *a)
{
	struct wall_why why = {0};
	last = *a;
	carried_out += sockets_prepare(s, p, a, &why) == 0;
}

/* ---- the tests ---- */

static const struct core_action start = {.kind = ACT_SPAWN, .slot = SLOT_MAIN, .list = EXEC_START};

static int begin(void **state)
{
	(void)state;
	memset(&block, 0, sizeof(block));
	for (uint32_t i = 0; i < MANY; i++)
		sockets[i] = (struct plan_socket){.family = SOCKET_PATH,
			.kind = i % 2 ? SOCKET_FIFO : SOCKET_STREAM,
			.text = i};
	block.core.count = 1;
	block.core.service[0].state = SVC_STARTING;
	block.runtime[0].asked_fd = -1;
	now = 5000;
	children = carried_out = closed = opening = 0;
	held_at = failing = -1;
	failure[0] = said[0] = 0;
	assert_int_equal(pipe2(removed_in_child, O_NONBLOCK), 0);
	return 0;
}

static int stop_children(void **state)
{
	(void)state;
	if (block.runtime[0].asked_pid > 0) {
		kill(block.runtime[0].asked_pid, SIGKILL);
		waitpid(block.runtime[0].asked_pid, NULL, 0);
	}
	for (int i = 0; i < CONFIG_MAX_SOCKETS; i++)
		if (block.listener[i].fd > 0)
			close(block.listener[i].fd);
	close(removed_in_child[0]);
	close(removed_in_child[1]);
	return 0;
}

static int prepare(void)
{
	struct wall_why why = {0};
	return sockets_prepare(&block, NULL, &start, &why);
}

static void child_ends(void)
{
	int status, pid = block.runtime[0].asked_pid;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(answer_ended(&block, NULL, pid, status));
}

static int listeners(void)
{
	int n = 0;
	for (int i = 0; i < CONFIG_MAX_SOCKETS; i++)
		n += block.listener[i].fd > 0;
	return n;
}

/* It sleeps where it is held: all before that has been sent. */
static void child_is_held(void)
{
	char path[40], state = 0;
	snprintf(path, sizeof(path), "/proc/%d/stat", block.runtime[0].asked_pid);
	for (int tries = 0; tries < 10000 && state != 'S'; tries++) {
		FILE *f = fopen(path, "re");
		if (f && fscanf(f, "%*d %*s %c", &state) != 1)
			state = 0;
		if (f)
			fclose(f);
		usleep(1000);
	}
	assert_int_equal(state, 'S');
}

static void all_are_opened_by_one_child(void **state)
{
	(void)state;
	assert_int_equal(prepare(), -EINPROGRESS);
	assert_int_equal(listeners(), 0);
	child_ends();
	assert_int_equal(listeners(), MANY);
	assert_int_equal(children, 1);
	assert_int_equal(carried_out, 1);
	assert_int_equal(last.kind, ACT_SPAWN);
	assert_int_equal(block.runtime[0].asked_fd, -1);
}

/* 16 FIFOs, of which somebody holds each in its turn: what is open stays so, and a start that comes
 * again goes on from there. No clock moves while PID 1 is in here. */
static void one_that_is_held_is_named_after_its_time(void **state)
{
	(void)state;
	for (int held = 0; held < MANY; held++) {
		char wanted[100];
		held_at = held;
		assert_int_equal(prepare(), -EINPROGRESS);
		child_is_held();
		answer_look(&block, NULL);
		assert_string_equal(failure, "");
		assert_in_range(ask_deadline(&block), now + 1, now + 10000);
		now = ask_deadline(&block);
		answer_look(&block, NULL);
		snprintf(wanted, sizeof(wanted), "socket: ETIMEDOUT: nothing answers at /far/%d", held);
		assert_string_equal(failure, wanted);
		assert_int_equal(listeners(), held);
		assert_true(ask_deadline(&block) == CORE_NEVER);
		child_ends();
		failure[0] = 0;
	}
	held_at = -1;
	assert_int_equal(prepare(), -EINPROGRESS);
	child_ends();
	assert_int_equal(listeners(), MANY);
	printf("%d held one after the other, %d children\n", MANY, children);
}

/* One that no signal ends: no second child comes beside it, and the start waits its time for the
 * first. */
static void stuck_children_do_not_grow_in_number(void **state)
{
	(void)state;
	held_at = 3;
	assert_int_equal(prepare(), -EINPROGRESS);
	child_is_held();
	for (int i = 0; i < 20; i++) {
		answer_forget(&block, NULL, 0, -ETIMEDOUT);
		assert_int_equal(prepare(), -EINPROGRESS);
		now = ask_deadline(&block);
		answer_look(&block, NULL);
		assert_string_equal(failure, "socket: ETIMEDOUT: an earlier request has not been answered");
	}
	assert_int_equal(children, 1);
	assert_int_equal(prepare(), -EINPROGRESS);
	held_at = -1;
	child_ends(); /* then the start goes on */
	assert_int_equal(children, 2);
	child_ends();
	assert_int_equal(carried_out, 1);
	assert_int_equal(listeners(), MANY);
}

static void what_fails_says_why(void **state)
{
	(void)state;
	failing = 2;
	assert_int_equal(prepare(), -EINPROGRESS);
	child_ends();
	assert_string_equal(failure, "socket: EEXIST: no socket: /run/this");
	assert_int_equal(listeners(), 2);
	assert_int_equal(carried_out, 0);
	failing = -1;
	held_at = 5;
	assert_int_equal(prepare(), -EINPROGRESS);
	child_is_held();
	kill(block.runtime[0].asked_pid, SIGKILL);
	child_ends();
	assert_string_equal(failure, "socket: ECANCELED: the process that opens them has not answered");
}

/* All that stands by then is closed, and its files go once the child is dead. */
static void a_stop_in_the_midst_leaves_nothing(void **state)
{
	char removed[MANY + 1] = "";
	(void)state;
	held_at = 5;
	assert_int_equal(prepare(), -EINPROGRESS);
	child_is_held();
	answer_forget(&block, NULL, 0, -ECANCELED);
	assert_string_equal(failure, "socket: ECANCELED: nothing answers at /far/5");
	block.core.service[0].state = SVC_DOWN;
	sockets_tidy(&block, NULL);
	assert_int_equal(listeners(), 0);
	assert_int_equal(closed, 5);
	assert_int_equal(children, 1);
	child_ends();
	assert_int_equal(children, 2);
	assert_true(ask_removes(&block, 0));
	child_ends();
	assert_int_equal(read(removed_in_child[0], removed, MANY), 3);
	assert_string_equal(removed, "ace"); /* a FIFO stays */
	assert_false(ask_is_out(&block, 0));
	assert_int_equal(carried_out, 0);
}

/* A new start waits until the former files are removed, and not for ever. */
static void a_start_comes_behind_a_removal(void **state)
{
	(void)state;
	assert_int_equal(prepare(), -EINPROGRESS);
	child_ends();
	block.core.service[0].state = SVC_DOWN;
	sockets_tidy(&block, NULL);
	assert_int_equal(listeners(), 0);
	block.core.service[0].state = SVC_STARTING;
	assert_int_equal(prepare(), -EINPROGRESS);
	assert_int_equal(children, 2);
	child_ends();
	assert_int_equal(children, 3);
	child_ends();
	assert_int_equal(listeners(), MANY);
	assert_int_equal(carried_out, 2);
}

/* The block survives, and all descriptors that it names do: before the child's answer, behind
 * some of it, and with it lying there. */
static void a_crash_in_the_midst_is_not_noticed(void **state)
{
	(void)state;
	held_at = 4;
	assert_int_equal(prepare(), -EINPROGRESS);
	child_is_held();
	ask_adopt(&block, 0);
	assert_true(ask_waits(&block, 0));
	now = ask_deadline(&block);
	answer_look(&block, NULL);
	assert_string_equal(failure, "socket: ETIMEDOUT: nothing answers at /far/4");
	child_ends();
	held_at = -1;
	assert_int_equal(prepare(), -EINPROGRESS);
	ask_adopt(&block, 0);
	child_ends();
	assert_int_equal(listeners(), MANY);
	assert_int_equal(carried_out, 1);
	/* The child's end was read by a former life: nobody waits, and who is told again asks anew. */
	block.listener[7].fd = 0;
	assert_int_equal(prepare(), -EINPROGRESS);
	waitpid(block.runtime[0].asked_pid, NULL, 0);
	block.runtime[0].asked_pid = 0;
	ask_adopt(&block, 0);
	assert_false(ask_waits(&block, 0));
	assert_int_equal(block.runtime[0].asked_fd, -1);
	assert_int_equal(prepare(), -EINPROGRESS);
	child_ends();
	assert_int_equal(listeners(), MANY);
}

static void on_demand_nobody_is_told_before_they_stand(void **state)
{
	const struct core_action a = {.kind = ACT_LISTEN};
	(void)state;
	block.core.service[0].state = SVC_LISTENING;
	sockets_listen(&block, NULL, &a);
	assert_int_equal(opening, 1);
	child_ends(); /* and the action has come again */
	assert_int_equal(opening, 0);
	assert_int_equal(listeners(), MANY);
	assert_string_equal(failure, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, stop_children)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_are_opened_by_one_child),
		TEST(one_that_is_held_is_named_after_its_time),
		TEST(stuck_children_do_not_grow_in_number),
		TEST(what_fails_says_why),
		TEST(a_stop_in_the_midst_leaves_nothing),
		TEST(a_start_comes_behind_a_removal),
		TEST(a_crash_in_the_midst_is_not_noticed),
		TEST(on_demand_nobody_is_told_before_they_stand),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
