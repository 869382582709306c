/* SPDX-License-Identifier: MIT
 * Taking over after a crash: see recover.h.
 */
#include "pid1/recover.h"
#include "base/count.h"
#include "engine/receive.h"
#include "pid1/service/answer.h"
#include "pid1/service/ask.h"
#include "pid1/boot/rescue.h"
#include "pid1/service/clean.h"
#include "pid1/console.h"
#include "pid1/control/control.h"
#include "pid1/crash.h"
#include "pid1/descriptors.h"
#include "pid1/discard.h"
#include "pid1/doubt.h"
#include "pid1/service/empty.h"
#include "pid1/service/group.h"
#include "pid1/loop.h"
#include "pid1/service/mains.h"
#include "pid1/service/reap.h"
#include "pid1/service/sockets.h"
#include "pid1/stay.h"
#include "pid1/watch.h"
#include "pid1/watchdog.h"
#include <fcntl.h>
#include <signal.h>

/* Nobody's to claim any more: kept already, or opened in this life. */
static uint8_t known[HIGHEST_FD];

/* Before this life opens anything: the state may have a number whose descriptor was closed just
 * before the crash, and what is opened now may get that number. */
static void note_descriptors(void)
{
	for (int fd = LOWEST_FD; fd < HIGHEST_FD; fd++)
		known[fd] = fcntl(fd, F_GETFD) < 0;
}

/* A descriptor of the old life: valid ones are ours again, others are gone. */
static void keep(int32_t *fd)
{
	if (*fd < LOWEST_FD || *fd >= HIGHEST_FD || known[*fd] || fcntl(*fd, F_SETFD, FD_CLOEXEC) < 0)
		*fd = -1;
	else
		known[*fd] = 1;
}

static void keep_runtime(struct runtime *r)
{
	for (int k = 0; k < 2; k++) {
		/* which process it is of would be on trust: mains_watch opens it anew */
		r->slot[k].pidfd = -1;
		keep(&r->slot[k].report);
		keep(&r->slot[k].ready);
	}
	keep(&r->group);
	keep(&r->events);
	keep(&r->log_read);
	keep(&r->log_write);
	keep(&r->notify);
	keep(&r->network);
	keep(&r->asked_fd);
	r->why[sizeof(r->why) - 1] = 0;
}

/* What PID 1 is reached by, what resets the machine and what each start needs is asked what it is:
 * a spoilt number may be another's. */
static void doubt_own(struct pid1 *s)
{
	int32_t watchdog = s->watchdog_fd;
	int root = group_open_root();
	if (root < 0)
		keep(&s->cgroup_root);
	else
		s->cgroup_root = root;
	if (!control_is_listener(s->control_fd))
		s->control_fd = -1;
	s->watchdog_fd = -1;
	if (watchdog >= 0)
		watchdog_adopt(s, watchdog);
}

/* A number that nobody knows. What cannot be kept is closed with the rest. */
static void adopt_unknown(struct pid1 *s, const struct plan *p, int32_t fd)
{
	int32_t kept = fd;
	if (!control_adopt(s, p, fd) && !watchdog_adopt(s, fd))
		return;
	keep(&kept);
	if (kept >= 0)
		return;
	if (s->control_fd == fd)
		s->control_fd = -1;
	if (s->watchdog_fd == fd)
		s->watchdog_fd = -1;
	for (uint32_t i = 0; i < CONFIG_MAX_CLIENTS; i++)
		if (s->client[i].fd == fd)
			s->client[i].fd = -1;
}

static void keep_all(struct pid1 *s, const struct plan *p)
{
	int32_t *const own[] = {&s->state_fd, &s->plan_fd, &s->control_fd, &s->log_fd, &s->watchdog_fd,
		&s->console_fd, &s->kmsg_fd, &s->null_fd, &s->reload.plan_fd};
	s->hunt_fd = s->hunt_pidfd = -1;
	doubt_own(s);
	/* another child does it again: what is taken for its pipe is not to be read on trust */
	s->drain_fd = s->drain_pidfd = -1;
	for (unsigned i = 0; i < COUNT(own); i++)
		keep(own[i]);
	for (uint32_t i = 0; i < s->core.count && i < CONFIG_MAX_SERVICES; i++)
		keep_runtime(&s->runtime[i]);
	for (uint32_t i = 0; i < CONFIG_MAX_CLIENTS; i++)
		keep(&s->client[i].fd);
	for (uint32_t i = 0; i < CONFIG_MAX_SOCKETS; i++)
		keep(&s->listener[i].fd);
	for (int32_t fd = LOWEST_FD; fd < HIGHEST_FD; fd++)
		if (!known[fd])
			adopt_unknown(s, p, fd);
	discard_unknown(s, known, LOWEST_FD, HIGHEST_FD);
}

/* The kernel names no child of ours there: the number is not to be believed. */
static void find_process(struct slot *sl)
{
	if (!doubt_is_child(sl->pid))
		sl->pid = 0;
	if (sl->pid > 0)
		return;
	*sl = (struct slot){.pid = 0, .pidfd = -1, .report = sl->report, .ready = sl->ready};
}

