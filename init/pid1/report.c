/* SPDX-License-Identifier: MIT
 * One line each, see report.h. What is of no interest while all is well goes to the log of the
 * kernel alone.
 */
#include "pid1/report.h"
#include "base/ending.h"
#include "base/errname.h"
#include "base/fmt.h"
#include "base/report.h"
#include "pid1/console.h"
#include "plan/names.h"
#include "pid1/watch.h"
#include <sched.h>

struct wording {
	enum console_level level;
	const char *text;
};

static const struct wording wordings[NOTICE_COUNT] = {
	[NOTICE_READY] = {SAY_INFO, "ready"},
	[NOTICE_ENDED] = {SAY_COURSE, "ended"},
	[NOTICE_RESTARTING] = {SAY_COURSE, "starts again in "},
	[NOTICE_GAVE_UP] = {SAY_ERROR, "failed and stays down"},
	[NOTICE_STOPPED] = {SAY_INFO, "stopped"},
	[NOTICE_SKIPPED_START] = {SAY_INFO, "not started: a condition does not hold"},
	[NOTICE_STOP_TIMEOUT] = {SAY_COURSE, "did not stop in time: sent SIGKILL"},
	[NOTICE_UNKILLABLE] = {SAY_ERROR, "cannot be killed: a process of it is stuck in the kernel"},
	[NOTICE_REFUSED] = {SAY_ERROR, "refused: "},
	[NOTICE_RELOAD_LATE] = {SAY_ERROR, "was not done with its reload in time"},
	[NOTICE_UNANSWERED] = {SAY_COURSE, "leaves its callers unanswered: listens again in "},
};

/* Whose end or time-out it was, where that is not the one command of ExecStart. True: it is. */
static bool add_command(struct fmt *f, const struct plan_service *ps, const struct core_service *c,
	enum core_outcome o)
{
	uint32_t count = c->end_list < EXEC_COUNT ? ps->exec[c->end_list].count : 0;
	bool ended = o == OUT_EXIT || o == OUT_SIGNAL || o == OUT_TIMEOUT || o == OUT_WALL;
	if (!ended || c->end_list >= EXEC_COUNT || (c->end_list == EXEC_START && count == 1))
		return true;
	fmt_str(f, plan_name(plan_exec_directives, c->end_list));
	if (count > 1) {
		fmt_char(f, ' ');
		fmt_u64(f, c->end_command + 1u);
	}
	fmt_str(f, ": ");
	return c->end_list == EXEC_START;
}

static void add_cause(struct fmt *f, const struct pid1 *s, const struct plan *p, uint32_t service,
	enum core_outcome o)
{
	const struct core_service *c = &s->core.service[service];
	const struct runtime *r = &s->runtime[service];
	bool main = add_command(f, plan_service(p, service), c, o);
	if (o == OUT_EXIT || o == OUT_SIGNAL || o == OUT_SUCCESS)
		fmt_wait_status(f, c->end_status);
	else if (o == OUT_WALL)
		fmt_str(f, r->why[0] ? r->why : err_name(c->failed_errno));
	else
		fmt_str(f, o == OUT_MEMORY && r->why[0] ? r->why : core_outcome_name(o));
	if (main && o == OUT_EXIT && core_is_success(p, service, c->end_status))
		fmt_str(f, " before it was ready"); /* else nothing says why this is a failure */
}

static void add_displaced(struct fmt *f, const struct plan *p, uint32_t other)
{
	fmt_strs(f, plan_text(p, plan_service(p, other - 1)->name),
		", which conflicts with it, has been asked for", NULL);
}

void report_reason(struct fmt *f, const struct pid1 *s, const struct plan *p, uint32_t service)
{
	enum core_outcome o = (enum core_outcome)s->core.service[service].outcome;
	const char *why = s->runtime[service].why;
	uint32_t other = s->core.service[service].displaced;
	if (other && other <= s->core.count && s->core.service[service].state == SVC_DOWN) {
		add_displaced(f, p, other);
		return;
	}
	add_cause(f, s, p, service, o);
	if (!why[0] || o == OUT_WALL || o == OUT_MEMORY || o == OUT_DEPENDENCY)
		return; /* it is the cause, or of another life */
	fmt_strs(f, "; ", why, NULL);
}

