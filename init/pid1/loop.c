/* SPDX-License-Identifier: MIT
 * The loop: see loop.h. */
#include "pid1/loop.h"
#include "base/count.h"
#include "engine/descriptors.h"
#include "pid1/service/answer.h"
#include "pid1/service/ask.h"
#include "pid1/boot/bootcheck.h"
#include "pid1/boot/rescue.h"
#include "pid1/service/cell.h"
#include "pid1/service/clean.h"
#include "pid1/console.h"
#include "pid1/control/control.h"
#include "pid1/crash.h"
#include "pid1/service/empty.h"
#include "pid1/end/shutdown.h"
#include "pid1/errand.h"
#include "pid1/service/group.h"
#include "pid1/service/mains.h"
#include "pid1/service/notify.h"
#include "pid1/output/hunt.h"
#include "pid1/output/leave.h"
#include "pid1/output/logs.h"
#include "pid1/service/reap.h"
#include "pid1/renew/reload.h"
#include "pid1/report.h"
#include "pid1/signals.h"
#include "pid1/service/sockets.h"
#include "pid1/service/timers.h"
#include "pid1/stay.h"
#include "pid1/take.h"
#include "pid1/watch.h"
#include "pid1/watchdog.h"
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define ROUND_EVENTS 32
/* decisions carried out before the loop looks at its descriptors again, or so many ms of them */
#define ROUND_ACTIONS 4096
#define ROUND_MS 20u
#define WATCH_TRIES 3
/* descriptors, at most */
#define WATCHED (8 * CONFIG_MAX_SERVICES + CONFIG_MAX_CLIENTS + CONFIG_MAX_SOCKETS)

int loop_open(struct pid1 *s)
{
	stay_open();
	s->epoll_fd = s->signal_fd = -1;
	for (int i = 0; i < WATCH_TRIES && s->epoll_fd < 0; i++)
		s->epoll_fd = descriptor_lift(epoll_create1(EPOLL_CLOEXEC));
	if (s->epoll_fd < 0)
		return s->epoll_fd;
	for (int i = 0; i < WATCH_TRIES && s->signal_fd < 0; i++)
		s->signal_fd = signals_open();
	if (s->signal_fd < 0)
		return s->signal_fd;
	watch_add(s, s->signal_fd, EPOLLIN, WATCH_SIGNAL, 0);
	return 0;
}

void loop_carry_out(struct pid1 *s, const struct plan *p, const struct core_action *a)
{
	switch ((enum core_action_kind)a->kind) {
	case ACT_SPAWN:
	case ACT_LISTEN:
		answer_start(s, p, a);
		break;
	case ACT_SIGNAL:
		reap_signal(s, p, a->service, a->value);
		break;
	case ACT_RELOAD:
		reap_reload(s, p, a->service, a->value);
		break;
	case ACT_KILL:
		reap_kill(s, p, a->service);
		stay_was(s, STAY_GROUPS);
		break;
	case ACT_RELEASE:
		reap_release(s, p, a->service);
		stay_was(s, STAY_GROUPS);
		break;
	case ACT_CLEAN:
		clean_begin(s, p, a->service);
		stay_was(s, STAY_CHILD);
		break;
	case ACT_NOTICE:
		report_service(s, p, a);
		break;
	case ACT_FINAL:
		s->final_request = (uint32_t)a->value;
		break;
	case ACT_KIND_COUNT:
		break;
	}
}

/* Commands and kills are found by what the core believes (recover.c). The others would be lost: a
 * signal that may come twice is less than a service that is killed because it was never asked to
 * end. */
void loop_redo(struct pid1 *s, const struct plan *p)
{
	struct core_action a = s->doing;
	s->doing.kind = ACT_KIND_COUNT;
	if (!core_has_handed_out(&s->core, &a))
		return;
	uint8_t state = s->core.service[a.service].state;
	uint8_t todo = state < SVC_STATE_COUNT ? core_traits[state].todo : 0;
	if (a.kind == ACT_NOTICE || (a.kind == ACT_SIGNAL && todo & TODO_SIGNAL) ||
		(a.kind == ACT_RELOAD && todo & TODO_RELOAD) ||
		(a.kind == ACT_RELEASE && todo & TODO_RELEASE))
		loop_carry_out(s, p, &a);
}

