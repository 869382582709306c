/* SPDX-License-Identifier: MIT
 * The steps of a reload: see reload.h.
 */
#include "pid1/renew/reload.h"
#include "base/errname.h"
#include "base/feature.h"
#include "base/fmt.h"
#include "pid1/boot/planfile.h"
#include "pid1/console.h"
#include "pid1/renew/compile.h"
#include "pid1/renew/renew.h"
#include "pid1/watch.h"
#include "pid1/watchdog.h"
#include "renew/compare.h"
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* a stop that takes longer is given up: TimeoutStopSec of the last one, and what follows it */
#define STOPS_MS 600000u
#define TRIES 3u /* when services start while the compiler runs */

static struct plan next; /* base NULL: none, or not mapped in this life */

static void forget_next(struct pid1 *s)
{
	if (next.base)
		munmap((void *)(uintptr_t)next.base, next.size);
	next = (struct plan){0};
	if (s->reload.plan_fd >= 0)
		close(s->reload.plan_fd);
	s->reload.plan_fd = -1;
}

/* What was stopped for it comes back, unless it has been asked to stop since. */
static void come_to_nothing(struct pid1 *s, const struct plan *p, int err, const char *what,
	const char *about)
{
	struct reload *r = &s->reload;
	struct fmt f;
	fmt_init(&f, r->why, sizeof(r->why));
	fmt_strs(&f, what, about, NULL);
	console_say(s, SAY_ERROR, "reload: nothing is changed: ", r->why, NULL);
	r->result = err;
	r->phase = RELOAD_NONE;
	forget_next(s);
	for (uint32_t i = 0; i < s->core.count; i++)
		if (r->back[i] == BACK_WANTED)
			post_event(s, p, EV_START, i, 0, 0);
	memset(r->back, 0, sizeof(r->back));
}

static const char *name_of(const struct plan *p, uint32_t i)
{
	return plan_text(p, plan_service(p, i)->name);
}

/* ---- what is to become of service i ---- */

static bool is_changed(const struct plan *p, uint32_t i, int j)
{
	return j >= 0 &&
		renew_compare(p, plan_service(p, i), &next, plan_service(&next, (uint32_t)j), NULL, NULL) ==
		RENEW_RESTART;
}

static bool is_active(const struct pid1 *s, uint32_t i)
{
	return core_state_is(s->core.service[i].state, STATE_ACTIVE);
}

/* Neither at rest nor running: it waits for its turn, or for its next try. */
static bool is_between(const struct pid1 *s, uint32_t i)
{
	uint8_t state = s->core.service[i].state;
	return state == SVC_WAITING || state == SVC_BACKOFF;
}

static bool is_new_fault(const struct plan *p, uint32_t i, int j)
{
	return j >= 0 && plan_service(&next, (uint32_t)j)->flags & SERVICE_REFUSED &&
		!(plan_service(p, i)->flags & SERVICE_REFUSED);
}

/* True: the reload goes on. */
static bool judge(struct pid1 *s, const struct plan *p)
{
	for (uint32_t j = 0; j < plan_service_count(&next); j++) {
		int i = renew_index(&next, j, p);
		bool refused = plan_service(&next, j)->flags & SERVICE_REFUSED;
		if (refused && (i < 0 || is_new_fault(p, (uint32_t)i, (int)j))) {
			come_to_nothing(s, p, -ENOEXEC, "errors in the file of ", name_of(&next, j));
			return false;
		}
	}
	for (uint32_t i = 0; i < s->core.count; i++) {
		watchdog_feed(s);
		if (!is_active(s, i) || reload_applies(&s->reload, i) ||
			!is_changed(p, i, renew_index(p, i, &next)))
			continue;
		/* it was started while the compiler ran, or cannot go on as it was */
		if (++s->reload.tries < TRIES) {
			forget_next(s);
			s->reload.phase = RELOAD_ASKED;
		} else {
			come_to_nothing(s, p, -EAGAIN, "it has to be applied too: ", name_of(p, i));
		}
		return false;
	}
	return true;
}

