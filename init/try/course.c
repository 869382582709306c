/* SPDX-License-Identifier: MIT
 * What the core of a trial is told, and what it decides: see course.h.
 */
#include "try/course.h"
#include "engine/group.h"
#include "engine/procfs.h"
#include "plan/names.h"
#include "try/learn.h"
#include "try/signals.h"
#include <sched.h>
#include <sys/wait.h>

#define EMPTY_LOOK_MS 10

static const struct core_service *life(const struct trial *t)
{
	return &t->core.service[t->index];
}

enum core_state course_state(const struct trial *t)
{
	return (enum core_state)life(t)->state;
}

void course_begin(struct trial *t)
{
	/* as a group of one: whether it is enabled does not matter */
	core_init_group(&t->core, &t->plan, t->index, try_now_ms(), 1);
}

bool course_is_over(const struct trial *t)
{
	return core_state_is(course_state(t), STATE_AT_REST) || course_state(t) == SVC_BACKOFF;
}

void course_tell(struct trial *t, const struct try_job *job, enum core_event_kind kind, int value)
{
	const struct core_event event = {.kind = (uint16_t)kind,
		.service = (uint16_t)t->index,
		.slot = job == &t->other ? SLOT_CONTROL : SLOT_MAIN,
		.value = value};
	core_event(&t->core, &t->plan, event, try_now_ms());
}

void course_leaves(struct trial *t, struct try_job *job)
{
	enum core_state state = course_state(t);
	bool command = job == &t->other || t->service->type == TYPE_ONESHOT;
	bool own = t->service->clone_flags & CLONE_NEWPID, alone = !t->main.pid || !t->other.pid;
	bool said = job->status == 0 && (core_state_is(state, STATE_STARTING) || state == SVC_UP);
	if (command && !own && !alone)
		return; /* they go on until the service ends */
	if (said && command)
		try_say("%s%s", plan_name(plan_exec_directives, job->list), REPORT_COMMAND_LEAVES_TEXT);
	else if (said)
		try_say("%s", REPORT_LEAVES_TEXT);
	job->leaves = !command;
	if (job->leaves)
		course_tell(t, job, EV_LEFT, job->status);
	else if (!own)
		group_kill(t);
}

static void say_failed(const struct trial *t, const struct try_job *job)
{
	const char *name = plan_name(plan_exec_directives, job->list);
	const struct plan_command *c = plan_elements(&t->plan, t->service->exec[job->list], sizeof(*c));
	bool well = !job->failed && job->status == 0; /* SuccessExitStatus is the main process's */
	if (job != &t->other || well || !c || c[job->index].flags & COMMAND_IGNORE_FAILURE)
		return;
	if (job->failed)
		try_say("%s failed", name); /* which wall has been said */
	else
		try_say_end(name, " failed: ", job->status);
}

void course_ended(struct trial *t, const struct try_job *job)
{
	say_failed(t, job);
	course_tell(t, job, job->failed ? EV_FAILED : EV_EXITED, job->failed ? 0 : job->status);
}

/* ---- what it decides ---- */

static void say_ended(const struct trial *t, uint32_t outcome)
{
	if (outcome == OUT_TIMEOUT)
		try_say("did not come up within its TimeoutStartSec");
	else if (outcome == OUT_WATCHDOG)
		try_say("was silent for longer than its WatchdogSec");
	else if (outcome == OUT_EXIT && core_is_success(&t->plan, t->index, life(t)->end_status))
		try_say("ended before it was ready: a failure, whatever its exit status");
}

/* How the life ended is kept: the stop that follows a oneshot's is another end. */
static void heed(struct trial *t, const struct core_action *a)
{
	if (a->value == NOTICE_ENDED)
		t->outcome = (enum core_outcome)a->argument;
	else if (a->value == NOTICE_READY && course_state(t) == SVC_DONE)
		t->outcome = OUT_SUCCESS;
	if (a->value == NOTICE_ENDED)
		say_ended(t, a->argument);
	else if (a->value == NOTICE_READY && course_state(t) == SVC_LISTENING)
		try_say("listening");
	else if (a->value == NOTICE_STOP_TIMEOUT)
		try_say("did not stop in time: killed");
	else if (a->value == NOTICE_UNKILLABLE)
		try_say("cannot be killed: a process of it is stuck in the kernel");
}

static void spawn(struct trial *t, const struct core_action *a)
{
	struct try_job *job = a->slot == SLOT_MAIN ? &t->main : &t->other;
	if (job_start(t, job, a->list, a->index) == 0)
		return;
	job->failed = true;
	course_ended(t, job);
}

