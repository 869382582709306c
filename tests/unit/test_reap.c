// needs: engine pid1 plan base tests/unit/watchdog_stub.c
/* SPDX-License-Identifier: MIT
 * PID 1's signals to a service, and what it makes of a cell that does not tell of an end.
 */
#include "pid1/service/reap.h"
#include "pid1/service/timers.h"
#include "base/report.h"
#include "engine/descriptors.h"
#include "engine/group.h"
#include "engine/receive.h"
#include "pid1/service/answer.h"
#include "pid1/boot/bootcheck.h"
#include "pid1/service/clean.h"
#include "pid1/console.h"
#include "pid1/crash.h"
#include "pid1/discard.h"
#include "pid1/service/group.h"
#include "pid1/service/mains.h"
#include "pid1/service/network.h"
#include "pid1/service/notify.h"
#include "pid1/output/logs.h"
#include "pid1/report.h"
#include "pid1/boot/rescue.h"
#include "pid1/take.h"
#include "pid1/watch.h"
#include "walls/cgroup/cgroup.h"
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct pid1 state_block;
static struct pid1 *const s = &state_block;
static struct plan plan;
static struct core_event last; /* that the core was told */
static uint64_t now = 1000000;
static struct report report; /* that lies in the cell's channel; kind 0: none */
#define REPORTS 1000         /* the number of that channel */

/* ---- what reap.c calls, and these tests do not look at ---- */

void notify_hear(struct pid1 *st, const struct plan *p, uint32_t service)
{
	(void)st, (void)p, (void)service;
}

void logs_over(struct pid1 *st, const struct plan *p, uint32_t service)
{
	(void)st, (void)p, (void)service;
}

void report_leaves(struct pid1 *st, const struct plan *p, uint32_t service, uint32_t slot)
{
	(void)st, (void)p, (void)service, (void)slot;
}

void post_event(struct pid1 *st, const struct plan *p, uint16_t kind, uint32_t service,
	uint16_t slot, int32_t value)
{
	(void)st, (void)p, (void)service;
	last = (struct core_event){.kind = kind, .slot = slot, .value = value};
}

void post_failed(struct pid1 *st, const struct plan *p, uint32_t service, uint32_t slot,
	const char *step, int err, const char *detail)
{
	(void)step, (void)detail;
	post_event(st, p, EV_FAILED, service, (uint16_t)slot, err < 0 ? -err : err);
}

void note_failure(struct pid1 *st, uint32_t service, const char *step, int err, const char *detail)
{
	(void)st, (void)service, (void)step, (void)err, (void)detail;
}

uint64_t group_deadline(const struct pid1 *st)
{
	(void)st;
	return CORE_NEVER;
}

uint64_t now_ms(void)
{
	return now;
}

bool report_may(struct pid1 *st, uint32_t service, enum storm_kind kind)
{
	(void)st, (void)service, (void)kind;
	return false;
}

void console_say(struct pid1 *st, enum console_level level, ...)
{
	(void)st, (void)level;
}

void watch_remove(struct pid1 *st, int fd)
{
	(void)st, (void)fd;
}

void watch_add(struct pid1 *st, int fd, uint32_t events, enum watch kind, uint32_t index)
{
	(void)st, (void)fd, (void)events, (void)kind, (void)index;
}

void discard_connection(struct pid1 *st, int *fd)
{
	watch_drop(st, fd);
}

void watch_drop(struct pid1 *st, int *fd)
{
	(void)st;
	*fd = -1;
}

void answer_forget(struct pid1 *st, const struct plan *p, uint32_t service, int result)
{
	(void)st, (void)p, (void)service, (void)result;
}

bool answer_ended(struct pid1 *st, const struct plan *p, int pid, int status)
{
	(void)st, (void)p, (void)pid, (void)status;
	return false;
}

bool bootcheck_marked(struct pid1 *st, int pid, int status)
{
	(void)st, (void)pid, (void)status;
	return false;
}

bool discard_closed(struct pid1 *st, int32_t pid)
{
	(void)st, (void)pid;
	return false;
}

void take_ended(struct pid1 *st, uint32_t service)
{
	(void)st, (void)service;
}

int descriptor_lift(int fd)
{
	return fd;
}

ssize_t receive_passed(int fd, void *data, size_t n, int *passed)
{
	*passed = -1;
	if (fd != REPORTS || !report.kind)
		return -EAGAIN;
	memcpy(data, &report, n);
	return (ssize_t)n;
}