static void rewatch_service(struct pid1 *s, uint32_t i)
{
	struct runtime *r = &s->runtime[i];
	for (uint32_t k = 0; k < 2; k++) {
		find_process(&r->slot[k]);
		mains_watch(s, i, k);
		watch_add(s, r->slot[k].report, EPOLLIN, WATCH_REPORT, i << 1 | k);
		watch_add(s, r->slot[k].ready, EPOLLIN, WATCH_READY, i << 1 | k);
	}
	watch_add(s, r->events, EPOLLPRI | EPOLLET, WATCH_EMPTY, i);
	if (!r->take_ms)
		watch_add(s, r->notify, EPOLLIN, WATCH_NOTIFY, i);
}

/* A request that has been obeyed may still lie there. */
static void rewatch_client(struct pid1 *s, struct client *c, uint32_t i)
{
	struct sender from;
	char unused;
	bool writes = c->state == CLIENT_LISTING || c->state == CLIENT_ENDING;
	if (c->state != CLIENT_READING)
		receive_message(c->fd, &unused, sizeof(unused), &from);
	watch_add(s, c->fd, writes ? EPOLLOUT : EPOLLIN | EPOLLRDHUP, WATCH_CLIENT, i);
}

static void rewatch_clients(struct pid1 *s)
{
	for (uint32_t i = 0; i < CONFIG_MAX_CLIENTS; i++) {
		struct client *c = &s->client[i];
		if (c->state == CLIENT_LEAVING && c->fd >= 0)
			continue;
		if (c->fd < 0 || c->state > CLIENT_ENDING)
			*c = (struct client){.fd = -1, .state = CLIENT_FREE};
		else
			rewatch_client(s, c, i);
	}
}

static void lost(struct pid1 *s, const struct plan *p, uint32_t i, uint16_t k)
{
	if (!core_is_ready(&s->core, i)) {
		post_failed(s, p, i, k, "process", -EAGAIN, "lost when PID 1 crashed");
		return;
	}
	console_say(s, SAY_ERROR, plan_text(p, plan_service(p, i)->name),
		": its process was lost when PID 1 crashed", NULL);
	post_event(s, p, EV_EXITED, i, k, SIGKILL);
}

/* Watched again; one that was lost is opened again. */
static void listen_again(struct pid1 *s, const struct plan *p, uint32_t i)
{
	const struct core_service *c = &s->core.service[i];
	const struct core_action again = {.kind = ACT_LISTEN,
		.service = (uint16_t)i,
		.slot = SLOT_MAIN};
	if (c->state == SVC_LISTENING && !(c->todo & TODO_LISTEN) && !ask_waits(s, i))
		answer_start(s, p, &again);
	sockets_remove_left(s, p, i);
}

/* What the core believes and what the loop holds must agree: a process that was about to be
 * started when we crashed does not exist. */
static void reconcile(struct pid1 *s, const struct plan *p, uint32_t i)
{
	struct runtime *r = &s->runtime[i];
	struct core_service *c = &s->core.service[i];
	ask_adopt(s, i);
	for (uint16_t k = 0; k < 2; k++) {
		bool alive = k == SLOT_MAIN ? c->main_alive : c->control_alive;
		if (r->slot[k].pid <= 0) { /* ours were made, but nobody to hold the other ends */
			watch_drop(s, &r->slot[k].report);
			discard_connection(s, &r->slot[k].ready);
		}
		if (!alive || r->slot[k].pid > 0 || ask_waits(s, i) || c->todo & TODO_SPAWN)
			continue;
		if (crash_distrusts(s) || !core_spawn_again(&s->core, i, k))
			lost(s, p, i, k);
	}
	/* cgroup.kill again: it is harmless twice, and lost once is for ever */
	if (c->state == SVC_KILL && !(c->todo & TODO_KILL))
		reap_kill(s, p, i);
	else /* what was given up may have ended while nobody watched */
		empty_check(s, p, i);
	if (CONFIG_SOCKETS)
		listen_again(s, p, i);
	clean_adopt(s, p, i);
}

bool recover_adopt(struct pid1 *s, const struct plan *p)
{
	note_descriptors();
	stay_open();
	stay_begin();
	keep_all(s, p);
	if (s->state_fd < 0 || s->cgroup_root < 0 || !core_adopt(&s->core, p, now_ms()) ||
		loop_open(s) < 0)
		return false;
	doubt_all(s, p);
	rescue_doubt(s, p);
	watch_add(s, s->control_fd, EPOLLIN, WATCH_CONTROL, 0);
	watch_add(s, s->log_fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP, WATCH_LOG, 0);
	rewatch_clients(s);
	for (uint32_t i = 0; i < s->core.count; i++) {
		watchdog_feed(s);
		rewatch_service(s, i);
	}
	if (s->core.final_done && !s->final_request)
		s->final_request = s->core.final; /* handed out, and not noted before the crash */
	reap_children(s, p);
	for (uint32_t i = 0; i < s->core.count; i++) {
		watchdog_feed(s);
		reconcile(s, p, i);
	}
	if (!crash_distrusts(s))
		loop_redo(s, p);
	s->doing.kind = ACT_KIND_COUNT;
	watchdog_feed(s);
	return true;
}

void recover_say(struct pid1 *s)
{
	if (s->renewed)
		console_say(s, SAY_NOTICE, "reload: the service files are in force", NULL);
	else
		console_say(s, SAY_ERROR, "PID 1 crashed and has taken over its services again", NULL);
	s->renewed = 0;
}
