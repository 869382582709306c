/* SPDX-License-Identifier: MIT
 * What is left of a trial that was killed: a child of its own waits for its end and then ends the
 * service and removes its group, as nobody else would.
 */
#include "base/count.h"
#include "base/sys.h"
#include "engine/descriptors.h"
#include "engine/group.h"
#include "try/try.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#define REMOVE_MS 10000 /* nobody waits for it */

enum kept { END = 3, ROOT, GROUP, KEPT }; /* below what descriptor_lift() gives */

/* Whatever else it held would look open to the service: the writing end of its input. */
static void keep_three(const struct trial *t, int end)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(t->null_fd, fd);
	int from[] = {end, t->cgroup_root, t->group};
	for (size_t i = 0; i < COUNT(from); i++) /* out of the way of each other */
		from[i] = fcntl(from[i], F_DUPFD, LOWEST_FD);
	for (size_t i = 0; i < COUNT(from); i++)
		dup2(from[i], END + (int)i);
	sys_close_range(KEPT, ~0u, 0);
}

static void inherit(const char *name)
{
	if (faccessat(ROOT, name, F_OK, 0) < 0)
		return; /* the trial has tidied up itself */
	group_end(GROUP);
	group_remove_at(ROOT, GROUP, name, REMOVE_MS);
}

/* Its end of the pipe has no other holder: cells and services do not inherit it. */
static _Noreturn void wait_for_end(const struct trial *t, int end)
{
	sigset_t all;
	char unused;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	setsid(); /* no signal of the terminal's, and no hold on it */
	keep_three(t, end);
	while (read(END, &unused, 1) > 0)
		;
	inherit(t->group_name);
	_exit(0);
}

int heir_start(struct trial *t)
{
	int fd[2];
	int err = descriptor_pipe(fd, 0);
	if (err < 0)
		return err;
	pid_t pid = fork();
	if (pid == 0)
		wait_for_end(t, fd[0]);
	close(fd[0]);
	if (pid < 0)
		close(fd[1]);
	return pid < 0 ? -EAGAIN : 0;
}
