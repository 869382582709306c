/* SPDX-License-Identifier: MIT
 * Services' own processes: see mains.h. */
#include "pid1/service/mains.h"
#include "base/sys.h"
#include "engine/descriptors.h"
#include "engine/procfs.h"
#include "pid1/console.h"
#include "pid1/report.h"
#include "pid1/watch.h"
#include <errno.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#define RETRY_MS 1000u /* where no descriptor was to be had */
#define TELL_MS 1000u  /* a cell needs less than one, on an idle machine */
#define AGAIN_MS 4000u /* once it was continued, and once it was killed */

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

enum finding { LIVES, ENDED, UNKNOWN };

/* Its number was not reused before the descriptor stood if it is still the cell's child. */
static enum finding open_main(struct slot *sl)
{
	int fd = sys_pidfd_open(sl->main);
	if (fd == -ESRCH || fd == -EINVAL || fd == -ENOENT) /* none, or a thread of another */
		return ENDED;
	fd = fd < 0 ? fd : descriptor_lift(fd);
	if (fd < 0)
		return UNKNOWN;
	int parent = procfs_parent(sl->main);
	if (parent != sl->pid) {
		close(fd);
		return parent > 0 ? ENDED : UNKNOWN;
	}
	sl->pidfd = fd;
	return LIVES;
}

static enum finding look_at(struct slot *sl)
{
	enum finding found = sl->pidfd < 0 ? open_main(sl) : LIVES;
	struct pollfd pf = {.fd = sl->pidfd, .events = POLLIN};
	if (found != LIVES)
		return found;
	int n = poll(&pf, 1, 0);
	return n < 0 ? UNKNOWN : n > 0 ? ENDED : LIVES;
}

static void look_in(struct slot *sl, uint32_t ms)
{
	sl->due_ms = now_ms() + ms;
}

void mains_watch(struct pid1 *s, uint32_t service, uint32_t slot)
{
	struct slot *sl = &s->runtime[service].slot[slot];
	sl->due_ms = 0;
	if (sl->pid <= 0 || sl->main <= 1)
		return;
	sl->flags &= ~(uint32_t)(SLOT_CONTINUED | SLOT_SHOT);
	switch (look_at(sl)) {
	case LIVES:
		watch_add(s, sl->pidfd, EPOLLIN, WATCH_MAIN, service << 1 | slot);
		break;
	case ENDED:
		look_in(sl, TELL_MS);
		break;
	case UNKNOWN:
		look_in(sl, RETRY_MS);
		break;
	}
}

void mains_ended(struct pid1 *s, uint32_t service, uint32_t slot)
{
	struct slot *sl = &s->runtime[service].slot[slot];
	if (service >= s->core.count || sl->pid <= 0 || sl->pidfd < 0 || look_at(sl) != ENDED)
		return;
	watch_remove(s, sl->pidfd);
	look_in(sl, TELL_MS);
}

/* Another command would take the place of the cell that is still there; those have a time of their
 * own anyway (TimeoutStartSec, TimeoutStopSec). */
static bool may_be_left(const struct plan *p, uint32_t service, uint32_t slot)
{
	return slot == SLOT_MAIN && plan_service(p, service)->type != TYPE_ONESHOT;
}

static bool is_awaited(const struct slot *sl)
{
	return sl->due_ms && sl->pid > 0 && sl->main > 1 && !(sl->flags & SLOT_LEAVES);
}

bool mains_is_due(const struct pid1 *s, uint32_t service, uint32_t slot)
{
	const struct slot *sl = &s->runtime[service].slot[slot];
	return is_awaited(sl) && now_ms() >= sl->due_ms;
}

void mains_judge(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot)
{
	struct slot *sl = &s->runtime[service].slot[slot];
	sl->due_ms = 0;
	if (look_at(sl) != ENDED) {
		mains_watch(s, service, slot);
	} else if (!(sl->flags & SLOT_CONTINUED)) {
		kill(sl->pid, SIGCONT); /* not reaped, so still ours */
		sl->flags |= SLOT_CONTINUED;
		look_in(sl, AGAIN_MS);
	} else if (!(sl->flags & SLOT_SHOT)) {
		if (!(sl->flags & SLOT_HAS_STATUS) && report_may(s, service, STORM_COURSE))
			console_say(s, SAY_COURSE, plan_text(p, plan_service(p, service)->name),
				": its main process has ended and its reaper has not reported it: killed", NULL);
		kill(sl->pid, SIGKILL);
		sl->flags |= SLOT_SHOT;
		look_in(sl, AGAIN_MS);
	} else if (may_be_left(p, service, slot)) {
		post_event(s, p, EV_EXITED, service, (uint16_t)slot,
			sl->flags & SLOT_HAS_STATUS ? sl->status : SIGKILL);
	}
}

uint64_t mains_deadline(const struct pid1 *s)
{
	uint64_t next = CORE_NEVER;
	for (uint32_t i = 0; i < 2 * s->core.count; i++) {
		const struct slot *sl = &s->runtime[i / 2].slot[i % 2];
		if (is_awaited(sl) && sl->due_ms < next)
			next = sl->due_ms;
	}
	return next;
}

bool mains_adopted(const struct slot *sl, siginfo_t *info)
{
	*info = (siginfo_t){0};
	return sl->pidfd >= 0 &&
		waitid((idtype_t)P_PIDFD, (id_t)sl->pidfd, info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		info->si_pid != 0;
}
