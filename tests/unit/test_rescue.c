// needs: pid1 core plan base
/* SPDX-License-Identifier: MIT
 * When a device is dark, and what follows: a shell, its next one, or a reboot. Console, programs
 * and time are this test's.
 */
#include "pid1/boot/rescue.h"
#include "engine/descriptors.h"
#include "pid1/boot/account.h"
#include "pid1/console.h"
#include "pid1/errand.h"
#include "pid1/boot/bootmark.h"
#include "pid1/boot/planfile.h"
#include "pid1/spawn_tool.h"
#include "pid1/watch.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static struct pid1 s;
static struct plan plan;
static struct {
	struct plan_header header;
	struct plan_service service[2];
	char text[8];
} bytes;
static uint64_t now;
static int started, spawn_answer, dark_count, asked_final;

uint64_t now_ms(void)
{
	return now;
}

void console_say(struct pid1 *st, enum console_level level, ...)
{
	(void)st, (void)level;
}

int descriptor_lift(int fd)
{
	return fd;
}

int spawn_on_terminal(const char *path, const char *const *argv, int terminal, int32_t *pid)
{
	(void)path, (void)argv, (void)terminal;
	started++;
	*pid = spawn_answer < 0 ? 0 : spawn_answer;
	return spawn_answer < 0 ? spawn_answer : 0;
}

int descriptor_pipe(int fd[2], int flags)
{
	return pipe2(fd, flags);
}

/* The only thing that is asked here is how often it has been dark. */
int errand_run_with(struct pid1 *st, errand_work work, const void *arg, int given, uint32_t ms)
{
	(void)st, (void)work, (void)arg, (void)ms;
	if (dark_count < 0)
		return dark_count;
	return write(given, &dark_count, sizeof(dark_count)) == sizeof(dark_count) ? 0 : -EIO;
}

int bootmark_failed(void)
{
	return 0;
}

int sys_read_file(int dirfd, const char *path, char *buf, size_t cap)
{
	(void)dirfd, (void)path, (void)buf, (void)cap;
	return -ENOENT;
}

void post_event(struct pid1 *st, const struct plan *p, uint16_t kind, uint32_t service,
	uint16_t slot, int32_t value)
{
	(void)st, (void)p, (void)service, (void)slot;
	if (kind == EV_FINAL)
		asked_final = value;
}

/* Two services, whose states the test says. */
static int begin(void **state)
{
	(void)state;
	memset(&s, 0, sizeof(s));
	memset(&bytes, 0, sizeof(bytes));
	bytes.header.services = (struct plan_list){offsetof(__typeof__(bytes), service), 2};
	plan = (struct plan){.base = (const unsigned char *)&bytes, .size = sizeof(bytes)};
	s.core.count = 2;
	s.plan_source = PLAN_COMPILED;
	s.rescue.mode = RESCUE_NEVER;
	s.core.service[0].state = s.core.service[1].state = SVC_FAILED;
	now = 5000;
	started = asked_final = 0;
	spawn_answer = 77;
	dark_count = -EROFS;
	return 0;
}

/* As the loop does: again and again, and at the deadline at the latest. */
static void run(uint64_t ms)
{
	uint64_t until = now + ms;
	for (;;) {
		rescue_look(&s, &plan);
		uint64_t next = rescue_deadline(&s, &plan);
		if (next > until || asked_final)
			break;
		if (next > now)
			now = next;
	}
	now = until;
}

static void what_runs_or_will_is_no_darkness(void **state)
{
	static const uint8_t dark[] = {SVC_DOWN, SVC_FAILED, SVC_REFUSED, SVC_SKIPPED, SVC_DONE};
	(void)state;
	for (unsigned st = 0; st < SVC_STATE_COUNT; st++) {
		s.core.service[1].state = (uint8_t)st;
		assert_int_equal(rescue_is_dark(&s, &plan), memchr(dark, (int)st, sizeof(dark)) != NULL);
	}
	s.core.service[1].state = SVC_UP;
	bytes.service[1].type = TYPE_GROUP;
	assert_true(rescue_is_dark(&s, &plan));
	bytes.service[1].type = TYPE_SIMPLE;
	bytes.service[1].flags = SERVICE_LOGGER;
	assert_true(rescue_is_dark(&s, &plan));
	s.core.count = 0;
	assert_true(rescue_is_dark(&s, &plan));
}

