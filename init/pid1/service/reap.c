/* SPDX-License-Identifier: MIT
 * Reports, exits and kills: see reap.h. */
#include "pid1/service/reap.h"
#include "base/errname.h"
#include "base/fmt.h"
#include "base/report.h"
#include "base/sys.h"
#include "pid1/service/answer.h"
#include "pid1/boot/bootcheck.h"
#include "pid1/boot/rescue.h"
#include "pid1/service/cell.h"
#include "pid1/service/clean.h"
#include "pid1/service/timers.h"
#include "pid1/console.h"
#include "pid1/discard.h"
#include "pid1/service/empty.h"
#include "pid1/service/group.h"
#include "pid1/kill.h"
#include "pid1/output/logs.h"
#include "pid1/service/mains.h"
#include "pid1/service/network.h"
#include "pid1/service/notify.h"
#include "pid1/take.h"
#include "pid1/watch.h"
#include "pid1/watchdog.h"
#include "walls/cgroup/cgroup.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* children taken in one round: a fork bomb of orphans must not keep the loop */
#define REAP_ROUND 1024

static void empty_slot(struct slot *slot)
{
	*slot = (struct slot){.pid = 0, .pidfd = -1, .report = -1, .ready = -1};
}

void reap_empty_runtime(struct pid1 *s, uint32_t count)
{
	for (uint32_t i = 0; i < count && i < CONFIG_MAX_SERVICES; i++) {
		struct runtime *r = &s->runtime[i];
		*r = (struct runtime){.group = -1,
			.events = -1,
			.log_read = -1,
			.log_write = -1,
			.notify = -1,
			.network = -1,
			.asked_fd = -1};
		empty_slot(&r->slot[0]);
		empty_slot(&r->slot[1]);
	}
}

/* What the core is told: how the service's own process has ended, as far as that is known. */
static int status_of(const struct slot *sl, int status_of_cell)
{
	siginfo_t info;
	if (sl->flags & SLOT_HAS_STATUS)
		return sl->status;
	return mains_adopted(sl, &info) ? report_status(&info) : status_of_cell;
}

/* The core hears of it before the slot forgets it: should we crash in between, it is told again,
 * which does no harm. */
static void slot_ended(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot,
	int status)
{
	struct runtime *r = &s->runtime[service];
	struct slot *sl = &r->slot[slot];
	cell_hear(s, p, service, slot); /* what it had written before it ended */
	if (slot == SLOT_MAIN)
		notify_hear(s, p, service); /* and what its service had */
	if (sl->flags & (SLOT_STARTED | SLOT_HAS_STATUS)) {
		post_event(s, p, EV_EXITED, service, (uint16_t)slot, status_of(sl, status));
	} else if (sl->flags & SLOT_FAILED) {
		post_event(s, p, EV_FAILED, service, (uint16_t)slot, sl->status);
	} else {
		r->killed = 1; /* perhaps by somebody else's cgroup.kill */
		post_failed(s, p, service, slot, "cell", -ECANCELED, "killed before the walls stood");
	}
	watch_drop(s, &sl->report);
	discard_connection(s, &sl->ready);
	watch_drop(s, &sl->pidfd);
	empty_slot(sl);
	if (r->slot[!slot].pid <= 0)
		logs_over(s, p, service);
	if (r->await_empty)
		empty_check(s, p, service);
}

void reap_leave(struct pid1 *s, const struct plan *p, uint32_t service)
{
	s->runtime[service].left = 1;
	for (uint32_t k = 0; k < 2; k++)
		if (s->runtime[service].slot[k].pid > 0)
			slot_ended(s, p, service, k, SIGKILL);
}

static bool end_slot_of(struct pid1 *s, const struct plan *p, pid_t pid, int status)
{
	for (uint32_t i = 0; i < s->core.count; i++) {
		if (s->runtime[i].taker == pid) {
			take_ended(s, i);
			return true;
		}
		for (uint32_t k = 0; k < 2; k++) {
			if (s->runtime[i].slot[k].pid != pid)
				continue;
			slot_ended(s, p, i, k, status);
			return true;
		}
	}
	if (CONFIG_RELOAD && pid == s->reload.pid) {
		s->reload.status = status;
		s->reload.pid = 0;
		return true;
	}
	if (discard_closed(s, pid) || answer_ended(s, p, pid, status))
		return true;
	if (bootcheck_marked(s, pid, status) || rescue_ended(s, pid) ||
		clean_ended(s, p, pid, status) || (CONFIG_TIMERS && timers_ended(s, p, pid, status)))
		return true;
	int service = network_given_back(s, p, pid, status);
	if (service >= 0)
		empty_check(s, p, (uint32_t)service);
	return service >= 0; /* if not, it was an orphan that came to us */
}

