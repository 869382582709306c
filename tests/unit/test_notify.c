// needs: core pid1 engine plan base tests/unit/core_rig.c
/* SPDX-License-Identifier: MIT
 * What a service says of itself, by datagrams and on its NotificationFD: messages as long as
 * systemd's are heard, longer ones are said, and a descriptor that comes along is nobody's.
 */
#include "pid1/service/notify.h"
#include "engine/descriptors.h"
#include "engine/receive.h"
#include "engine/procfs.h"
#include "pid1/service/cell.h"
#include "pid1/console.h"
#include "pid1/crash.h"
#include "pid1/discard.h"
#include "pid1/service/label.h"
#include "pid1/service/reap.h"
#include "pid1/service/sockets.h"
#include "pid1/take.h"
#include "pid1/watch.h"
#include "sockets/sockets.h"
#include "unit/core_rig.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct rig rig;
static struct pid1 block;
static struct pid1 *const s = &block;
static unsigned ready, said, heads;
static int pair[2], parent, whose;
static char words[256]; /* of the last line on the console */

void post_event(struct pid1 *st, const struct plan *p, uint16_t kind, uint32_t service,
	uint16_t slot, int32_t value)
{
	(void)st, (void)p, (void)service, (void)slot, (void)value;
	ready += kind == EV_READY;
}

void console_say(struct pid1 *st, enum console_level level, ...)
{
	va_list list;
	(void)st;
	said++;
	words[0] = 0;
	va_start(list, level);
	for (const char *word; (word = va_arg(list, const char *));)
		strncat(words, word, sizeof(words) - strlen(words) - 1);
	va_end(list);
}

void discard_connection(struct pid1 *st, int *fd)
{
	(void)st;
	close(*fd);
	*fd = -1;
}

void discard_close(struct pid1 *st, int *fd)
{
	discard_connection(st, fd);
}

void take_begin(struct pid1 *st, uint32_t service)
{
	(void)st, (void)service;
	heads++;
}

uint64_t now_ms(void)
{
	return 1000;
}

void watch_add(struct pid1 *st, int fd, uint32_t events, enum watch kind, uint32_t index)
{
	(void)st, (void)fd, (void)events, (void)kind, (void)index;
}

int procfs_service(const struct plan *p, int pid)
{
	(void)p, (void)pid;
	return whose;
}

int procfs_parent(int pid)
{
	(void)pid;
	return parent;
}

void cell_hear(struct pid1 *st, const struct plan *p, uint32_t service, uint32_t slot)
{
	(void)st, (void)p, (void)service, (void)slot;
}

bool crash_distrusts(const struct pid1 *st)
{
	(void)st;
	return false;
}

int descriptor_lift(int fd)
{
	return fd;
}

void label_of(struct pid1 *st, const struct plan *p, uint32_t service, struct sockets_label *label)
{
	(void)st, (void)p, (void)service, (void)label;
}

void label_note(struct pid1 *st, uint32_t service, const struct wall_why *why)
{
	(void)st, (void)service, (void)why;
}

int sockets_label_begin(const struct sockets_label *label, struct wall_why *why)
{
	(void)label, (void)why;
	return 0;
}

void sockets_label_end(const struct sockets_label *label)
{
	(void)label;
}

/* ---- */

static int begin(int type)
{
	rig_begin(&rig, (const struct rig_service[]){{.name = "web", .type = TYPE_NOTIFY}}, 1);
	((struct plan_service *)plan_service(&rig.plan, 0))->notify_access = NOTIFY_ALL;
	memset(&block, 0, sizeof(block));
	s->core.count = 1;
	s->runtime[0].notify = s->runtime[0].slot[0].ready = s->runtime[0].slot[1].ready = -1;
	s->runtime[0].slot[0].pid = s->runtime[0].slot[0].main = getpid();
	ready = said = heads = 0;
	whose = 0;
	parent = getpid();
	if (socketpair(AF_UNIX, type, 0, pair) < 0)
		return -1;
	return receive_names_senders(pair[0]);
}

static int begin_datagrams(void **state)
{
	(void)state;
	int err = begin(SOCK_DGRAM);
	s->runtime[0].notify = pair[0];
	return err;
}

static int begin_descriptor(void **state)
{
	(void)state;
	int err = begin(SOCK_SEQPACKET);
	s->runtime[0].slot[0].ready = pair[0];
	return err;
}

static int end(void **state)
{
	(void)state;
	if (s->runtime[0].notify >= 0 || s->runtime[0].slot[0].ready >= 0)
		close(pair[0]);
	close(pair[1]);
	return 0;
}

static void say_long(size_t length)
{
	static char text[8192];
	memset(text, 'x', sizeof(text));
	memcpy(text, "STATUS=", 7);
	memcpy(text + length - 8, "\nREADY=1", 8);
	assert_int_equal(send(pair[1], text, length, 0), length);
	notify_read(s, &rig.plan, 0);
}

static void as_long_as_systemd_s(void **state)
{
	(void)state;
	say_long(1025);
	assert_int_equal(ready, 1);
	say_long(4096);
	assert_int_equal(ready, 2);
	assert_int_equal(said, 0);
}