/* A network that is configured lights no device whose daemons have all failed. */
static void what_is_done_is_light_unless_a_daemon_has_failed(void **state)
{
	static const struct {
		uint8_t type, state;
		bool dark;
	} table[] = {{TYPE_SIMPLE, SVC_FAILED, true}, {TYPE_NOTIFY, SVC_REFUSED, true},
		{TYPE_SIMPLE, SVC_DOWN, false}, {TYPE_SIMPLE, SVC_SKIPPED, false},
		{TYPE_ONESHOT, SVC_FAILED, false}, {TYPE_ONESHOT, SVC_DONE, false},
		{TYPE_SIMPLE, SVC_BACKOFF, false}, {TYPE_GROUP, SVC_FAILED, false}};
	(void)state;
	bytes.service[1].type = TYPE_ONESHOT;
	s.core.service[1].state = SVC_DONE;
	for (unsigned i = 0; i < sizeof(table) / sizeof(*table); i++) {
		bytes.service[0].type = table[i].type;
		s.core.service[0].state = table[i].state;
		assert_int_equal(rescue_is_dark(&s, &plan), table[i].dark);
	}
	bytes.service[0].type = TYPE_SIMPLE;
	bytes.service[1].type = TYPE_SIMPLE;
}

static void who_gets_a_shell(void **state)
{
	static const enum account in[] = {ACCOUNT_EMPTY, ACCOUNT_PASSWORD},
							  out[] = {ACCOUNT_NONE, ACCOUNT_LOCKED, ACCOUNT_COUNT};
	(void)state;
	s.rescue.mode = RESCUE_OPEN;
	assert_null(rescue_refusal(&s));
	s.rescue.mode = RESCUE_NEVER;
	assert_non_null(rescue_refusal(&s));
	s.rescue.mode = RESCUE_COUNT;
	assert_non_null(rescue_refusal(&s));
	s.rescue.mode = RESCUE_PASSWORD;
	for (unsigned i = 0; i < sizeof(in) / sizeof(*in); i++) {
		s.rescue.account = in[i];
		assert_null(rescue_refusal(&s));
	}
	for (unsigned i = 0; i < sizeof(out) / sizeof(*out); i++) {
		s.rescue.account = out[i];
		assert_non_null(rescue_refusal(&s));
	}
	s.rescue.account = ACCOUNT_PASSWORD;
	s.rescue.asker = 1000; /* none of them is there */
	assert_non_null(rescue_refusal(&s));
}

static void without_a_shell_it_reboots_and_the_time_doubles(void **state)
{
	static const struct {
		int count;
		uint64_t ms;
	} table[] = {{-EROFS, 10000}, {1, 10000}, {2, 20000}, {4, 80000}, {7, 640000}, {8, 640000},
		{1000, 640000}};
	for (unsigned i = 0; i < sizeof(table) / sizeof(*table); i++) {
		begin(state);
		dark_count = table[i].count;
		run(1000 + table[i].ms - 1);
		assert_int_equal(asked_final, FINAL_NONE);
		run(1);
		assert_int_equal(asked_final, FINAL_REBOOT);
		assert_int_equal(started, 0);
	}
}

static void one_that_comes_back_in_time_ends_it(void **state)
{
	(void)state;
	run(900);
	s.core.service[1].state = SVC_STARTING;
	run(100000);
	assert_int_equal(asked_final, FINAL_NONE);
	s.core.service[1].state = SVC_FAILED;
	run(5000);
	s.core.service[0].state = SVC_UP; /* while the reboot is due */
	run(100000);
	assert_int_equal(asked_final, FINAL_NONE);
	assert_int_equal(rescue_deadline(&s, &plan), CORE_NEVER);
}

static void going_down_is_not_dark(void **state)
{
	(void)state;
	s.core.final = FINAL_POWEROFF;
	assert_int_equal(rescue_deadline(&s, &plan), CORE_NEVER);
	rescue_look(&s, &plan);
	assert_int_equal(s.rescue.phase, 0);
}

