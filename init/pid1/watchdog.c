/* SPDX-License-Identifier: MIT
 * The watchdog: see watchdog.h. */
#include "pid1/watchdog.h"
#include "base/errname.h"
#include "base/fmt.h"
#include "base/sys.h"
#include "engine/descriptors.h"
#include "pid1/console.h"
#include "pid1/watch.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <unistd.h>

#define FEEDS_PER_TIMEOUT 4

static int set_seconds(int fd, uint32_t ms)
{
	int seconds = (int)((ms + 999) / 1000);
	int err = sys_ioctl(fd, WDIOC_SETTIMEOUT, &seconds);
	return err < 0 ? err : seconds;
}

static const char *number(char text[16], int value)
{
	struct fmt f;
	fmt_init(&f, text, 16);
	fmt_u64(&f, (uint64_t)value);
	return text;
}

/* More than some drivers take (EINVAL): it has to be fed as often as its own time asks. */
static int keep_seconds(struct pid1 *s, int err)
{
	char text[16];
	int seconds = 0, known = sys_ioctl(s->watchdog_fd, WDIOC_GETTIMEOUT, &seconds);
	bool told = known == 0 && seconds > 0;
	console_say(s, SAY_ERROR, "watchdog: its time-out cannot be set: ", err_name(err),
		told ? ", it stays at " : "", told ? number(text, seconds) : "", told ? " s" : "", NULL);
	return told ? seconds : err;
}

void watchdog_open(struct pid1 *s, const struct plan *p)
{
	const struct plan_machine *m = &plan_header(p)->machine;
	const char *device = plan_text(p, m->watchdog_device);
	if (!m->watchdog_ms || s->watchdog_fd >= 0)
		return;
	s->watchdog_fd = descriptor_lift(
		open(*device ? device : "/dev/watchdog0", O_WRONLY | O_CLOEXEC));
	if (s->watchdog_fd < 0) {
		console_say(s, SAY_ERROR, "watchdog: ", *device ? device : "/dev/watchdog0", ": ",
			err_name(s->watchdog_fd), ": the device runs without a watchdog", NULL);
		s->watchdog_fd = -1;
		return;
	}
	int seconds = set_seconds(s->watchdog_fd, m->watchdog_ms); /* the driver may choose another */
	if (seconds < 0)
		seconds = keep_seconds(s, seconds);
	s->watchdog_ms = seconds > 0 ? (uint32_t)seconds * 1000u : m->watchdog_ms;
	s->watchdog_fed_ms = 0;
	watchdog_feed(s);
}

/* Closed, it would go on running, and could not be opened again as long as anybody has it open. */
bool watchdog_adopt(struct pid1 *s, int fd)
{
	struct watchdog_info info;
	if (s->watchdog_fd >= 0 || sys_ioctl(fd, WDIOC_GETSUPPORT, &info) < 0)
		return false;
	s->watchdog_fd = fd;
	return true;
}

uint64_t watchdog_deadline(const struct pid1 *s)
{
	return s->watchdog_fd < 0 ? CORE_NEVER
							  : s->watchdog_fed_ms + s->watchdog_ms / FEEDS_PER_TIMEOUT;
}

void watchdog_feed(struct pid1 *s)
{
	uint64_t now = s->watchdog_fd < 0 ? 0 : now_ms();
	if (!now || (s->watchdog_fed_ms && now < watchdog_deadline(s)))
		return;
	if (s->watchdog_fed_ms && now - s->watchdog_fed_ms > s->watchdog_gap_ms)
		s->watchdog_gap_ms = (uint32_t)(now - s->watchdog_fed_ms);
	if (sys_ioctl(s->watchdog_fd, WDIOC_KEEPALIVE, NULL) < 0 && write(s->watchdog_fd, "", 1) < 0)
		console_say(s, SAY_ERROR, "watchdog: cannot be fed: ", err_name(errno), NULL);
	s->watchdog_fed_ms = now_ms();
}

static void say_last_time(struct pid1 *s, int seconds)
{
	char text[16];
	if (seconds < 0)
		console_say(s, SAY_ERROR, "watchdog: RebootTimeoutSec cannot be set: ", err_name(seconds),
			NULL);
	else
		console_say(s, SAY_INFO, "watchdog: the device is reset unless it is down in ",
			number(text, seconds), " s", NULL);
}

void watchdog_for_reboot(struct pid1 *s, uint32_t ms)
{
	if (s->watchdog_fd < 0)
		return;
	if (ms)
		say_last_time(s, set_seconds(s->watchdog_fd, ms));
	s->watchdog_fed_ms = 0;
	watchdog_feed(s);
}