/* What is stopped, and what comes back: those too that stop because they require one of them. */
static void stop(struct pid1 *s, const struct plan *p)
{
	struct reload *r = &s->reload;
	for (uint32_t i = 0; i < s->core.count; i++) {
		const struct core_service *c = &s->core.service[i];
		bool applied = reload_applies(r, i) && core_state_is(c->state, STATE_BAD) &&
			c->state != SVC_REFUSED && is_changed(p, i, renew_index(p, i, &next));
		r->back[i] = c->wanted ? BACK_WANTED : applied ? BACK_APPLIED : BACK_NOT;
	}
	r->phase = RELOAD_STOPPING;
	r->due_ms = now_ms() + STOPS_MS;
	for (uint32_t i = 0; i < s->core.count; i++) {
		int j = renew_index(p, i, &next);
		bool changes = j < 0 || (is_changed(p, i, j) && (reload_applies(r, i) || is_between(s, i)));
		if (changes && (is_active(s, i) || is_between(s, i)))
			post_event(s, p, EV_STOP, i, 0, 0);
	}
}

/* ---- the steps ---- */

static void begin_reload(struct pid1 *s, const struct plan *p)
{
	struct reload *r = &s->reload;
	if (s->plan_source == PLAN_RESCUE || s->state_fd < 0 || s->plan_fd < 0) {
		come_to_nothing(s, p, -EOPNOTSUPP, "the rescue plan runs, or there is no memory", "");
		return;
	}
	int err = reload_compile(s);
	if (err < 0)
		come_to_nothing(s, p, err, PLAN_COMPILER ": ", err_name(err));
	else
		r->phase = RELOAD_COMPILING;
}

static void take_plan(struct pid1 *s, const struct plan *p)
{
	struct reload *r = &s->reload;
	if (r->pid > 0 && now_ms() >= r->due_ms) {
		reload_compile_kill(s);
		come_to_nothing(s, p, -ETIMEDOUT, PLAN_COMPILER ": takes too long", "");
		return;
	}
	if (r->pid > 0)
		return;
	if (!WIFEXITED(r->status) || WEXITSTATUS(r->status) != 0) {
		come_to_nothing(s, p, -ENOEXEC, PLAN_COMPILER " has failed: see " RELOAD_MESSAGES, "");
		return;
	}
	int fd = r->plan_fd;
	r->plan_fd = -1;
	r->plan_fd = planfile_take(s, &next, fd, PLAN_COMPILER);
	if (r->plan_fd < 0)
		come_to_nothing(s, p, -EBADMSG, "it is no plan that can be used", "");
	else if (judge(s, p))
		stop(s, p);
}

/* Whoever is looked at may move, or has to stop first. */
static bool are_ready(struct pid1 *s, const struct plan *p, const char **who)
{
	for (uint32_t i = 0; i < s->core.count; i++) {
		int j = renew_index(p, i, &next);
		bool stays = j >= 0 && !is_changed(p, i, j);
		*who = name_of(p, i);
		watchdog_feed(s);
		if (!core_may_move(&s->core, i, stays ? MOVES_ON : MOVES_AT_REST) ||
			(!stays && !renew_is_free(s, i)))
			return false;
	}
	return true;
}

static void go_on(struct pid1 *s, const struct plan *p)
{
	const char *who = "";
	if (!next.base && !planfile_map_again(s->reload.plan_fd, &next)) {
		come_to_nothing(s, p, -EBADMSG, "the new plan was lost when PID 1 crashed", "");
		return;
	}
	bool ready = are_ready(s, p, &who);
	if (!ready && now_ms() >= s->reload.due_ms)
		come_to_nothing(s, p, -EBUSY, "it does not stop: ", who);
	if (!ready)
		return;
	/* returns only if it has failed */
	int err = renew_plan(s, p, &next);
	come_to_nothing(s, p, err, "the new plan cannot be put in force: ", err_name(err));
}

void reload_look(struct pid1 *s, const struct plan *p)
{
	if (s->reload.phase != RELOAD_NONE && s->core.final != FINAL_NONE) {
		reload_compile_kill(s);
		come_to_nothing(s, p, -ESHUTDOWN, "the machine is shutting down", "");
	}
	switch ((enum reload_phase)s->reload.phase) {
	case RELOAD_ASKED:
		begin_reload(s, p);
		break;
	case RELOAD_COMPILING:
		take_plan(s, p);
		break;
	case RELOAD_STOPPING:
		go_on(s, p);
		break;
	case RELOAD_NONE:
		break;
	}
}

uint64_t reload_deadline(const struct pid1 *s)
{
	const struct reload *r = &s->reload;
	if (r->phase == RELOAD_NONE)
		return CORE_NEVER;
	if (r->phase == RELOAD_ASKED || (r->phase == RELOAD_COMPILING && r->pid <= 0))
		return 0;
	/* children of services that are at rest end without a word to the core */
	uint64_t soon = now_ms() + RELOAD_LOOK_MS;
	return r->phase == RELOAD_STOPPING && soon < r->due_ms ? soon : r->due_ms;
}