static void shells(uint64_t each, int n)
{
	for (int i = 0; i < n && !asked_final; i++) {
		assert_int_equal(started, i + 1);
		assert_false(rescue_ended(&s, 78));
		now += each;
		assert_true(rescue_ended(&s, 77));
		run(1000);
	}
}

static void a_shell_follows_a_shell(void **state)
{
	(void)state;
	int fd = open("/dev/console", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) /* this machine has none */
		skip();
	close(fd);
	s.rescue.mode = RESCUE_OPEN;
	s.plan_source = PLAN_RESCUE;
	run(0);
	shells(5000, 20);
	assert_int_equal(asked_final, FINAL_NONE);
	assert_int_equal(started, 21);
	begin(state);
	s.rescue.mode = RESCUE_OPEN;
	s.plan_source = PLAN_RESCUE;
	run(0);
	shells(100, 5); /* it ends at once */
	assert_int_equal(started, 5);
	run(10000);
	assert_int_equal(asked_final, FINAL_REBOOT);
}

static void one_that_does_not_start(void **state)
{
	(void)state;
	s.rescue.mode = RESCUE_OPEN;
	spawn_answer = -ENOENT;
	run(1000 + 10000);
	assert_int_equal(asked_final, FINAL_REBOOT);
	assert_true(started <= 1);
}

/* A crash wrote into the state: no other way to a shell than the plan's, and nobody waits for
 * one that has no end. */
static void after_a_crash(void **state)
{
	(void)state;
	bytes.header.machine.rescue_shell = RESCUE_NEVER;
	s.rescue = (struct rescue){.mode = RESCUE_OPEN,
		.phase = 3,
		.pid = 0x7ffffff0,
		.due_ms = CORE_NEVER};
	rescue_doubt(&s, &plan);
	assert_non_null(rescue_refusal(&s));
	run(1000 + 10000);
	assert_int_equal(asked_final, FINAL_REBOOT);
	assert_int_equal(started, 0);
}

/* The rescue plan has none of the firmware's words: what the firmware said stays, if it is
 * whole. */
static void after_a_crash_without_the_firmware_s_plan(void **state)
{
	(void)state;
	bytes.header.machine.rescue_shell = RESCUE_PASSWORD;
	s.plan_source = PLAN_RESCUE;
	s.rescue = (struct rescue){.mode = RESCUE_OPEN, .witness = ~(uint32_t)RESCUE_OPEN};
	rescue_doubt(&s, &plan);
	assert_int_equal(s.rescue.mode, RESCUE_OPEN);
	s.rescue = (struct rescue){.mode = RESCUE_NEVER, .witness = ~(uint32_t)RESCUE_NEVER};
	rescue_doubt(&s, &plan);
	assert_int_equal(s.rescue.mode, RESCUE_NEVER);
	s.rescue = (struct rescue){.mode = RESCUE_OPEN, .witness = ~(uint32_t)RESCUE_NEVER};
	rescue_doubt(&s, &plan);
	assert_int_equal(s.rescue.mode, RESCUE_PASSWORD);
	rescue_doubt(&s, &plan); /* and in the next */
	assert_int_equal(s.rescue.mode, RESCUE_PASSWORD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_runs_or_will_is_no_darkness, begin),
		cmocka_unit_test_setup(what_is_done_is_light_unless_a_daemon_has_failed, begin),
		cmocka_unit_test_setup(who_gets_a_shell, begin),
		cmocka_unit_test_setup(without_a_shell_it_reboots_and_the_time_doubles, begin),
		cmocka_unit_test_setup(one_that_comes_back_in_time_ends_it, begin),
		cmocka_unit_test_setup(going_down_is_not_dark, begin),
		cmocka_unit_test_setup(a_shell_follows_a_shell, begin),
		cmocka_unit_test_setup(one_that_does_not_start, begin),
		cmocka_unit_test_setup(after_a_crash, begin),
		cmocka_unit_test_setup(after_a_crash_without_the_firmware_s_plan, begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
