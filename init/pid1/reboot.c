/* SPDX-License-Identifier: MIT
 * Restarting the machine: see reboot.h. */
#include "pid1/reboot.h"
#include "base/sys.h"
#include "pid1/console.h"
#include "pid1/errand.h"
#include "pid1/watch.h"
#include "pid1/watchdog.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/reboot.h>
#include <time.h>

#define STEP_MS 200
#define AGAIN_MS 10000 /* for each way, when something has gone wrong already */

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

static void try_for(struct pid1 *s, errand_work work, const void *arg, uint32_t ms, bool feed)
{
	struct errand e;
	int result = errand_begin(&e, work, arg, -1);
	if (result < 0)
		work(arg);
	for (uint64_t end = now_ms() + ms; result == 0 && now_ms() < end;) {
		if (errand_back(&e, STEP_MS, &result))
			return;
		if (feed)
			watchdog_feed(s);
	}
}

void reboot_try(struct pid1 *s, unsigned command, uint32_t ms, bool feed)
{
	try_for(s, work_reboot, &command, ms, feed);
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