int receive_done(int fd)
{
	report.kind = 0;
	return fd < 0 ? -1 : 0;
}

bool crash_distrusts(const struct pid1 *st)
{
	return !st;
}

void network_keep(struct pid1 *st, const struct plan *p, uint32_t service, bool due, int fd)
{
	(void)st, (void)p, (void)service, (void)due, (void)fd;
}

bool network_return_netdevs(struct pid1 *st, const struct plan *p, uint32_t service)
{
	(void)st, (void)p, (void)service;
	return false;
}

int network_given_back(struct pid1 *st, const struct plan *p, int pid, int status)
{
	(void)st, (void)p, (void)pid, (void)status;
	return -1;
}

#if CONFIG_TIMERS
bool timers_ended(struct pid1 *st, const struct plan *p, int pid, int status)
{
	(void)st, (void)p, (void)pid, (void)status;
	return false;
}
#endif

bool clean_ended(struct pid1 *st, const struct plan *p, int pid, int status)
{
	(void)st, (void)p, (void)pid, (void)status;
	return false;
}

bool rescue_ended(struct pid1 *st, int pid)
{
	(void)st, (void)pid;
	return false;
}

void group_look_soon(struct pid1 *st)
{
	(void)st;
}

void group_release(struct pid1 *st, const struct plan *p, uint32_t service)
{
	(void)st, (void)p, (void)service;
}

int cgroup_populated(int group)
{
	(void)group;
	return 0;
}

bool group_signal(int group, int sig, const struct group_asked *to)
{
	(void)group, (void)sig, (void)to;
	return true;
}

bool group_may_be_divided(const struct plan *p, const struct plan_service *ps)
{
	(void)p, (void)ps;
	return false;
}

void group_end(int group)
{
	(void)group;
}

/* ---- */

static void begin(void)
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		for (;;)
			pause();
	reap_empty_runtime(s, 1);
	s->runtime[0].slot[SLOT_MAIN].pid = pid;
}

