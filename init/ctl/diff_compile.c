/* SPDX-License-Identifier: MIT
 * The service files as they are now, as a plan: see diff.h.
 */
#include "ctl/diff.h"
#include "plan/sources.h"
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child's exit status, or -errno. */
static int run_compile(const struct ctl *c, int out)
{
	struct command l;
	char fd[16];
	int status = 0;
	snprintf(fd, sizeof(fd), "%d", out);
	fflush(stdout);
	pid_t pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		command_begin(&l, c, "bulkhead-compile");
		if (c->compile && l.argv)
			l.argv[0] = (char *)c->compile;
		command_option(&l, "--root", c->root);
		command_option(&l, "--fd", fd);
		_exit(command_execute(&l, c,
			c->compile ? "" : "is not there: --compiler PATH says where it is"));
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

static int map(const struct ctl *c, int fd, struct plan *plan)
{
	struct stat st;
	enum plan_error e = PLAN_TOO_SMALL;
	if (fstat(fd, &st) == 0 && st.st_size > 0) {
		void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (at == MAP_FAILED)
			return ctl_complain(c, NULL, -errno, "");
		e = plan_open(plan, at, (size_t)st.st_size, 0);
	}
	return e == PLAN_OK ? CTL_OK : ctl_complain(c, NULL, -EBADMSG, plan_error_text(e));
}

int diff_compile(const struct ctl *c, struct plan *plan)
{
	int fd = memfd_create("plan", 0);
	if (fd < 0)
		return ctl_complain(c, NULL, -errno, "");
	int status = run_compile(c, fd);
	int result = status == 0 || status == PLAN_LEFT_OUT
		? map(c, fd, plan)
		: ctl_complain(c, NULL, -ECANCELED, "the service files could not be compiled");
	close(fd);
	return result;
}
