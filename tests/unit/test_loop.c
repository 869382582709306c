// needs: pid1 core base tests/unit/watchdog_stub.c -Wl,--wrap=clock_gettime,--wrap=epoll_wait
/* SPDX-License-Identifier: MIT
 * However much the core has to say, and however long each of it takes, PID 1 looks at its
 * descriptors in between. The clock and epoll are this test's; nothing else is there.
 */
#include "pid1/loop.h"
#include "engine/descriptors.h"
#include "pid1/service/answer.h"
#include "pid1/service/ask.h"
#include "pid1/boot/bootcheck.h"
#include "pid1/service/cell.h"
#include "pid1/service/clean.h"
#include "pid1/console.h"
#include "pid1/control/control.h"
#include "pid1/crash.h"
#include "pid1/service/empty.h"
#include "pid1/service/group.h"
#include "pid1/output/hunt.h"
#include "pid1/renew/reload.h"
#include "pid1/output/leave.h"
#include "pid1/output/logs.h"
#include "pid1/service/mains.h"
#include "pid1/service/notify.h"
#include "pid1/service/reap.h"
#include "pid1/report.h"
#include "pid1/boot/rescue.h"
#include "pid1/end/shutdown.h"
#include "pid1/errand.h"
#include "pid1/signals.h"
#include "pid1/service/sockets.h"
#include "pid1/service/timers.h"
#include "pid1/stay.h"
#include "pid1/take.h"
#include "pid1/watchdog.h"
#include "unit/watchdog_stub.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include <cmocka.h>

#define LOOKS 50

static struct pid1 block;
static struct plan plan;
static uint64_t clock_ms;
static uint32_t each_ms; /* that a decision takes */
static uint32_t decisions, most_decisions, looks;
static uint64_t looked_ms, longest_ms;
static jmp_buf out;

void (*errand_meanwhile)(struct pid1 *s);

int __wrap_clock_gettime(clockid_t id, struct timespec *t);
int __wrap_clock_gettime(clockid_t id, struct timespec *t)
{
	(void)id;
	*t = (struct timespec){.tv_sec = (time_t)(clock_ms / 1000),
		.tv_nsec = (long)(clock_ms % 1000) * 1000000};
	return 0;
}

int __wrap_epoll_wait(int fd, struct epoll_event *ev, int most, int timeout);
int __wrap_epoll_wait(int fd, struct epoll_event *ev, int most, int timeout)
{
	(void)fd, (void)ev, (void)most;
	assert_int_equal(timeout, 0); /* the core has more to say */
	longest_ms = clock_ms - looked_ms > longest_ms ? clock_ms - looked_ms : longest_ms;
	most_decisions = decisions > most_decisions ? decisions : most_decisions;
	looked_ms = clock_ms;
	decisions = 0;
	if (++looks == LOOKS)
		longjmp(out, 1);
	return 0;
}

/* It never comes to an end. */
bool core_next(struct core *c, const struct plan *p, uint64_t now, uint64_t heard,
	struct core_action *a)
{
	(void)c, (void)p, (void)now, (void)heard;
	*a = (struct core_action){.kind = ACT_NOTICE};
	return true;
}

void report_service(struct pid1 *s, const struct plan *p, const struct core_action *a)
{
	(void)s, (void)p, (void)a;
	decisions++;
	clock_ms += each_ms;
}

_Noreturn void crash_anew(struct pid1 *s)
{
	(void)s;
	abort();
}

/* ---- what is not there ---- */

#define NOTHING(name) \
	void name(struct pid1 *s, const struct plan *p) \
	{ \
		(void)s, (void)p; \
	}
#define NOTHING_OF(name) \
	void name(struct pid1 *s, const struct plan *p, uint32_t i) \
	{ \
		(void)s, (void)p, (void)i; \
	}
#define NEVER(name) \
	uint64_t name(const struct pid1 *s) \
	{ \
		(void)s; \
		return CORE_NEVER; \
	}
#define NEVER_OF(name) \
	uint64_t name(const struct pid1 *s, const struct plan *p) \
	{ \
		(void)s, (void)p; \
		return CORE_NEVER; \
	}

NOTHING(clean_look)
NOTHING(answer_look)
NOTHING(control_accept)
NOTHING(control_answer)
NOTHING(empty_look)
NOTHING(group_look)
NOTHING(hunt_look)
NOTHING(reload_look)
NOTHING(logs_flush)
NOTHING(logs_look)
NOTHING(reap_left)
NOTHING(rescue_look)
NOTHING(signals_read)
NOTHING(sockets_tidy)
NOTHING(report_left_out)
void report_unwatched(struct pid1 *s)
{
	(void)s;
}

NOTHING(bootcheck_look)
void answer_start(struct pid1 *s, const struct plan *p, const struct core_action *a)
{
	(void)s, (void)p, (void)a;
}

