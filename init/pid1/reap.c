/* SPDX-License-Identifier: MIT
 * Reports, exits and kills: see reap.h. */
#include "pid1/reap.h"
#include "base/errname.h"
#include "base/fmt.h"
#include "base/report.h"
#include "base/sys.h"
#include "engine/descriptors.h"
#include "engine/receive.h"
#include "pid1/ask.h"
#include "pid1/bootcheck.h"
#include "pid1/clean.h"
#include "pid1/console.h"
#include "pid1/discard.h"
#include "pid1/group.h"
#include "pid1/mains.h"
#include "pid1/network.h"
#include "pid1/recover.h"
#include "pid1/report.h"
#include "pid1/rescue.h"
#include "pid1/watch.h"
#include "pid1/watchdog.h"
#include "walls/cgroup/cgroup.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define REPORTS 8 /* more than a cell ever writes */
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

static void note_failure(struct runtime *r, const struct report *rep)
{
	char step[sizeof(rep->step) + 1] = {0};
	char detail[sizeof(rep->detail) + 1] = {0};
	struct fmt f;
	memcpy(step, rep->step, sizeof(rep->step));
	memcpy(detail, rep->detail, sizeof(rep->detail));
	fmt_init(&f, r->why, sizeof(r->why));
	fmt_strs(&f, step, ": ", err_name(rep->value), detail[0] ? ": " : "", detail, NULL);
}

static void take_report(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot,
	const struct report *rep)
{
	struct slot *sl = &s->runtime[service].slot[slot];
	switch (rep->kind) {
	case REPORT_STARTED:
		sl->flags |= SLOT_STARTED;
		sl->main = rep->value > 1 ? rep->value : 0;
		mains_watch(s, service, slot);
		post_event(s, p, EV_STARTED, service, (uint16_t)slot, 0);
		break;
	case REPORT_FAILED:
		sl->flags |= SLOT_FAILED;
		note_failure(&s->runtime[service], rep);
		post_event(s, p, EV_FAILED, service, (uint16_t)slot,
			rep->value < 0 ? -rep->value : rep->value);
		break;
	case REPORT_ABSENT:
		if (slot == SLOT_MAIN)
			s->runtime[service].absent_cell = (uint32_t)rep->value & OPTIONAL_ALL;
		break;
	/* told to the core once the cell is gone too: nothing of it may be left by then */
	case REPORT_EXITED:
		sl->flags |= SLOT_HAS_STATUS;
		sl->status = rep->value;
		if (slot == SLOT_MAIN && rep->value == 0 &&
			strncmp(rep->step, REPORT_LEAVES, sizeof(rep->step)) == 0)
			report_leaves(s, p, service);
		break;
	default:
		break; /* not a record of ours: a cell writes whole records or none */
	}
}

void reap_report(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot)
{
	if (service >= s->core.count)
		return;
	struct slot *sl = &s->runtime[service].slot[slot];
	struct report rep;
	for (int n = 0; n < REPORTS && sl->report >= 0; n++) {
		int passed;
		ssize_t len = receive_passed(sl->report, &rep, sizeof(rep), &passed);
		bool network = len == (ssize_t)sizeof(rep) && rep.kind == REPORT_NETWORK;
		if (network || passed >= 0)
			network_keep(s, p, service, network, passed);
		if (len == -EAGAIN || len == -EINTR)
			return;
		if (len != (ssize_t)sizeof(rep)) {
			watch_drop(s, &sl->report); /* closed: its exit follows by SIGCHLD */
			return;
		}
		if (recover_distrusts(s))
			receive_done(sl->report);
		take_report(s, p, service, slot, &rep);
		if (!recover_distrusts(s))
			receive_done(sl->report);
	}
}

/* As wait(2) would have given it. */
static int wait_status(const siginfo_t *info)
{
	if (info->si_code == CLD_EXITED)
		return (info->si_status & 0xff) << 8;
	return (info->si_status & 0x7f) | (info->si_code == CLD_DUMPED ? 0x80 : 0);
}

/* What the core is told: how the service's own process has ended, as far as that is known. */
static int status_of(const struct slot *sl, int status_of_cell)
{
	siginfo_t info;
	if (sl->flags & SLOT_HAS_STATUS)
		return sl->status;
	return mains_adopted(sl, &info) ? wait_status(&info) : status_of_cell;
}

/* The core hears of it before the slot forgets it: should we crash in between, it is told again,
 * which does no harm. */