static bool is_of_trial(const struct group_asked *to, int pid)
{
	return procfs_in_group(pid, to->of) == 1;
}

static void signal_all(const struct trial *t, int sig)
{
	if (t->main.leaves && t->group >= 0) {
		const struct group_asked to = {.cells = {t->main.pid, t->other.pid},
			.is_in = is_of_trial,
			.of = t->group_name,
			.divided = group_may_be_divided(&t->plan, t->service)};
		if (!group_signal(t->group, sig, &to))
			signals_send(&t->main, SIGKILL);
		return;
	}
	signals_send(&t->main, sig);
	signals_send(&t->other, sig);
}

static void carry_out(struct trial *t, const struct core_action *a)
{
	switch ((enum core_action_kind)a->kind) {
	case ACT_SPAWN:
		spawn(t, a);
		break;
	case ACT_SIGNAL: /* whoever ends the trial says by which signal */
		signal_all(t, t->stop_signal ? t->stop_signal : a->value);
		signal_all(t, SIGCONT); /* one that is stopped would hear of it only then */
		break;
	case ACT_RELOAD: /* nobody asks for one */
		break;
	case ACT_KILL:
		signals_send(&t->main, SIGKILL);
		signals_send(&t->other, SIGKILL);
		group_kill(t);
		t->await_empty = true;
		break;
	case ACT_LISTEN: /* the sockets are open already; what is being learned runs without a call */
		if (try_learns(t))
			course_tell(t, &t->main, EV_CONNECT, 0);
		break;
	case ACT_NOTICE:
		heed(t, a);
		break;
	case ACT_CLEAN: /* after its life */
	case ACT_RELEASE:
	case ACT_FINAL:
	case ACT_KIND_COUNT:
		break;
	}
}

/* ---- what happens without a descriptor ---- */

/* When --seconds are over: from when it is up or listens; a oneshot, whose commands are its life,
 * from when they begin. */
static uint64_t end_ms(const struct trial *t)
{
	enum core_state state = course_state(t);
	bool runs = state == SVC_UP || state == SVC_LISTENING ||
		(state == SVC_STARTING && t->service->type == TYPE_ONESHOT);
	return t->seconds && runs ? life(t)->since_ms + t->seconds * 1000ull : CORE_NEVER;
}

static void ask_to_end(struct trial *t)
{
	bool over = try_now_ms() >= end_ms(t);
	if (t->asked || !(t->stop_signal || over || course_state(t) == SVC_DONE))
		return;
	t->asked = true;
	t->uncalled = course_state(t) == SVC_LISTENING;
	t->alive = over && !t->stop_signal && t->main.pid;
	if (t->uncalled)
		try_say("nobody has called");
	course_tell(t, &t->main, EV_STOP, 0);
}

static void look_if_empty(struct trial *t)
{
	if (!t->await_empty || t->main.pid || t->other.pid || cgroup_populated(t->group) > 0)
		return;
	t->await_empty = false;
	course_tell(t, &t->main, EV_EMPTY, 0);
}

bool course_is_due(const struct trial *t, uint64_t now)
{
	return core_deadline(&t->core) <= now;
}

void course_go_on(struct trial *t, uint64_t heard)
{
	struct core_action a;
	enum core_state before = course_state(t);
	ask_to_end(t);
	look_if_empty(t);
	while (core_next(&t->core, &t->plan, try_now_ms(), heard, &a))
		carry_out(t, &a);
	if ((before == SVC_STOP || before == SVC_STOP_POST) && course_state(t) != before &&
		t->other.pid)
		try_say("a command did not end in time: killed");
}

uint64_t course_deadline(const struct trial *t)
{
	uint64_t next = core_deadline(&t->core), end = t->asked ? CORE_NEVER : end_ms(t);
	uint64_t look = t->await_empty ? try_now_ms() + EMPTY_LOOK_MS : CORE_NEVER;
	next = end < next ? end : next;
	return look < next ? look : next;
}

/* The service's own status, as far as the core's judgement of its life agrees. */
int course_status(const struct trial *t)
{
	int status = t->main.status,
		own = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	if (t->main.failed || t->outcome == OUT_TIMEOUT || t->outcome == OUT_WALL)
		return TRY_REFUSED;
	if (!t->main.started)
		return t->stop_signal ? 128 + t->stop_signal : t->uncalled ? 0 : TRY_REFUSED;
	if (t->outcome == OUT_SUCCESS)
		return 0;
	return t->outcome != OUT_NONE && own == 0 ? TRY_REFUSED : own;
}