void report_service(struct pid1 *s, const struct plan *p, const struct core_action *a)
{
	const struct plan_service *ps = plan_service(p, a->service);
	char text[200];
	struct fmt f;
	if (a->value < 0 || a->value >= NOTICE_COUNT || !ps)
		return;
	enum core_notice what = (enum core_notice)a->value;
	enum console_level level = wordings[what].level;
	fmt_init(&f, text, sizeof(text));
	fmt_str(&f, wordings[what].text);
	if (what == NOTICE_ENDED || what == NOTICE_GAVE_UP) {
		fmt_str(&f, a->argument == OUT_WALL ? ": wall failed: " : ": ");
		add_cause(&f, s, p, a->service, (enum core_outcome)a->argument);
	}
	if (what == NOTICE_SKIPPED_START && s->runtime[a->service].why[0]) {
		fmt_init(&f, text, sizeof(text));
		fmt_strs(&f, "not started: ", s->runtime[a->service].why, NULL);
	}
	if (what == NOTICE_STOPPED && a->argument && a->argument <= s->core.count) {
		fmt_str(&f, ": ");
		add_displaced(&f, p, a->argument);
		level = SAY_NOTICE;
	}
	if (what == NOTICE_ENDED && a->argument == OUT_SUCCESS)
		level = SAY_INFO;
	if (what == NOTICE_RESTARTING || what == NOTICE_UNANSWERED) {
		fmt_u64(&f, a->argument);
		fmt_str(&f, " ms");
	}
	if (what == NOTICE_UNANSWERED && s->core.service[a->service].unanswered == CORE_UNANSWERED + 1)
		level = SAY_ERROR; /* somebody has to look at it, but need not hear of it each time */
	if (what == NOTICE_READY && s->core.service[a->service].state == SVC_LISTENING) {
		fmt_init(&f, text, sizeof(text));
		fmt_str(&f, "listening");
	}
	if (what == NOTICE_REFUSED)
		fmt_str(&f, plan_text(p, ps->refusal));
	if (report_may(s, a->service, level == SAY_ERROR ? STORM_ERRORS : STORM_COURSE))
		console_say(s, level, plan_text(p, ps->name), ": ", text, NULL);
}

/* ---- what is too much ---- */

static void note_deadline(struct pid1 *s, uint64_t then)
{
	if (then != STORM_NEVER && (!s->storm_ms || then < s->storm_ms))
		s->storm_ms = then;
}

bool report_may(struct pid1 *s, uint32_t service, enum storm_kind kind)
{
	struct storm *st = &s->runtime[service].storm[kind];
	bool may = storm_may_say(st, now_ms());
	note_deadline(s, storm_deadline(st));
	return may;
}

uint64_t report_deadline(const struct pid1 *s)
{
	return s->storm_ms ? s->storm_ms : STORM_NEVER;
}

static void say_left_out(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t kind,
	uint32_t n)
{
	char text[96];
	struct fmt f;
	fmt_init(&f, text, sizeof(text));
	fmt_u64(&f, n);
	fmt_strs(&f, kind == STORM_ERRORS ? " error" : "", n == 1 ? " line" : " lines",
		" about it left out, ", NULL);
	fmt_u64(&f, s->core.service[service].restarts);
	fmt_str(&f, " restarts so far");
	console_say(s, kind == STORM_ERRORS ? SAY_ERROR : SAY_COURSE,
		plan_text(p, plan_service(p, service)->name), ": ", text, NULL);
}

void report_left_out(struct pid1 *s, const struct plan *p)
{
	uint64_t now = now_ms();
	if (now < report_deadline(s))
		return;
	s->storm_ms = 0;
	for (uint32_t i = 0; i < s->core.count; i++) {
		for (uint32_t kind = 0; kind < STORM_KINDS; kind++) {
			uint32_t n = storm_due(&s->runtime[i].storm[kind], now);
			if (n)
				say_left_out(s, p, i, kind, n);
			note_deadline(s, storm_deadline(&s->runtime[i].storm[kind]));
		}
	}
}

void report_leaves(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot)
{
	const struct plan_service *ps = plan_service(p, service);
	uint8_t state = s->core.service[service].state;
	bool command = slot == SLOT_CONTROL || ps->type == TYPE_ONESHOT;
	struct runtime *r = &s->runtime[service];
	struct fmt f;
	if (!core_state_is(state, STATE_STARTING) && state != SVC_UP)
		return;
	if (command && !(ps->clone_flags & CLONE_NEWPID) && r->slot[!slot].pid > 0)
		return; /* they go on until the service ends */
	fmt_init(&f, r->why, sizeof(r->why));
	if (command)
		fmt_strs(&f, plan_name(plan_exec_directives, core_traits[state].list),
			REPORT_COMMAND_LEAVES_TEXT, NULL);
	else
		fmt_str(&f, REPORT_LEAVES_TEXT);
	if (report_may(s, service, STORM_COURSE))
		console_say(s, SAY_COURSE, plan_text(p, ps->name), ": ", r->why, NULL);
}

void report_bootmark(struct pid1 *s, const char *path, int err)
{
	if (err < 0)
		console_say(s, SAY_INFO, path, ": ", err_name(err), ": this boot could not be marked",
			NULL);
}

void report_unwatched(struct pid1 *s)
{
	int err = watch_error();
	if (err)
		console_say(s, SAY_ERROR, "cannot watch a descriptor: ", err_name(err), NULL);
}