/* Carries out what the core decides; false if it may have more to say. */
static bool settle(struct pid1 *s, const struct plan *p, uint64_t heard)
{
	struct core_action *a = &s->doing;
	uint64_t until = now_ms() + ROUND_MS;
	bool more = true;
	if (CONFIG_TIMERS)
		timers_elapse(s, p);
	for (uint32_t n = 0; more && n < ROUND_ACTIONS && now_ms() < until; n++) {
		watchdog_feed(s);
		more = core_next(&s->core, p, now_ms(), heard, a);
		if (more)
			loop_carry_out(s, p, a);
		a->kind = ACT_KIND_COUNT;
	}
	watch_forget_posted();
	stay_was(s, STAY_ELSE);
	if (CONFIG_SOCKETS)
		sockets_tidy(s, p);
	stay_was(s, STAY_SOCKETS);
	return !more;
}

static void dispatch(struct pid1 *s, const struct plan *p, const struct epoll_event *ev)
{
	uint32_t index = (uint32_t)ev->data.u64;
	switch ((enum watch)(ev->data.u64 >> 32)) {
	case WATCH_SIGNAL:
		signals_read(s, p);
		break;
	case WATCH_CONTROL:
		control_accept(s, p);
		break;
	case WATCH_CLIENT:
		control_client(s, p, index);
		break;
	case WATCH_NOTIFY:
		notify_read(s, p, index);
		break;
	case WATCH_LOG:
		logs_flush(s, p);
		break;
	case WATCH_REPORT:
		cell_hear(s, p, index >> 1, index & 1);
		break;
	case WATCH_READY:
		notify_line(s, p, index >> 1, index & 1);
		break;
	case WATCH_EMPTY:
		empty_check(s, p, index);
		break;
	case WATCH_SOCKET:
		if (CONFIG_SOCKETS)
			sockets_called(s, p, index);
		break;
	case WATCH_CONSOLE:
		console_flush(s);
		break;
	case WATCH_MAIN:
		mains_ended(s, index >> 1, index & 1);
		break;
	case WATCH_CLOCK:
		if (CONFIG_TIMERS)
			timers_jumped(s);
		break;
	}
}

static int wait_ms(struct pid1 *s, const struct plan *p, uint64_t now)
{
	const uint64_t due[] = {core_deadline(&s->core), watchdog_deadline(s), control_deadline(s),
		group_deadline(s), take_deadline(s), bootcheck_deadline(s, p), report_deadline(s),
		logs_deadline(s), rescue_deadline(s, p), clean_deadline(s), leave_deadline(s, p),
		hunt_deadline(s), mains_deadline(s), ask_deadline(s),
		CONFIG_RELOAD ? reload_deadline(s) : CORE_NEVER,
		CONFIG_TIMERS ? timers_deadline(s, p) : CORE_NEVER};
	uint64_t until = CORE_NEVER;
	for (unsigned i = 0; i < COUNT(due); i++)
		until = due[i] < until ? due[i] : until;
	if (until == CORE_NEVER)
		return -1;
	return until <= now ? 0 : until - now > 60000 ? 60000 : (int)(until - now);
}

static enum proto_stay stay_of(enum watch kind)
{
	switch (kind) {
	case WATCH_SIGNAL:
	case WATCH_MAIN:
		return STAY_EXITS;
	case WATCH_CONTROL:
	case WATCH_CLIENT:
		return STAY_CLIENTS;
	case WATCH_NOTIFY:
	case WATCH_REPORT:
	case WATCH_READY:
		return STAY_MESSAGES;
	case WATCH_EMPTY:
		return STAY_GROUPS;
	case WATCH_SOCKET:
		return STAY_SOCKETS;
	case WATCH_LOG:
	case WATCH_CONSOLE:
	case WATCH_CLOCK:
		break;
	}
	return STAY_ELSE;
}

