/* SPDX-License-Identifier: MIT
 * The end: see shutdown.h. Nothing here waits without a bound; the hardware watchdog covers a
 * kernel that does not return. */
#include "pid1/shutdown.h"
#include "base/sys.h"
#include "pid1/console.h"
#include "pid1/data.h"
#include "pid1/discard.h"
#include "pid1/errand.h"
#include "pid1/loop.h"
#include "pid1/planfile.h"
#include "pid1/reap.h"
#include "pid1/spawn.h"
#include "pid1/unmount.h"
#include "pid1/watchdog.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STEP_MS 200
#define REBOOT_MS 90000     /* what the kernel has for its drivers */
#define LEFTOVER_ROUNDS 200 /* of 1 ms each, for orphans to go after SIGKILL */

static void nap_ms(long ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};
	clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
}

/* Whatever is left and not a kernel thread is a child of ours, or becomes one when its parent
 * goes. */
static bool any_child(void)
{
	return waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD;
}

static void kill_leftovers(struct pid1 *s, const struct plan *p)
{
	kill(-1, SIGKILL);
	reap_children(s, p);
	for (int i = 0; i < LEFTOVER_ROUNDS && any_child(); i++) {
		nap_ms(1);
		kill(-1, SIGKILL);
	}
}

static int work_reboot(const void *command)
{
	reboot((int)*(const unsigned *)command);
	return -errno;
}

/* In a child: reboot(2) ends its caller where the hardware does not obey, and PID 1 may not end.
 * The kernel shuts its drivers down first, and one of a dead disk waits (nvme: 30 s): the
 * watchdog is fed for so long, and no longer. */
static void leave(struct pid1 *s, const struct plan *p, unsigned command)
{
	struct errand e;
	int result = errand_begin(&e, work_reboot, &command, -1);
	bool feed = plan_header(p)->machine.watchdog_reboot_ms == 0;
	if (result < 0)
		result = work_reboot(&command);
	else
		for (uint64_t end = now_ms() + REBOOT_MS; !errand_back(&e, STEP_MS, &result);)
			if (feed && now_ms() < end)
				watchdog_feed(s);
	console_say(s, SAY_ERROR, "the machine did not go down", NULL);
	for (;;) {
		nap_ms(1000);
		watchdog_feed(s);
	}
}

/* By a child: who has such a pipe still can hold its lock (drain.h), for which the last close
 * waits. */
static void close_outputs(struct pid1 *s)
{
	static uint8_t kept[HIGHEST_FD];
	memset(kept, 1, sizeof kept);
	for (uint32_t i = 0; i < s->core.count; i++) {
		const struct runtime *r = &s->runtime[i];
		if (r->log_read >= 0)
			kept[r->log_read] = 0;
		if (r->log_write >= 0)
			kept[r->log_write] = 0;
	}
	discard_unknown(s, kept, LOWEST_FD, HIGHEST_FD);
}

static void close_runtime(struct pid1 *s)
{
	close_outputs(s);
	for (uint32_t i = 0; i < s->core.count; i++) {
		struct runtime *r = &s->runtime[i];
		loop_drop(s, &r->events);
		loop_drop(s, &r->group);
		loop_drop(s, &r->network);
	}
}

static void go_to_rescue(struct pid1 *s, struct plan *p)
{
	close_runtime(s);
	if (s->plan_fd >= 0)
		close(s->plan_fd);
	planfile_rescue(s, p);
	s->final_request = FINAL_NONE;
	reap_empty_runtime(s, plan_service_count(p));
	core_init(&s->core, p, now_ms(), 1);
}

void shutdown_run(struct pid1 *s, struct plan *p)
{
	static const struct {
		const char *word;
		unsigned command; /* of reboot(2) */
	} ends[FINAL_COUNT] = {
		[FINAL_REBOOT] = {"rebooting", RB_AUTOBOOT},
		[FINAL_POWEROFF] = {"powering off", RB_POWER_OFF},
		[FINAL_HALT] = {"halting", RB_HALT_SYSTEM},
	};
	if (s->final_request == FINAL_RESCUE || s->final_request >= FINAL_COUNT) {
		go_to_rescue(s, p);
		return;
	}
	watchdog_for_reboot(s, p);
	console_say(s, SAY_NOTICE, "every service is down, ", ends[s->final_request].word, NULL);
	kill_leftovers(s, p);
	data_save(s, p);
	unmount_all(s, p);
	if (CONFIG_WATCHDOG && s->final_request == FINAL_HALT && s->watchdog_fd >= 0 && write(s->watchdog_fd, "V", 1) == 1)
		loop_drop(s, &s->watchdog_fd); /* the magic close: a halted machine is not to be reset */
	leave(s, p, ends[s->final_request].command);
}
