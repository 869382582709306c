/* SPDX-License-Identifier: MIT
 * Services' processes: see spawn.h. */
#include "pid1/service/spawn.h"
#include "base/channel.h"
#include "base/errname.h"
#include "base/feature.h"
#include "base/fmt.h"
#include "engine/cell.h"
#include "pid1/service/conditions.h"
#include "pid1/service/group.h"
#include "pid1/service/network.h"
#include "pid1/service/notify.h"
#include "pid1/output/logs.h"
#include "pid1/service/sockets.h"
#include "pid1/spawn_tool.h"
#include "pid1/stay.h"
#include "pid1/watch.h"
#include <errno.h>
#include <sched.h>
#include <unistd.h>

static void fail(struct pid1 *s, const struct plan *p, const struct core_action *a,
	const char *step, int err, const char *detail)
{
	post_failed(s, p, a->service, a->slot, step, err, detail);
}

bool spawn_may_begin(struct pid1 *s, const struct plan *p, const struct core_action *a)
{
	const struct plan_service *ps = plan_service(p, a->service);
	struct runtime *r = &s->runtime[a->service];
	uint32_t absent = 0; /* the cell tells it too */
	const char *lacks = plan_lacks(ps, &absent);
	char why[96];
	if (lacks) {
		struct fmt f;
		fmt_init(&f, why, sizeof(why));
		fmt_strs(&f, FEATURE_WITHOUT " ", lacks, NULL);
		fail(s, p, a, "plan", -EOPNOTSUPP, why);
		return false;
	}
	int held = CONFIG_CONDITIONS && !r->checked ? conditions_ask(s, p, a) : 1;
	if (held == 0)
		post_event(s, p, EV_SKIPPED, a->service, a->slot, 0);
	else if (held < 0 && held != -EINPROGRESS)
		fail(s, p, a, "condition", held, "no process can be started to check it");
	if (held <= 0)
		return false;
	r->checked = 1;
	return true;
}

static int make_group(struct pid1 *s, const struct plan *p, const struct core_action *a, bool *join)
{
	struct wall_why why = {.optional = plan_service(p, a->service)->optional_walls};
	int err = group_prepare(s, p, a->service, join, &why);
	if (err < 0)
		fail(s, p, a, "cgroup", err, why.text);
	return err;
}

/* Those of [Socket]; the commands that end a service do with what there is. False: they do not
 * stand, or not yet, and the action comes again. */
static bool make_sockets(struct pid1 *s, const struct plan *p, const struct core_action *a)
{
	struct wall_why why = {.optional = plan_service(p, a->service)->optional_walls};
	int err = CONFIG_SOCKETS && (a->list == EXEC_PRE || a->list == EXEC_START)
		? sockets_prepare(s, p, a, &why)
		: 0;
	if (err < 0 && err != -EINPROGRESS)
		fail(s, p, a, "socket", err, why.text);
	return err == 0;
}

static int make_readiness_socket(struct pid1 *s, const struct plan *p, const struct core_action *a)
{
	struct wall_why why = {.optional = plan_service(p, a->service)->optional_walls};
	int err = notify_prepare(s, p, a->service, a->slot == SLOT_MAIN, &why);
	if (err < 0)
		fail(s, p, a, "readiness socket", err, why.text);
	return err;
}

/* For the main process alone; spawn_service has seen to it that they are open. */
static void hand_sockets(const struct pid1 *s, const struct plan *p, const struct core_action *a,
	struct start *c)
{
	int n = CONFIG_SOCKETS && a->list == EXEC_START
		? sockets_hand(s, p, a->service, c->fd + CELL_FD_SOCKETS)
		: 0;
	if (n > 0)
		c->handed += n;
}

/* All that a life after a crash needs to go on with the child is in the state before the child
 * runs: the kernel writes its pid there before it lets it go. */
static long start_cell(struct pid1 *s, const struct plan *p, const struct core_action *a,
	const struct cell_channels *ch, bool join)
{
	const struct plan_service *ps = plan_service(p, a->service);
	struct runtime *r = &s->runtime[a->service];
	struct slot *slot = &r->slot[a->slot];
	int out = r->log_write >= 0 && !(ps->flags & SERVICE_LOGGER) ? r->log_write : s->null_fd;
	const struct cell_command command = {.path = CELL_PROGRAM,
		.service = a->service,
		.list = a->list,
		.index = a->index,
		.stdio = {s->null_fd, out, out},
		.plan = s->plan_fd,
		.group = r->group,
		.network = network_of(s, ps),
		.join = join};
	struct clone_args args = {.flags = CLONE_PARENT_SETTID,
		.parent_tid = (uint64_t)(uintptr_t)&slot->pid};
	struct start c;
	cell_fill(&c, &args, ps, &command, ch);
	hand_sockets(s, p, a, &c);
	if (ps->flags & SERVICE_LOGGER && a->slot == SLOT_MAIN)
		c.fd[LOG_CHANNEL_FD] = logs_new_channel(s);
	*slot = (struct slot){.pid = 0, .pidfd = -1, .report = ch->report[0], .ready = ch->ready[0]};
	long pid = spawn_child(&c, &args);
	if (c.fd[LOG_CHANNEL_FD] >= 0)
		close(c.fd[LOG_CHANNEL_FD]);
	if (pid < 0)
		*slot = (struct slot){.pid = 0, .pidfd = -1, .report = -1, .ready = -1};
	return pid;
}

static void watch_slot(struct pid1 *s, uint32_t service, uint32_t slot)
{
	struct slot *sl = &s->runtime[service].slot[slot];
	watch_add(s, sl->report, EPOLLIN, WATCH_REPORT, service << 1 | slot);
	if (sl->ready >= 0)
		watch_add(s, sl->ready, EPOLLIN, WATCH_READY, service << 1 | slot);
}

void spawn_service(struct pid1 *s, const struct plan *p, const struct core_action *a)
{
	const struct plan_service *ps = plan_service(p, a->service);
	struct runtime *r = &s->runtime[a->service];
	struct cell_channels ch;
	bool join;
	if (!spawn_may_begin(s, p, a))
		return;
	bool opened = make_sockets(s, p, a);
	stay_was(s, STAY_SOCKETS);
	if (!opened)
		return;
	bool grouped = make_group(s, p, a, &join) == 0;
	stay_was(s, STAY_GROUPS);
	if (!grouped)
		return;
	logs_prepare(s, p, a->service);
	stay_was(s, STAY_ELSE);
	bool heard = make_readiness_socket(s, p, a) == 0;
	stay_was(s, STAY_SOCKETS);
	if (!heard)
		return;
	int err = cell_channels_open(ps, a->slot == SLOT_MAIN, &ch);
	if (err) {
		fail(s, p, a, "pipes", err, "");
		return;
	}
	long pid = start_cell(s, p, a, &ch, join);
	stay_was(s, STAY_CHILD);
	if (pid < 0) {
		cell_channels_close(&ch);
		fail(s, p, a, "namespaces", (int)pid, cell_refused(ps, (int)pid));
		return;
	}
	cell_channels_handed(&ch);
	if (a->slot == SLOT_MAIN) {
		r->why[0] = 0;
		r->absent_cell = 0;
	}
	watch_slot(s, a->service, a->slot);
}