static int read_round(struct pid1 *s, const struct plan *p, int timeout)
{
	struct epoll_event ev[ROUND_EVENTS];
	stay_end(s);
	int n = epoll_wait(s->epoll_fd, ev, ROUND_EVENTS, timeout);
	/* it would hear of nothing any more, and never wait */
	if (n < 0 && (errno == EBADF || errno == EINVAL))
		crash_anew(s);
	stay_begin();
	for (int i = 0; i < n; i++) {
		watchdog_feed(s);
		dispatch(s, p, &ev[i]);
		stay_was(s, stay_of((enum watch)(ev[i].data.u64 >> 32)));
	}
	return n;
}

static const struct plan *meanwhile;

static void answer_clients(struct pid1 *s)
{
	struct epoll_event ev[ROUND_EVENTS];
	int n = epoll_wait(s->epoll_fd, ev, ROUND_EVENTS, 0);
	for (int i = 0; i < n; i++) {
		enum watch kind = (enum watch)(ev[i].data.u64 >> 32);
		if (kind == WATCH_CONTROL || kind == WATCH_CLIENT)
			dispatch(s, meanwhile, &ev[i]);
	}
	control_answer(s, meanwhile);
}

void loop_answer_meanwhile(const struct plan *p)
{
	meanwhile = p;
	errand_meanwhile = p ? answer_clients : NULL;
}

/* The kernel hands out what is ready in turn: after so many rounds each has been seen, whoever
 * goes on writing. */
static void read_mail(struct pid1 *s, const struct plan *p)
{
	for (int round = 0; round <= WATCHED / ROUND_EVENTS && read_round(s, p, 0) == ROUND_EVENTS;
		 round++)
		;
}

/* Whose time is over at `heard` is asked once more, to the bottom of its queues: a flood may
 * hide its word or its exit. */
static void ask_due(struct pid1 *s, const struct plan *p, uint64_t heard)
{
	for (uint32_t i = 0; i < s->core.count; i++) {
		const struct core_service *c = &s->core.service[i];
		if (c->deadline_ms > heard && c->watchdog_ms > heard)
			continue;
		watchdog_feed(s);
		notify_hear(s, p, i);
		reap_hear(s, p, i);
	}
	stay_was(s, STAY_MESSAGES);
}

/* What lies behind a message that a child has taken. */
static void read_taken(struct pid1 *s, const struct plan *p)
{
	for (uint32_t i = 0; i < s->core.count; i++)
		if (take_is_over(s, p, i))
			notify_read(s, p, i);
}

static void judge_mains(struct pid1 *s, const struct plan *p)
{
	for (uint32_t i = 0; i < s->core.count; i++) {
		for (uint32_t k = 0; k < 2; k++) {
			if (!mains_is_due(s, i, k))
				continue;
			cell_hear(s, p, i, k);
			mains_judge(s, p, i, k);
		}
	}
}

void loop_run(struct pid1 *s, struct plan *p)
{
	if (CONFIG_TIMERS)
		timers_open(s, p);
	stay_begin();
	for (;;) {
		uint64_t heard = now_ms(); /* all that came before it is read before it is judged */
		read_mail(s, p);
		ask_due(s, p, heard);
		reap_left(s, p);
		bool settled = settle(s, p, heard);
		bootcheck_look(s, p);
		rescue_look(s, p);
		stay_was(s, STAY_ELSE);
		report_unwatched(s);
		control_answer(s, p);
		stay_was(s, STAY_CLIENTS);
		if (s->final_request) {
			stay_end(s);
			shutdown_run(s, p);
		}
		watchdog_feed(s);
		read_round(s, p, settled && !watch_has_posted() ? wait_ms(s, p, now_ms()) : 0);
		empty_look(s, p);
		group_look(s, p);
		stay_was(s, STAY_GROUPS);
		read_taken(s, p);
		stay_was(s, STAY_MESSAGES);
		report_left_out(s, p);
		answer_look(s, p);
		judge_mains(s, p);
		clean_look(s, p);
		logs_look(s, p);
		if (CONFIG_TIMERS)
			timers_look(s, p);
		if (leave_look(s, p))
			reap_leave(s, p, logs_logger(s, p));
		hunt_look(s, p);
		if (CONFIG_RELOAD)
			reload_look(s, p);
	}
}
