/* SPDX-License-Identifier: MIT
 * Commands of the service in their cells, started as PID 1 does, with one difference: the child
 * shares nothing with us, so that a delay of its execve does not delay us.
 */
#include "base/errname.h"
#include "base/fmt.h"
#include "base/sys.h"
#include "engine/cell.h"
#include "engine/group.h"
#include "try/signals.h"
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define RETURN_MS 10000

static struct start child;

static const char *path_of_cell(const struct trial *t)
{
	static char path[sizeof(t->directory) + 16];
	struct fmt f;
	fmt_init(&f, path, sizeof(path));
	fmt_strs(&f, t->directory, "/bulkhead-cell", NULL);
	return path;
}

static int run(struct trial *t, struct try_job *job, const struct cell_channels *ch, bool join)
{
	bool main = job == &t->main, start = job->list == EXEC_START;
	const struct cell_command command = {.path = path_of_cell(t),
		.service = t->index,
		.list = job->list,
		.index = job->index,
		.stdio = {main ? t->service_end[0] : t->null_fd, t->service_end[1], t->service_end[2]},
		.plan = t->plan_fd,
		.group = t->group,
		.network = t->network,
		.join = join,
		.mode = try_learns(t) && start ? CELL_MODE_LEARN : CELL_MODE_FOREGROUND,
		.more = start ? t->words : NULL};
	struct clone_args args = {.flags = CLONE_PIDFD, .pidfd = (uintptr_t)&job->pidfd};
	cell_fill(&child, &args, t->service, &command, ch);
	for (uint32_t i = 0; main && i < t->service->sockets.count; i++)
		child.fd[child.handed++] = t->sockets[i];
	/* Blocked in the cell too, until it can pass them on: none that comes before is lost. */
	sigset_t all, own;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &own);
	long pid = start_run(&child, &args);
	sigprocmask(SIG_SETMASK, &own, NULL);
	if (pid < 0)
		try_say("wall failed: namespaces: %s: %s", err_name((int)pid),
			cell_refused(t->service, (int)pid));
	job->pid = pid < 0 ? 0 : (pid_t)pid;
	return pid < 0 ? (int)pid : 0;
}

static int prepare_group(struct trial *t, bool *join)
{
	struct wall_why why = {.optional = t->service->optional_walls};
	const struct group_use use = {.fd = t->group,
		.stood = true,
		.occupied = t->main.pid || t->other.pid,
		.killed = t->killed};
	int err = group_ready(&t->plan, group_plan(&t->plan, t->service), &use, join, &why);
	if (err < 0)
		try_say("wall failed: cgroup: %s: %s", err_name(err), why.text);
	return err;
}

int job_start(struct trial *t, struct try_job *job, uint32_t list, uint32_t index)
{
	struct cell_channels ch;
	bool join;
	int err = cell_channels_open(t->service, job == &t->main, &ch);
	*job = (struct try_job){.pidfd = -1,
		.report = ch.report[0],
		.ready = ch.ready[0],
		.list = list,
		.index = index};
	if (err < 0) {
		try_say("pipes: %s", strerror(-err));
		return err;
	}
	err = prepare_group(t, &join);
	if (err == 0)
		err = run(t, job, &ch, join);
	if (err == 0) {
		cell_channels_handed(&ch);
		return 0;
	}
	cell_channels_close(&ch);
	job->report = job->ready = -1; /* nothing that the loop would wait for */
	return err;
}

void job_return_netdevs(struct trial *t)
{
	struct clone_args args = {.flags = 0};
	int status = 0;
	if (t->network < 0 || !(t->service->flags & SERVICE_RETURNS_NETDEVS))
		return;
	cell_fill_task(&child, path_of_cell(t), CELL_GIVE_BACK, t->index,
		(const int[3]){t->null_fd, STDOUT_FILENO, STDERR_FILENO}, t->plan_fd, t->network);
	long pid = start_run(&child, &args);
	if (pid > 0 && !signals_child(t, (pid_t)pid, -1, &status, RETURN_MS, false)) {
		kill((pid_t)pid, SIGKILL);
		status = SIGKILL;
	}
	if (pid < 0 || status != 0)
		try_say("not all of its interfaces were returned to the host");
}
