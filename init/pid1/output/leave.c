/* SPDX-License-Identifier: MIT
 * A bulkhead-log that cannot end: see leave.h. */
#include "pid1/output/leave.h"
#include "base/sys.h"
#include "engine/procfs.h"
#include "pid1/console.h"
#include "pid1/errand.h"
#include "pid1/kill.h"
#include "pid1/output/logs.h"
#include "pid1/report.h"
#include "pid1/watch.h"
#include <unistd.h>

#define LOOK_MS 250u
#define LOOKS 2u /* in a row: one that does end has time to */

/* Only where its end is likely: then it costs a short read four times a second. */
static bool is_watched(const struct pid1 *s, uint32_t i)
{
	uint8_t state = s->core.service[i].state;
	if (s->runtime[i].slot[SLOT_MAIN].pid <= 0)
		return false;
	return s->log_fd < 0 || s->log_away || s->log_asked || state == SVC_TERM || state == SVC_KILL;
}

/* A first thread that has ended says nothing by itself (guard.c), but it does where the channel has
 * been closed too. */
static bool is_ending(const struct pid1 *s, uint32_t i)
{
	const struct slot *sl = &s->runtime[i].slot[SLOT_MAIN];
	enum procfs_end end = procfs_end(sl->main > 0 ? sl->main : sl->pid);
	if (end == PROCFS_DIES || s->core.service[i].state == SVC_KILL)
		return true;
	return end == PROCFS_LED_BY_NONE && s->log_fd < 0;
}

/* The thread that waits would still take a part of the pipe's bytes with it once it has the lock:
 * without memory it cannot, and they stay for the successor (Linux 5.15). */
static int take_memory(const void *arg)
{
	const int32_t *pid = arg;
	int fd = sys_pidfd_open(*pid);
	return fd < 0 ? fd : sys_process_mrelease(fd);
}

static void leave_service(struct pid1 *s, const struct plan *p, uint32_t i)
{
	static int32_t unused;
	int32_t main = s->runtime[i].slot[SLOT_MAIN].main;
	kill_all(s, i);
	if (main > 0)
		errand_send(&unused, take_memory, &main, -1);
	if (report_may(s, i, STORM_ERRORS))
		console_say(s, SAY_ERROR, plan_text(p, plan_service(p, i)->name),
			": it does not end because a process holds a pipe: not waited for", NULL);
	s->log_away = 0;
}

bool leave_look(struct pid1 *s, const struct plan *p)
{
	uint64_t now = now_ms();
	if (now < leave_deadline(s, p))
		return false;
	uint32_t i = logs_logger(s, p);
	s->leave_ms = now + LOOK_MS;
	s->leave_looks = is_ending(s, i) ? s->leave_looks + 1 : 0;
	if (s->leave_looks <= LOOKS)
		return false;
	s->leave_looks = 0;
	leave_service(s, p, i);
	return true;
}

uint64_t leave_deadline(const struct pid1 *s, const struct plan *p)
{
	uint32_t i = logs_logger(s, p);
	return i < s->core.count && is_watched(s, i) ? s->leave_ms : CORE_NEVER;
}
