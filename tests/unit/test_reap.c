// needs: pid1/reap.c base/sys.c base/fmt.c base/errname.c
/* SPDX-License-Identifier: MIT
 * PID 1's signals to a service of which it could keep no descriptor (spawn_lift failed, or a crash lost it).
 */
#include "pid1/reap.h"
#include "pid1/clean.h"
#include "pid1/conditions.h"
#include "pid1/rescue.h"
#include "pid1/console.h"
#include "pid1/discard.h"
#include "pid1/group.h"
#include "pid1/loop.h"
#include "pid1/network.h"
#include "pid1/receive.h"
#include "pid1/recover.h"
#include "pid1/spawn.h"
#include "pid1/tell.h"
#include "pid1/verdict.h"
#include "pid1/watchdog.h"
#include "walls/cgroup/cgroup.h"
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct pid1 state_block;
static struct pid1 *const s = &state_block;
static struct plan plan;

/* ---- what reap.c calls, and these tests do not look at ---- */

#if CONFIG_WATCHDOG
void tell_leaves(struct pid1 *st, const struct plan *p, uint32_t service)
{
	(void)st, (void)p, (void)service;
}

void watchdog_feed(struct pid1 *st)
{
	(void)st;
}
#endif

void tell_core(struct pid1 *st, const struct plan *p, uint16_t kind, uint32_t service, uint16_t slot, int32_t value)
{
	(void)st, (void)p, (void)kind, (void)service, (void)slot, (void)value;
}

void loop_watch(struct pid1 *st, int fd, uint32_t events, enum watch kind, uint32_t index)
{
	(void)st, (void)fd, (void)events, (void)kind, (void)index;
}

void discard_connection(struct pid1 *st, int *fd)
{
	loop_drop(st, fd);
}

void loop_drop(struct pid1 *st, int *fd)
{
	(void)st;
	*fd = -1;
}

void conditions_forget(struct pid1 *st, const struct plan *p, uint32_t service, int result)
{
	(void)st, (void)p, (void)service, (void)result;
}

bool conditions_answer(struct pid1 *st, const struct plan *p, int pid, int status)
{
	(void)st, (void)p, (void)pid, (void)status;
	return false;
}

bool verdict_marked(struct pid1 *st, int pid, int status)
{
	(void)st, (void)pid, (void)status;
	return false;
}

bool discard_closed(struct pid1 *st, int32_t pid)
{
	(void)st, (void)pid;
	return false;
}

void discard_ended(struct pid1 *st, uint32_t service)
{
	(void)st, (void)service;
}

int spawn_lift(int fd)
{
	return fd;
}

ssize_t receive_passed(int fd, void *data, size_t n, int *passed)
{
	(void)fd, (void)data, (void)n;
	*passed = -1;
	return -EAGAIN;
}

int receive_done(int fd)
{
	return fd < 0 ? -1 : 0;
}

bool recover_distrusts(const struct pid1 *st)
{
	return !st;
}

void network_keep(struct pid1 *st, const struct plan *p, uint32_t service, bool due, int fd)
{
	(void)st, (void)p, (void)service, (void)due, (void)fd;
}

bool network_give_back(struct pid1 *st, const struct plan *p, uint32_t service)
{
	(void)st, (void)p, (void)service;
	return false;
}

bool network_given_back(struct pid1 *st, const struct plan *p, int pid, int status)
{
	(void)st, (void)p, (void)pid, (void)status;
	return false;
}

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

int cgroup_kill(int group)
{
	(void)group;
	return 0;
}

/* ---- */

static void begin(int32_t pidfd)
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		for (;;)
			pause();
	}
	reap_empty_runtime(s, 1);
	s->runtime[0].slot[SLOT_MAIN].pid = pid;
	s->runtime[0].slot[SLOT_MAIN].pidfd = pidfd;
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

static void without_a_descriptor_the_kill_signal_arrives(void **unused)
{
	static const int32_t lost[] = {-1, -EMFILE, -ENFILE, 4095};
	(void)unused;
	for (unsigned i = 0; i < sizeof lost / sizeof *lost; i++) {
		begin(lost[i]);
		reap_signal(s, &plan, 0, SIGUSR1);
		assert_int_equal(ended_by(), SIGUSR1);
	}
}

static void without_a_descriptor_it_is_killed_where_the_group_is_not_to_be_had(void **unused)
{
	(void)unused;
	begin(-EMFILE);
	pid_t pid = s->runtime[0].slot[SLOT_MAIN].pid;
	s->core.count = 0; /* whose exit it was is not asked here */
	reap_kill(s, &plan, 0);
	for (int i = 0; i < 2000 && kill(pid, 0) == 0; i++) { /* reap_kill itself may have waited for it already */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_descriptor_the_kill_signal_arrives),
		cmocka_unit_test(without_a_descriptor_it_is_killed_where_the_group_is_not_to_be_had),
		cmocka_unit_test(nobody_is_signalled_for_a_slot_without_a_process),
	};

	return cmocka_run_group_tests_name("signals of PID 1", tests, NULL, NULL);
}