NOTHING_OF(clean_begin)
NOTHING_OF(control_client)
NOTHING_OF(notify_hear)
NOTHING_OF(notify_read)
NOTHING_OF(empty_check)
NOTHING_OF(reap_hear)
NOTHING_OF(reap_kill)
NOTHING_OF(reap_release)
NOTHING_OF(sockets_called)
NEVER(clean_deadline)
NEVER(ask_deadline)
NEVER(control_deadline)
NEVER(take_deadline)
NEVER(group_deadline)
NEVER(hunt_deadline)
NEVER(reload_deadline)
NEVER(logs_deadline)
NEVER(mains_deadline)
NEVER(report_deadline)
#if CONFIG_WATCHDOG
NEVER(watchdog_deadline)
#endif
#if CONFIG_TIMERS
uint64_t timers_deadline(struct pid1 *s, const struct plan *p)
{
	(void)s, (void)p;
	return CORE_NEVER;
}
NOTHING(timers_elapse)
NOTHING(timers_look)
NOTHING(timers_open)
void timers_jumped(struct pid1 *s)
{
	(void)s;
}
#endif
NEVER_OF(leave_deadline)
NEVER_OF(rescue_deadline)
NEVER_OF(bootcheck_deadline)

void notify_line(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot)
{
	(void)s, (void)p, (void)service, (void)slot;
}

void cell_hear(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot)
{
	notify_line(s, p, service, slot);
}

bool leave_look(struct pid1 *s, const struct plan *p)
{
	(void)s, (void)p;
	return false;
}

void reap_leave(struct pid1 *s, const struct plan *p, uint32_t service)
{
	(void)s, (void)p, (void)service;
}

uint32_t logs_logger(const struct pid1 *s, const struct plan *p)
{
	(void)s, (void)p;
	return 0;
}

bool take_is_over(struct pid1 *s, const struct plan *p, uint32_t service)
{
	(void)s, (void)p, (void)service;
	return false;
}

bool mains_is_due(const struct pid1 *s, uint32_t service, uint32_t slot)
{
	(void)s, (void)service, (void)slot;
	return false;
}

void mains_judge(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot)
{
	notify_line(s, p, service, slot);
}

void mains_ended(struct pid1 *s, uint32_t service, uint32_t slot)
{
	(void)s, (void)service, (void)slot;
}

void reap_reload(struct pid1 *s, const struct plan *p, uint32_t service, int sig)
{
	(void)s, (void)p, (void)service, (void)sig;
}

void reap_signal(struct pid1 *s, const struct plan *p, uint32_t service, int sig)
{
	(void)s, (void)p, (void)service, (void)sig;
}

void shutdown_run(struct pid1 *s, struct plan *p)
{
	(void)s, (void)p;
}

void console_say(struct pid1 *s, enum console_level level, ...)
{
	(void)s, (void)level;
}

void console_flush(struct pid1 *s)
{
	(void)s;
}

void core_event(struct core *c, const struct plan *p, struct core_event ev, uint64_t now)
{
	(void)c, (void)p, (void)ev, (void)now;
}

bool core_has_handed_out(const struct core *c, const struct core_action *a)
{
	(void)c, (void)a;
	return false;
}

uint64_t core_deadline(const struct core *c)
{
	(void)c;
	return CORE_NEVER;
}

int signals_open(void)
{
	return -1;
}

int descriptor_lift(int fd)
{
	return fd;
}

void stay_open(void)
{
}

void stay_begin(void)
{
}

void stay_was(struct pid1 *s, enum proto_stay in)
{
	(void)s, (void)in;
}

void stay_end(struct pid1 *s)
{
	(void)s;
}

/* ---- */

static void live(uint32_t ms)
{
	memset(&block, 0, sizeof(block));
	each_ms = ms;
	looked_ms = clock_ms = 1000;
	longest_ms = decisions = most_decisions = looks = watchdog_stub_feeds = 0;
	if (setjmp(out) == 0)
		loop_run(&block, &plan);
	printf("%u ms a decision: %u at most, %llu ms at most from one look to the next\n", ms,
		most_decisions, (unsigned long long)longest_ms);
}

static void slow_decisions_are_bounded_in_time(void **state)
{
	(void)state;
	live(1);
	assert_in_range(longest_ms, 10, 20);
	live(7);
	assert_in_range(longest_ms, 10, 27); /* the one that is under way is carried out */
	live(1000);
	assert_int_equal(most_decisions, 1);
}

static void those_without_time_are_bounded_in_number(void **state)
{
	(void)state;
	live(0);
	assert_int_equal(longest_ms, 0);
	assert_in_range(most_decisions, 1000, 10000);
}

static void the_watchdog_is_fed_before_each(void **state)
{
	(void)state;
	if (!CONFIG_WATCHDOG) {
		print_message("# this build is without CONFIG_WATCHDOG\n");
		skip();
	}
	live(1);
	assert_true(watchdog_stub_feeds >= LOOKS / 2 * most_decisions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slow_decisions_are_bounded_in_time),
		cmocka_unit_test(those_without_time_are_bounded_in_number),
		cmocka_unit_test(the_watchdog_is_fed_before_each),
	};
	return cmocka_run_group_tests_name("rounds of the loop", tests, NULL, NULL);
}
