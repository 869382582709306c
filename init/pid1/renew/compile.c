/* SPDX-License-Identifier: MIT
 * The compiler of a reload: see compile.h.
 */
#include "pid1/renew/compile.h"
#include "engine/descriptors.h"
#include "pid1/boot/planfile.h"
#include "pid1/spawn_tool.h"
#include "pid1/watch.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#define COMPILE_MS 60000u /* it shares the processors with the services */

bool reload_applies(const struct reload *r, uint32_t i)
{
	return r->service == RELOAD_ALL ? r->apply : r->service == i;
}

/* A byte for each service: 1: it goes on as it was started. */
static int mark_running(const struct pid1 *s)
{
	uint8_t marks[CONFIG_MAX_SERVICES] = {0};
	const struct reload *r = &s->reload;
	for (uint32_t i = 0; i < s->core.count; i++)
		marks[i] = core_state_is(s->core.service[i].state, STATE_ACTIVE) && !reload_applies(r, i);
	int fd = descriptor_memfd("marks");
	if (fd < 0 || write(fd, marks, s->core.count) == (ssize_t)s->core.count)
		return fd;
	close(fd);
	return -ENOSPC;
}

static int run_marked(struct pid1 *s, int marks, int messages)
{
	static const char *const argv[] = {"bulkhead-compile", "--fd", "1", "--in-force", "0", "--keep",
		"3", NULL};
	const int on[4] = {s->plan_fd, s->reload.plan_fd, messages >= 0 ? messages : s->null_fd, marks};
	int pidfd = spawn_tool_on(PLAN_COMPILER, argv, on, &s->reload.pid);
	if (pidfd >= 0)
		close(pidfd); /* its end is told by SIGCHLD */
	return pidfd < 0 ? pidfd : 0;
}

int reload_compile(struct pid1 *s)
{
	struct reload *r = &s->reload;
	int marks = mark_running(s);
	if (marks < 0)
		return marks;
	r->status = -1; /* a child that is lost has not ended well */
	r->due_ms = now_ms() + COMPILE_MS;
	r->plan_fd = descriptor_memfd("plan");
	int messages = descriptor_lift(
		open(RELOAD_MESSAGES, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
	int err = r->plan_fd < 0 ? r->plan_fd : run_marked(s, marks, messages);
	close(marks);
	if (messages >= 0)
		close(messages);
	if (err == 0)
		return 0;
	if (r->plan_fd >= 0)
		close(r->plan_fd);
	r->plan_fd = -1;
	r->pid = 0;
	return err;
}

/* Nobody else waits for it: its number is its own until it is reaped. */
void reload_compile_kill(struct pid1 *s)
{
	if (s->reload.pid > 0)
		kill(s->reload.pid, SIGKILL);
	s->reload.pid = 0;
}