void reap_children(struct pid1 *s, const struct plan *p)
{
	/* Looked at first (WNOWAIT), taken once it is told: an exit that we crash over is found
	 * again by the next life. */
	for (int n = 0; n < REAP_ROUND; n++) {
		siginfo_t info = {0};
		int err = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ? errno : 0;
		if (err && err != ECHILD)
			break; /* not that there is none: asked again */
		if (err || info.si_pid == 0)
			return;
		watchdog_feed(s);
		end_slot_of(s, p, info.si_pid, report_status(&info));
		waitpid(info.si_pid, NULL, WNOHANG);
	}
	/* the signals of those that are left may all have been one, and that one is read */
	kill(getpid(), SIGCHLD);
}

void reap_hear(struct pid1 *s, const struct plan *p, uint32_t service)
{
	for (uint32_t k = 0; k < 2; k++) {
		const struct slot *sl = &s->runtime[service].slot[k];
		pid_t pid = sl->pid;
		siginfo_t info = {0};
		cell_hear(s, p, service, k);
		if (pid <= 0 || waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
			info.si_pid != pid)
			continue;
		slot_ended(s, p, service, k, report_status(&info));
		waitpid(pid, NULL, WNOHANG);
	}
	empty_check(s, p, service);
}

void reap_left(struct pid1 *s, const struct plan *p)
{
	for (uint32_t i = 0; i < s->core.count; i++) {
		struct slot *sl = &s->runtime[i].slot[SLOT_MAIN];
		if ((sl->flags & (SLOT_LEAVES | SLOT_LEFT)) != SLOT_LEAVES)
			continue;
		notify_hear(s, p, i); /* what it had said before it ended */
		post_event(s, p, EV_LEFT, i, SLOT_MAIN, sl->status);
		sl->flags |= SLOT_LEFT;
	}
}

static void say_not_sent(struct pid1 *s, const struct plan *p, uint32_t service, int sig, int err)
{
	console_say(s, SAY_ERROR, plan_text(p, plan_service(p, service)->name), ": ", sig_name(sig),
		" cannot be sent: ", err_name(err), NULL);
}

void reap_signal(struct pid1 *s, const struct plan *p, uint32_t service, int sig)
{
	answer_forget(s, p, service, -ECANCELED);
	int err = kill_gently(s, p, service, sig);
	if (err < 0)
		say_not_sent(s, p, service, sig, err);
	if (sig != SIGKILL) /* one that is stopped would hear of it only then */
		kill_gently(s, p, service, SIGCONT);
}

void reap_reload(struct pid1 *s, const struct plan *p, uint32_t service, int sig)
{
	int err = kill_slot(&s->runtime[service].slot[SLOT_MAIN], sig);
	if (err < 0)
		say_not_sent(s, p, service, sig, err);
}

void reap_kill(struct pid1 *s, const struct plan *p, uint32_t service)
{
	struct runtime *r = &s->runtime[service];
	r->await_empty = 1;
	answer_forget(s, p, service, -ECANCELED);
	kill_all(s, service);
	reap_children(s, p); /* most are gone by now, which spares a round */
	if (r->await_empty)
		empty_check(s, p, service);
}

void reap_release(struct pid1 *s, const struct plan *p, uint32_t service)
{
	struct runtime *r = &s->runtime[service];
	uint8_t state = s->core.service[service].state;
	r->checked = 0;
	answer_forget(s, p, service, 0);
	logs_over(s, p, service); /* of what its main process had left */
	watch_drop(s, &r->events);
	if (state == SVC_BACKOFF || state == SVC_WAITING || r->group < 0)
		return; /* it is coming back: its group and what it has counted stay */
	close(r->group);
	r->group = -1;
	r->killed = 0;
	if (s->core.final != FINAL_NONE && s->core.final != FINAL_RESCUE)
		return; /* the group goes with the machine */
	group_release(s, p, service);
}