static void a_longer_one_is_said_once(void **state)
{
	(void)state;
	say_long(4097);
	say_long(8000);
	assert_int_equal(ready, 0);
	assert_int_equal(said, 1);
	say_long(100);
	assert_int_equal(ready, 1);
}

/* As C programs send it who count the string's end in, and systemd takes it. A zero anywhere
 * else is part of a line. */
static void a_zero_at_the_end_is_none_of_its_text(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t n;
		int ready;
	} cases[] = {{"READY=1", 8, 1}, {"STATUS=x\nREADY=1\n", 18, 1}, {"", 1, 0}, {"READY=1\0", 9, 0},
		{"\0READY=1", 8, 0}, {"READY=1\0\nx", 10, 0}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		ready = 0;
		assert_int_equal(send(pair[1], cases[i].text, cases[i].n, 0), cases[i].n);
		notify_read(s, &rig.plan, 0);
		assert_int_equal(ready, cases[i].ready);
	}
}

static void say_ready(void)
{
	assert_int_equal(send(pair[1], "READY=1", 7, 0), 7);
	notify_read(s, &rig.plan, 0);
}

/* The cell's report is not there yet: the service is the cell's child. */
static void begin_unreported(void)
{
	((struct plan_service *)plan_service(&rig.plan, 0))->notify_access = NOTIFY_MAIN;
	s->runtime[0].slot[0].main = 0;
}

static void faster_than_the_report(void **state)
{
	(void)state;
	begin_unreported();
	say_ready();
	assert_int_equal(ready, 1);
	assert_int_equal(said, 0);
}

static void an_unread_parent_is_said(void **state)
{
	(void)state;
	begin_unreported();
	parent = -EIO;
	say_ready();
	assert_int_equal(ready, 0);
	assert_string_equal(words,
		"web: a readiness message is ignored: /proc does not show its sender's parent: EIO");
}

static void who_may_not_is_told_of_once(void **state)
{
	(void)state;
	begin_unreported();
	s->runtime[0].slot[0].main = getpid() + 1;
	say_ready();
	say_ready();
	assert_int_equal(ready, 0);
	assert_int_equal(said, 1);
	assert_string_equal(words,
		"web: a readiness message is ignored: its sender is not the main process (NotifyAccess = main)");
}

static void another_s_is_not_believed(void **state)
{
	(void)state;
	whose = PROCFS_NONE;
	say_ready();
	assert_int_equal(ready, 0);
	assert_string_equal(words,
		"web: a readiness message is ignored: its sender is none of this service's processes");
}

static void write_line(const char *text, size_t n)
{
	assert_int_equal(send(pair[1], text, n, 0), n);
	notify_line(s, &rig.plan, 0, 0);
}

static void a_newline_is_what_counts(void **state)
{
	static char much[6000];
	(void)state;
	write_line("", 0);
	write_line("soon", 4);
	write_line(much, sizeof(much));
	assert_int_equal(ready, 0);
	assert_true(s->runtime[0].slot[0].ready >= 0);
	write_line("now\n", 4);
	assert_int_equal(ready, 1);
	assert_int_equal(s->runtime[0].slot[0].ready, -1);
}

static void its_end_is_no_newline(void **state)
{
	(void)state;
	shutdown(pair[1], SHUT_WR);
	notify_line(s, &rig.plan, 0, 0);
	assert_int_equal(ready, 0);
	assert_int_equal(s->runtime[0].slot[0].ready, -1);
}

static void with_a_descriptor_it_is_the_last(void **state)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)),
					 .cmsg_level = SOL_SOCKET,
					 .cmsg_type = SCM_RIGHTS}};
	struct iovec iov = {(char *)"\n", 1};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	const int fd = 2;
	(void)state;
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	assert_int_equal(sendmsg(pair[1], &msg, 0), 1);
	notify_line(s, &rig.plan, 0, 0);
	assert_int_equal(ready, 1);
	assert_int_equal(s->runtime[0].slot[0].ready, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(as_long_as_systemd_s, begin_datagrams, end),
		cmocka_unit_test_setup_teardown(a_longer_one_is_said_once, begin_datagrams, end),
		cmocka_unit_test_setup_teardown(a_zero_at_the_end_is_none_of_its_text, begin_datagrams,
			end),
		cmocka_unit_test_setup_teardown(faster_than_the_report, begin_datagrams, end),
		cmocka_unit_test_setup_teardown(an_unread_parent_is_said, begin_datagrams, end),
		cmocka_unit_test_setup_teardown(who_may_not_is_told_of_once, begin_datagrams, end),
		cmocka_unit_test_setup_teardown(another_s_is_not_believed, begin_datagrams, end),
		cmocka_unit_test_setup_teardown(a_newline_is_what_counts, begin_descriptor, end),
		cmocka_unit_test_setup_teardown(its_end_is_no_newline, begin_descriptor, end),
		cmocka_unit_test_setup_teardown(with_a_descriptor_it_is_the_last, begin_descriptor, end),
	};
	return cmocka_run_group_tests_name("what services say of themselves", tests, NULL, NULL);
}
