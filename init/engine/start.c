/* SPDX-License-Identifier: MIT
 * clone3(2) and execve(2): see start.h. The child may share our memory until its execve, so it only
 * arranges its descriptors, limits and signals.
 */
#include "engine/start.h"
#include "base/channel.h"
#include "base/sys.h"
#include "engine/descriptors.h"
#include "plan/format.h"
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <unistd.h>

_Static_assert(CELL_MAX_SOCKETS == PLAN_MAX_SOCKETS && START_FDS <= LOWEST_FD,
	"what a child is handed does not reach into our own");
_Static_assert(LOG_FDS <= START_NOFILE, "bulkhead-log has a descriptor for each service");

char start_stack[START_STACK] __attribute__((aligned(16)));

static void exit_failed(int report, const char *step, int err, const char *detail)
{
	struct report r;
	report_fill(&r, REPORT_FAILED, err, step, detail);
	if (report >= 0 && write(report, &r, sizeof(r)) != (ssize_t)sizeof(r))
		sys_exit(126);
	sys_exit(127);
}

static void execute_cell(void *arg)
{
	static char *const none_at_all[] = {NULL};
	struct start *c = arg;
	struct rlimit nofile = {1024, START_NOFILE}; /* our own may be larger */
	sigset_t none, tick;
	for (int i = 0; i < c->handed; i++)
		if (c->fd[i] < 0)
			close(i);
		else if (dup2(c->fd[i], i) < 0)
			exit_failed(c->fd[CELL_FD_REPORT], "descriptors", errno, "dup2");
	prlimit(0, RLIMIT_NOFILE, &nofile, NULL);
	sigemptyset(&none);
	sigemptyset(&tick);
	sigaddset(&tick, SIGALRM); /* our own clock */
	/* A cell keeps them blocked until it can pass them on: what comes before is not lost. */
	sigprocmask(c->unblock ? SIG_SETMASK : SIG_BLOCK, c->unblock ? &none : &tick, NULL);
	if (c->settle)
		c->settle();
	execve(c->path, (char *const *)(uintptr_t)c->argv,
		c->environment ? c->environment : none_at_all);
	c->err = errno;
	exit_failed(c->fd[CELL_FD_REPORT], "exec", errno, c->path);
}

long start_run(struct start *c, struct clone_args *args)
{
	args->stack = (uint64_t)(uintptr_t)start_stack;
	args->stack_size = sizeof(start_stack);
	args->exit_signal = SIGCHLD;
	return sys_clone3(args, sizeof(*args), execute_cell, c);
}