/* The signal that ended the process. */
static int ended_by(void)
{
	int status = 0;
	pid_t pid = s->runtime[0].slot[SLOT_MAIN].pid;
	for (int i = 0; i < 2000; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFSIGNALED(status) ? WTERMSIG(status) : -1;
		usleep(5000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return 0;
}

static void the_kill_signal_arrives(void **unused)
{
	(void)unused;
	begin();
	reap_signal(s, &plan, 0, SIGUSR1);
	assert_int_equal(ended_by(), SIGUSR1);
}

static void the_kill_signal_arrives_at_one_that_is_stopped(void **unused)
{
	int status;
	(void)unused;
	begin();
	pid_t pid = s->runtime[0].slot[SLOT_MAIN].pid;
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	reap_signal(s, &plan, 0, SIGUSR1);
	assert_int_equal(ended_by(), SIGUSR1);
}

static void it_is_killed_where_the_group_is_not_to_be_had(void **unused)
{
	(void)unused;
	begin();
	pid_t pid = s->runtime[0].slot[SLOT_MAIN].pid;
	s->core.count = 0; /* whose exit it was is not asked here */
	reap_kill(s, &plan, 0);
	/* reap_kill itself may have waited for it already */
	for (int i = 0; i < 2000 && kill(pid, 0) == 0; i++) {
		waitpid(pid, NULL, WNOHANG);
		usleep(5000);
	}
	assert_int_equal(kill(pid, 0), -1);
}

static void nobody_is_signalled_for_a_slot_without_a_process(void **unused)
{
	(void)unused;
	reap_empty_runtime(s, 1);
	for (int32_t pid = -1; pid <= 1; pid++) {
		s->runtime[0].slot[SLOT_MAIN].pid = pid;
		reap_signal(s, &plan, 0, SIGTERM);
	}
}

/* ---- a cell that does not tell ---- */

static void end_with_7(int sig)
{
	(void)sig;
	_exit(7);
}

/* A cell with a process of its own that ends with status 7 on SIGUSR1. */
static struct slot *begin_cell_in(uint32_t slot)
{
	int tell[2];
	pid_t main = 0;
	assert_int_equal(pipe(tell), 0);
	pid_t cell = fork();
	assert_true(cell >= 0);
	if (cell == 0) {
		signal(SIGUSR1, end_with_7); /* before there is anybody to get it */
		prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
		main = fork();
		if (main > 0 && write(tell[1], &main, sizeof(main)) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(tell[0], &main, sizeof(main)), sizeof(main));
	close(tell[0]);
	close(tell[1]);
	reap_empty_runtime(s, 1);
	s->core.count = 1;
	last = (struct core_event){.kind = EV_KIND_COUNT};
	struct slot *sl = &s->runtime[0].slot[slot];
	sl->pid = cell;
	sl->main = main;
	sl->flags = SLOT_STARTED;
	mains_watch(s, 0, slot);
	return sl;
}

static struct slot *begin_cell(void)
{
	return begin_cell_in(SLOT_CONTROL);
}

static void later(uint64_t ms)
{
	now += ms;
	for (uint32_t k = 0; k < 2; k++)
		if (mains_is_due(s, 0, k))
			mains_judge(s, &plan, 0, k);
}

static void await_stop(pid_t pid)
{
	int status;
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
}

static void await_continued(pid_t pid)
{
	int status;
	assert_int_equal(waitpid(pid, &status, WCONTINUED), pid);
	assert_true(WIFCONTINUED(status));
}

static void await_event(void)
{
	for (int i = 0; i < 2000 && last.kind == EV_KIND_COUNT; i++) {
		usleep(5000);
		reap_hear(s, &plan, 0);
	}
}

static void a_stopped_cell_does_not_hide_an_end(void **unused)
{
	struct slot *sl = begin_cell();
	pid_t cell = sl->pid;
	(void)unused;
	prctl(PR_SET_CHILD_SUBREAPER, 1ul, 0ul, 0ul, 0ul);
	assert_true(sl->pidfd >= 0 && mains_deadline(s) == CORE_NEVER);
	await_stop(cell);
	kill(sl->main, SIGUSR1);
	for (int i = 0; i < 2000 && mains_deadline(s) == CORE_NEVER; i++) {
		usleep(5000);
		mains_ended(s, 0, SLOT_CONTROL);
	}
	later(999);
	assert_int_equal(sl->flags, SLOT_STARTED);
	later(1);
	await_continued(cell);
	later(3999);
	assert_int_equal(kill(cell, 0), 0);
	assert_int_equal(last.kind, EV_KIND_COUNT);
	later(1);
	await_event();
	assert_int_equal(last.kind, EV_EXITED);
	assert_int_equal(last.slot, SLOT_CONTROL);
	assert_int_equal(last.value, 7 << 8);
	assert_int_equal(sl->pid, 0);
	assert_int_equal(waitpid(-1, NULL, 0) > 0, 1);
}

static void end(struct slot *sl)
{
	pid_t pid = sl->pid, main = sl->main;
	kill(main, SIGKILL);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void who_lives_is_left_alone(void **unused)
{
	struct slot *sl = begin_cell();
	(void)unused;
	sl->due_ms = now + 1;
	sl->flags |= SLOT_CONTINUED;
	mains_ended(s, 0, SLOT_CONTROL);
	later(1);
	later(10000);
	assert_int_equal(kill(sl->pid, 0), 0);
	assert_int_equal(sl->due_ms, 0);
	assert_int_equal(sl->flags, SLOT_STARTED);
	assert_int_equal(last.kind, EV_KIND_COUNT);
	end(sl);
}

/* Its number is another's by now. */
static void a_number_that_was_used_again_is_an_end(void **unused)
{
	struct slot *sl = begin_cell();
	int32_t main = sl->main;
	(void)unused;
	close(sl->pidfd);
	sl->pidfd = -1;
	sl->main = getpid();
	mains_watch(s, 0, SLOT_CONTROL);
	assert_int_equal(sl->due_ms, now + 1000);
	assert_int_equal(sl->pidfd, -1);
	sl->main = main;
	end(sl);
}

/* Another command may take the place at once: what is left there would be lost. */
static void a_place_is_taken_until_its_cell_has_ended(void **unused)
{
	struct slot *sl = begin_cell();
	pid_t cell = sl->pid, main = sl->main;
	(void)unused;
	sl->main = 0;
	sl->flags = 0;
	sl->report = REPORTS;
	report = (struct report){.kind = REPORT_FAILED, .value = ENOENT};
	reap_hear(s, &plan, 0);
	assert_int_equal(report.kind, 0);
	assert_int_equal(last.kind, EV_KIND_COUNT);
	assert_int_equal(sl->pid, cell);
	assert_int_equal(sl->report, REPORTS);
	kill(main, SIGKILL);
	kill(cell, SIGKILL);
	await_event();
	assert_int_equal(last.kind, EV_FAILED);
	assert_int_equal(last.slot, SLOT_CONTROL);
	assert_int_equal(last.value, ENOENT);
	assert_int_equal(sl->pid, 0);
	assert_int_equal(sl->report, -1);
}

/* ---- a cell that even SIGKILL does not take away: whoever traces it does not let go ---- */

static pid_t hold(pid_t pid)
{
	int tell[2], err = 0;
	assert_int_equal(pipe(tell), 0);
	pid_t tracer = fork();
	assert_true(tracer >= 0);
	if (tracer == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		err = ptrace(PTRACE_SEIZE, pid, 0, 0) < 0 ? errno : 0;
		if (write(tell[1], &err, sizeof(err)) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(tell[0], &err, sizeof(err)), sizeof(err));
	close(tell[0]);
	close(tell[1]);
	assert_int_equal(err, 0);
	return tracer;
}

static void let_go(struct slot *sl, pid_t tracer)
{
	kill(tracer, SIGKILL);
	waitpid(tracer, NULL, 0);
	waitpid(sl->pid, NULL, 0);
	waitpid(sl->main, NULL, 0); /* ours by now */
}

/* Its process has ended, and the cell was continued and killed: nothing is told by then. */
static pid_t held_and_shot(struct slot *sl)
{
	pid_t tracer = hold(sl->pid);
	prctl(PR_SET_CHILD_SUBREAPER, 1ul, 0ul, 0ul, 0ul);
	kill(sl->main, SIGUSR1);
	for (int i = 0; i < 2000 && mains_deadline(s) == CORE_NEVER; i++) {
		usleep(5000);
		mains_ended(s, 0, (uint32_t)(sl - s->runtime[0].slot));
	}
	later(1000);
	later(4000);
	assert_int_equal(sl->flags & (SLOT_CONTINUED | SLOT_SHOT), SLOT_CONTINUED | SLOT_SHOT);
	later(3999);
	assert_int_equal(last.kind, EV_KIND_COUNT);
	return tracer;
}

static void plan_of(enum plan_type type)
{
	static struct {
		struct plan_header header;
		struct plan_service service;
	} one;
	one.header.services = (struct plan_list){sizeof(one.header), 1};
	one.service.type = (uint8_t)type;
	plan = (struct plan){(const void *)&one, sizeof(one)};
	assert_ptr_equal(plan_service(&plan, 0), &one.service);
}

static void who_cannot_be_killed_is_told_all_the_same(void **unused)
{
	(void)unused;
	for (int said = 0; said < 2; said++) {
		plan_of(TYPE_SIMPLE);
		struct slot *sl = begin_cell_in(SLOT_MAIN);
		sl->flags |= said ? SLOT_HAS_STATUS : 0;
		sl->status = 3 << 8;
		pid_t tracer = held_and_shot(sl);
		later(1);
		assert_int_equal(last.kind, EV_EXITED);
		assert_int_equal(last.slot, SLOT_MAIN);
		assert_int_equal(last.value, said ? 3 << 8 : SIGKILL);
		assert_int_equal(kill(sl->pid, 0), 0); /* there it still is */
		let_go(sl, tracer);
	}
}

/* Another command would take its place. */
static void but_no_command_that_others_wait_for(void **unused)
{
	(void)unused;
	for (uint32_t slot = 0; slot < 2; slot++) {
		plan_of(slot == SLOT_MAIN ? TYPE_ONESHOT : TYPE_SIMPLE);
		struct slot *sl = begin_cell_in(slot);
		pid_t tracer = held_and_shot(sl);
		later(1);
		later(100000);
		assert_int_equal(last.kind, EV_KIND_COUNT);
		let_go(sl, tracer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kill_signal_arrives),
		cmocka_unit_test(the_kill_signal_arrives_at_one_that_is_stopped),
		cmocka_unit_test(it_is_killed_where_the_group_is_not_to_be_had),
		cmocka_unit_test(nobody_is_signalled_for_a_slot_without_a_process),
		cmocka_unit_test(a_stopped_cell_does_not_hide_an_end),
		cmocka_unit_test(who_lives_is_left_alone),
		cmocka_unit_test(a_number_that_was_used_again_is_an_end),
		cmocka_unit_test(a_place_is_taken_until_its_cell_has_ended),
		cmocka_unit_test(who_cannot_be_killed_is_told_all_the_same),
		cmocka_unit_test(but_no_command_that_others_wait_for),
	};
	return cmocka_run_group_tests_name("signals of PID 1", tests, NULL, NULL);
}
