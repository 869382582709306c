/* SPDX-License-Identifier: MIT
 * Children for calls that may wait: see errand.h.
 */
#include "pid1/errand.h"
#include "base/fmt.h"
#include "base/sys.h"
#include "pid1/descriptors.h"
#include "pid1/stay.h"
#include "pid1/watch.h"
#include "pid1/watchdog.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLICE_MS 200 /* the watchdog is looked at so often */

void (*errand_meanwhile)(struct pid1 *s);

struct order {
	errand_work work;
	const void *arg;
	int given;
};

/* A child that is stuck would keep pipes and sockets open that PID 1 has closed. */
static void close_from(int first)
{
	if (sys_close_range((unsigned)first, ~0u, 0) == 0)
		return;
	for (int fd = first; fd < HIGHEST_FD; fd++) /* a filter around us */
		close(fd);
}

static void child_main(void *arg)
{
	const struct order *o = arg;
	if (o->given >= 0 && dup2(o->given, ERRAND_FD) < 0)
		sys_exit(EMFILE);
	if (o->given != ERRAND_ALL)
		close_from(o->given >= 0 ? ERRAND_FD + 1 : ERRAND_FD);
	int err = o->work(o->arg);
	sys_exit(err < -255 ? EIO : err < 0 ? -err : 0);
}

/* Without CLONE_VM it has a copy of this stack to stand on. No handler of ours: a crash of it is
 * not PID 1's. */
static int start(struct clone_args *args, errand_work work, const void *arg, int given)
{
	struct order o = {work, arg, given};
	args->flags |= CLONE_CLEAR_SIGHAND;
	args->exit_signal = SIGCHLD;
	long pid = sys_clone3(args, sizeof(*args), child_main, &o);
	return (int)pid;
}

int errand_begin(struct errand *e, errand_work work, const void *arg, int given)
{
	struct clone_args args = {.flags = CLONE_PIDFD};
	*e = (struct errand){0, -1};
	args.pidfd = (uint64_t)(uintptr_t)&e->pidfd;
	int pid = start(&args, work, arg, given);
	if (pid < 0)
		return pid;
	e->pid = pid;
	return 0;
}

int errand_result(int status)
{
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

bool errand_back(struct errand *e, int ms, int *result)
{
	struct pollfd pf = {.fd = e->pidfd, .events = POLLIN};
	int status = 0;
	if (poll(&pf, 1, ms) <= 0)
		return false;
	*result = waitpid(e->pid, &status, WNOHANG) == e->pid ? errand_result(status) : -ECHILD;
	close(e->pidfd);
	e->pidfd = -1;
	return true;
}

/* Its end, should it come, is told by SIGCHLD like that of any orphan. */
void errand_give_up(struct errand *e)
{
	sys_pidfd_send_signal(e->pidfd, SIGKILL);
	close(e->pidfd);
	e->pidfd = -1;
}

bool errand_awaits(struct pid1 *s, int pidfd, uint32_t ms)
{
	struct pollfd pf = {.fd = pidfd, .events = POLLIN};
	uint64_t end = now_ms() + ms;
	for (uint64_t now = now_ms(); now < end; now = now_ms()) {
		if (poll(&pf, 1, end - now < SLICE_MS ? (int)(end - now) : SLICE_MS) > 0)
			return true;
		watchdog_feed(s);
	}
	return false;
}

static void do_meanwhile(struct pid1 *s)
{
	void (*turn)(struct pid1 *) = errand_meanwhile;
	if (!turn)
		return;
	errand_meanwhile = NULL;
	turn(s);
	errand_meanwhile = turn;
}

int errand_run_with(struct pid1 *s, errand_work work, const void *arg, int given, uint32_t ms)
{
	struct errand e;
	int result = errand_begin(&e, work, arg, given);
	if (result < 0)
		return result;
	uint64_t end = now_ms() + ms;
	for (uint64_t now = now_ms(); now < end; now = now_ms()) {
		bool back = errand_back(&e, end - now < SLICE_MS ? (int)(end - now) : SLICE_MS, &result);
		stay_was(s, STAY_CHILD);
		if (back)
			return result;
		do_meanwhile(s);
		watchdog_feed(s);
	}
	errand_give_up(&e);
	return -ETIMEDOUT;
}

int errand_run(struct pid1 *s, errand_work work, const void *arg, uint32_t ms)
{
	return errand_run_with(s, work, arg, -1, ms);
}

int errand_run_told(struct pid1 *s, errand_work work, const void *arg, uint32_t ms, char *told,
	size_t cap)
{
	int said[2];
	int err = descriptor_pipe(said, O_NONBLOCK);
	*told = 0;
	if (err < 0)
		return err;
	err = errand_run_with(s, work, arg, said[1], ms);
	ssize_t n = read(said[0], told, cap - 1);
	told[n > 0 ? n : 0] = 0;
	close(said[0]);
	close(said[1]);
	return err;
}

void errand_tell(const char *first, ...)
{
	char text[ERRAND_TOLD];
	struct fmt f;
	va_list args;
	fmt_init(&f, text, sizeof(text));
	va_start(args, first);
	for (const char *part = first; part; part = va_arg(args, const char *))
		fmt_str(&f, part);
	va_end(args);
	if (write(ERRAND_FD, text, f.len) < 0)
		return; /* then the errno alone is known */
}

int errand_send(int32_t *pid, errand_work work, const void *arg, int given)
{
	struct clone_args args = {.flags = CLONE_PARENT_SETTID, .parent_tid = (uint64_t)(uintptr_t)pid};
	int r = start(&args, work, arg, given);
	if (r < 0)
		*pid = 0;
	return r < 0 ? r : 0;
}

int errand_sync(const void *unused)
{
	(void)unused;
	sync();
	return 0;
}
