/* SPDX-License-Identifier: MIT
 * clone3 into the service's group and exec of bulkhead-cell, with the descriptors of base/report.h:
 * what init/pid1/spawn.c does. The child shares our nothing with us: whatever holds its exec up
 * does not hold us up.
 */
#include "base/errname.h"
#include "base/fmt.h"
#include "base/sys.h"
#include "engine/descriptors.h"
#include "engine/receive.h"
#include "try/try.h"
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define HANDED CELL_FD_FIRST_FREE
#define MAX_WORDS 128
#define GIVE_BACK_MS 10000

struct child {
	int fd[HANDED];
	int handed; /* so many of them */
	char path[600];
	char number[3][12];
	const char *argv[MAX_WORDS + 8];
	bool join;
};

static char stack[16384] __attribute__((aligned(16)));

static void tell(const struct child *c, int err)
{
	struct report r = {.kind = REPORT_FAILED, .value = err, .step = "cell"};
	struct fmt f;
	fmt_init(&f, r.detail, sizeof(r.detail));
	fmt_str(&f, c->path);
	ssize_t done = write(c->fd[CELL_FD_REPORT], &r, sizeof(r));
	(void)done;
}

static void child_main(void *arg)
{
	static char *const environment[] = {NULL};
	struct child *c = arg;
	for (int i = 0; i < c->handed; i++)
		if (c->fd[i] < 0)
			close(i);
		else if (dup2(c->fd[i], i) < 0)
			break;
	execve(c->path, (char *const *)(uintptr_t)c->argv, environment);
	tell(c, errno);
	sys_exit(127);
}

static void fill_words(const struct trial *t, struct child *c, uint32_t list, uint32_t index)
{
	const uint32_t numbers[3] = {t->index, list, index};
	unsigned n = 0;
	struct fmt f;
	c->argv[n++] = "bulkhead-cell";
	for (int i = 0; i < 3; i++) {
		fmt_init(&f, c->number[i], sizeof(c->number[i]));
		fmt_u64(&f, numbers[i]);
		c->argv[n++] = c->number[i];
	}
	c->argv[n++] = c->join ? CELL_JOIN : CELL_INSIDE;
	c->argv[n++] = try_learns(t) && list == EXEC_START ? CELL_MODE_LEARN : CELL_MODE_FOREGROUND;
	for (unsigned i = 0; list == EXEC_START && t->words[i] && i < MAX_WORDS; i++)
		c->argv[n++] = t->words[i];
	c->argv[n] = NULL;
}

static int run_child(struct trial *t, struct try_job *job, struct child *c)
{
	struct clone_args args = {
		.flags = t->service->clone_flags | (c->join ? 0 : CLONE_INTO_CGROUP) | CLONE_PIDFD,
		.pidfd = (uintptr_t)&job->pidfd,
		.exit_signal = SIGCHLD,
		.stack = (uintptr_t)stack,
		.stack_size = sizeof(stack),
		.cgroup = c->join ? 0 : (uint32_t)t->group,
	};
	long pid = sys_clone3(&args, sizeof(args), child_main, c);
	if (pid < 0) {
		try_say("wall failed: namespaces: %s: clone3", err_name((int)pid));
		return (int)pid;
	}
	job->pid = (pid_t)pid;
	return 0;
}

int spawn_job(struct trial *t, struct try_job *job, uint32_t list, uint32_t index)
{
	static struct child c;
	bool main = job == &t->main, readiness = main && t->service->notification_fd >= 0;
	int report[2] = {-1, -1}, ready[2] = {-1, -1};
	struct fmt f;
	int err = descriptor_channel(report);
	*job = (struct try_job){.pidfd = -1, .report = report[0], .ready = -1, .list = list};
	if (err == 0 && readiness)
		err = descriptor_channel(ready);
	if (err == 0 && readiness)
		err = receive_names_senders(ready[0]);
	if (err < 0) {
		try_say("pipes: %s", strerror(-err));
		return err;
	}
	c = (struct child){.fd = {main ? t->service_end[0] : t->null_fd, t->service_end[1],
						   t->service_end[2], t->plan_fd, report[1], t->group, ready[1], -1,
						   t->network},
		.handed = CELL_FD_SOCKETS};
	for (uint32_t i = 0; main && i < t->service->sockets.count; i++)
		c.fd[c.handed++] = t->sockets[i];
	err = group_prepare(t, &c.join);
	fmt_init(&f, c.path, sizeof(c.path));
	fmt_strs(&f, t->directory, "/bulkhead-cell", NULL);
	fill_words(t, &c, list, index);
	if (err == 0)
		err = run_child(t, job, &c);
	close(report[1]);
	if (readiness)
		close(ready[1]);
	job->ready = ready[0];
	return err;
}

void spawn_return_netdevs(struct trial *t)
{
	static struct child c;
	struct clone_args args = {.exit_signal = SIGCHLD,
		.stack = (uintptr_t)stack,
		.stack_size = sizeof(stack)};
	int status = 0;
	struct fmt f;
	if (t->network < 0 || !(t->service->flags & SERVICE_RETURNS_NETDEVS))
		return;
	c = (struct child){.fd = {t->null_fd, STDOUT_FILENO, STDERR_FILENO, t->plan_fd, -1, -1, -1, -1,
						   t->network},
		.handed = CELL_FD_SOCKETS,
		.argv = {"bulkhead-cell", CELL_GIVE_BACK}};
	fmt_init(&f, c.number[0], sizeof(c.number[0]));
	fmt_u64(&f, t->index);
	c.argv[2] = c.number[0];
	fmt_init(&f, c.path, sizeof(c.path));
	fmt_strs(&f, t->directory, "/bulkhead-cell", NULL);
	long pid = sys_clone3(&args, sizeof(args), child_main, &c);
	if (pid > 0 && !loop_child(t, (pid_t)pid, -1, &status, GIVE_BACK_MS, false)) {
		kill((pid_t)pid, SIGKILL);
		status = SIGKILL;
	}
	if (pid < 0 || status != 0)
		try_say("not all of its interfaces were returned to the host");
}
