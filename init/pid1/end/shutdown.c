/* SPDX-License-Identifier: MIT
 * The end: see shutdown.h. Nothing here waits without a bound; the hardware watchdog covers a
 * kernel that does not return. */
#include "pid1/end/shutdown.h"
#include "pid1/boot/data.h"
#include "pid1/boot/planfile.h"
#include "pid1/console.h"
#include "pid1/control/control.h"
#include "pid1/crash.h"
#include "pid1/descriptors.h"
#include "pid1/discard.h"
#include "pid1/end/unmount.h"
#include "pid1/service/reap.h"
#include "pid1/reboot.h"
#include "pid1/report.h"
#include "pid1/watch.h"
#include "pid1/watchdog.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#define REBOOT_MS 90000     /* what the kernel has for its drivers */
#define LEFTOVER_ROUNDS 200 /* of 1 ms each, for orphans to go after SIGKILL */

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
		reboot_nap(1);
		kill(-1, SIGKILL);
	}
}

/* By a child: who has such a pipe still can hold its lock (drain.h), for which the last close
 * waits. */
static void close_outputs(struct pid1 *s)
{
	static uint8_t kept[HIGHEST_FD];
	memset(kept, 1, sizeof(kept));
	for (uint32_t i = 0; i < s->core.count; i++) {
		const struct runtime *r = &s->runtime[i];
		if (r->log_read >= 0)
			kept[r->log_read] = 0;
		if (r->log_write >= 0)
			kept[r->log_write] = 0;
	}
	discard_unknown(s, kept, LOWEST_FD, HIGHEST_FD);
}

/* The kernel shuts its drivers down first, and one of a dead disk waits (nvme: 30 s): the watchdog
 * is fed for so long, and no longer. From then on it may reset the device, and where there is none
 * we do what we can: whoever wanted the power off is better served by a device that runs than by
 * one that is neither on nor off. */
static void end_machine(struct pid1 *s, const struct plan *p, unsigned command)
{
	bool halts = command == RB_HALT_SYSTEM;
	reboot_try(s, command, REBOOT_MS, plan_header(p)->machine.watchdog_reboot_ms == 0);
	console_say(s, SAY_ERROR, "the machine did not go down", halts ? "" : ": restarting it", NULL);
	if (!halts)
		reboot_machine(s);
	for (;;)
		reboot_nap(1000);
}

/* What is left of RebootTimeoutSec, which began when the end was asked for; a quarter at least. 0 =
 * there is none. */
static uint32_t time_left(const struct pid1 *s, const struct plan *p)
{
	uint32_t all = plan_header(p)->machine.watchdog_reboot_ms;
	uint64_t spent = now_ms() - s->core.final_ms;
	return spent < all - all / 4 ? (uint32_t)(all - spent) : all / 4;
}

/* Of services that are down: nothing of them is watched any more. A child that is still out on
 * their behalf ends by itself, and nothing waits for it. */
static void close_runtime(struct pid1 *s)
{
	close_outputs(s);
	for (uint32_t i = 0; i < s->core.count; i++) {
		struct runtime *r = &s->runtime[i];
		for (uint32_t k = 0; k < 2; k++) {
			watch_drop(s, &r->slot[k].pidfd);
			watch_drop(s, &r->slot[k].report);
			watch_drop(s, &r->slot[k].ready);
		}
		watch_drop(s, &r->events);
		watch_drop(s, &r->group);
		watch_drop(s, &r->network);
		discard_close(s, &r->notify);
	}
}

/* The former plan's services, and who was being told of them, know no number of the new one. */
static void go_to_rescue(struct pid1 *s, struct plan *p)
{
	control_forget_plan(s);
	close_runtime(s);
	reap_empty_runtime(s, s->core.count);
	planfile_drop(s, p);
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
	if (s->final_request >= FINAL_COUNT)
		crash_anew(s);
	if (s->final_request == FINAL_RESCUE) {
		go_to_rescue(s, p);
		return;
	}
	uint32_t left = time_left(s, p);
	watchdog_for_reboot(s, left);
	console_say(s, SAY_NOTICE, "every service is down, ", ends[s->final_request].word, NULL);
	kill_leftovers(s, p);
	report_unwatched(s); /* the loop will not say it any more */
	data_save(s, p);
	unmount_all(s, left);
	if (CONFIG_WATCHDOG && s->final_request == FINAL_HALT && s->watchdog_fd >= 0 &&
		write(s->watchdog_fd, "V", 1) == 1)
		watch_drop(s, &s->watchdog_fd); /* the magic close: a halted machine is not to be reset */
	end_machine(s, p, ends[s->final_request].command);
}