static void slot_ended(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot,
	int status)
{
	struct runtime *r = &s->runtime[service];
	struct slot *sl = &r->slot[slot];
	reap_report(s, p, service, slot); /* what it had written before it ended */
	if (sl->flags & SLOT_STARTED) {
		post_event(s, p, EV_EXITED, service, (uint16_t)slot, status_of(sl, status));
	} else if (!(sl->flags & SLOT_FAILED)) {
		struct report lost = {.kind = REPORT_FAILED,
			.value = ECANCELED,
			.step = "cell",
			.detail = "killed before the walls stood"};
		note_failure(r, &lost);
		r->killed = 1; /* perhaps by somebody else's cgroup.kill */
		post_event(s, p, EV_FAILED, service, (uint16_t)slot, ECANCELED);
	}
	watch_drop(s, &sl->report);
	discard_connection(s, &sl->ready);
	watch_drop(s, &sl->pidfd);
	empty_slot(sl);
	if (r->await_empty)
		reap_check_empty(s, p, service);
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
			discard_ended(s, i);
			return true;
		}
		for (uint32_t k = 0; k < 2; k++) {
			if (s->runtime[i].slot[k].pid != pid)
				continue;
			slot_ended(s, p, i, k, status);
			return true;
		}
	}
	if (discard_closed(s, pid) || ask_ended(s, p, pid, status))
		return true;
	if (bootcheck_marked(s, pid, status) || rescue_ended(s, pid) || clean_ended(s, p, pid, status))
		return true;
	return network_given_back(s, p, pid, status); /* if not that, an orphan that came to us */
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
		end_slot_of(s, p, info.si_pid, wait_status(&info));
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
		reap_report(s, p, service, k);
		if (pid <= 0 || waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
			info.si_pid != pid)
			continue;
		slot_ended(s, p, service, k, wait_status(&info));
		waitpid(pid, NULL, WNOHANG);
	}
	reap_check_empty(s, p, service);
}

/* By its number, which is ours until we have waited for it, and the slot is emptied before that. */
static int signal_slot(const struct slot *sl, int sig)
{
	if (sl->pid <= 1 || kill(sl->pid, sig) == 0 || errno == ESRCH)
		return 0; /* ESRCH: it has just ended, which we shall hear */
	return -errno;
}

static void say_not_sent(struct pid1 *s, const struct plan *p, uint32_t service, int sig, int err)
{
	console_say(s, SAY_ERROR, plan_text(p, plan_service(p, service)->name), ": ", sig_name(sig),
		" cannot be sent: ", err_name(err), NULL);
}

void reap_signal(struct pid1 *s, const struct plan *p, uint32_t service, int sig)
{
	ask_forget(s, p, service, -ECANCELED);
	int err = signal_slot(&s->runtime[service].slot[SLOT_MAIN], sig);
	if (err < 0)
		say_not_sent(s, p, service, sig, err);
	if (sig != SIGKILL) /* one that is stopped would hear of it only then */
		signal_slot(&s->runtime[service].slot[SLOT_MAIN], SIGCONT);
}

static void kill_slots(struct pid1 *s, uint32_t service)
{
	for (uint32_t k = 0; k < 2; k++)
		signal_slot(&s->runtime[service].slot[k], SIGKILL);
}

/* Processes of kernels before 5.14, which have no cgroup.kill: each pid in cgroup.procs, a few
 * rounds, as they may fork meanwhile. */
static void kill_each(int group)
{
	char text[2048];
	for (int round = 0; round < 8; round++) {
		int n = sys_read_file(group, "cgroup.procs", text, sizeof(text));
		int pid = 0;
		if (n <= 0)
			return;
		for (int i = 0; i < n; i++) {
			if (text[i] >= '0' && text[i] <= '9') {
				pid = pid * 10 + (text[i] - '0');
				continue;
			}
			if (pid > 1)
				kill(pid, SIGKILL);
			pid = 0;
		}
	}
}

void reap_kill_all(struct pid1 *s, uint32_t service)
{
	struct runtime *r = &s->runtime[service];
	kill_slots(s, service);
	if (r->group < 0 || cgroup_populated(r->group) == 0)
		return;
	r->killed = 1;
	if (cgroup_kill(r->group) < 0)
		kill_each(r->group);
}

void reap_kill(struct pid1 *s, const struct plan *p, uint32_t service)
{
	struct runtime *r = &s->runtime[service];
	r->await_empty = 1;
	ask_forget(s, p, service, -ECANCELED);
	reap_kill_all(s, service);
	reap_children(s, p); /* most are gone by now, which spares a round */
	if (r->await_empty)
		reap_check_empty(s, p, service);
}

void reap_check_empty(struct pid1 *s, const struct plan *p, uint32_t service)
{
	struct runtime *r = &s->runtime[service];
	if (service >= s->core.count || !r->await_empty)
		return;
	if (r->slot[0].pid || r->slot[1].pid)
		return;
	bool populated = r->group >= 0 && cgroup_populated(r->group) > 0;
	if (!populated)
		r->left = 0;
	if (populated && !r->left) {
		if (r->events >= 0)
			return;
		r->events = descriptor_lift(openat(r->group, "cgroup.events", O_RDONLY | O_CLOEXEC));
		/* no descriptor to be had: look again later */
		if (r->events < 0)
			group_look_soon(s);
		/* kernfs re-arms only on reading this descriptor */
		watch_add(s, r->events, EPOLLPRI | EPOLLET, WATCH_EMPTY, service);
		/* it may have emptied before the watch stood */
		if (cgroup_populated(r->group) > 0)
			return;
	}
	if (network_return_netdevs(s, p, service))
		return; /* comes back here once they are */
	r->await_empty = 0;
	watch_drop(s, &r->events);
	post_event(s, p, EV_EMPTY, service, 0, 0);
}

void reap_release(struct pid1 *s, const struct plan *p, uint32_t service)
{
	struct runtime *r = &s->runtime[service];
	uint8_t state = s->core.service[service].state;
	r->checked = 0;
	ask_forget(s, p, service, 0);
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
