/* SPDX-License-Identifier: MIT
 * Restarting the machine: see reboot.h. */
#include "pid1/reboot.h"
#include "base/sys.h"
#include "pid1/console.h"
#include "pid1/container.h"
#include "pid1/errand.h"
#include "pid1/watch.h"
#include "pid1/watchdog.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/reboot.h>
#include <time.h>

#define STEP_MS 200
#define CONTAINER_ANEW 133 /* status that asks the container's manager for another start */
#define AGAIN_MS 10000     /* for each way, when something has gone wrong already */

void reboot_nap(long ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};
	clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
}

static int work_reboot(const void *command)
{
	reboot((int)*(const unsigned *)command);
	return -errno;
}

/* Neither drivers nor locks are asked. */
static int work_reset(const void *unused)
{
	(void)unused;
	return sys_write_file(AT_FDCWD, "/proc/sysrq-trigger", "b", 1);
}

/* What `work` came to, or -ETIMEDOUT. */
static int try_for(struct pid1 *s, errand_work work, const void *arg, uint32_t ms, bool feed)
{
	struct errand e;
	int result = errand_begin(&e, work, arg, -1);
	if (result < 0)
		return work(arg);
	for (uint64_t end = now_ms() + ms; now_ms() < end;) {
		if (errand_back(&e, STEP_MS, &result))
			return result;
		if (feed)
			watchdog_feed(s);
	}
	return -ETIMEDOUT;
}

/* The end of process 1 is the end of a container, where it may not ask for it by reboot(2). The
 * only way out of PID 1. */
static void leave_container(struct pid1 *s, unsigned command)
{
	console_say(s, SAY_NOTICE, "container: reboot(2) is not permitted here: exiting", NULL);
	sys_exit(command == RB_AUTOBOOT ? CONTAINER_ANEW : 0);
}

void reboot_try(struct pid1 *s, unsigned command, uint32_t ms, bool feed)
{
	int err = try_for(s, work_reboot, &command, ms, feed);
	if (err == -EPERM && container_here())
		leave_container(s, command);
}

_Noreturn void reboot_machine(struct pid1 *s)
{
	reboot_try(s, RB_AUTOBOOT, AGAIN_MS, false);
	console_say(s, SAY_ERROR, "the machine did not restart: resetting it by sysrq", NULL);
	try_for(s, work_reset, NULL, AGAIN_MS, false);
	console_say(s, SAY_ERROR, "the machine cannot be reset",
		s->watchdog_fd >= 0 ? " but by its watchdog" : "", NULL);
	for (;;)
		reboot_nap(1000);
}
