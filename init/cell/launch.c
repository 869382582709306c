/* SPDX-License-Identifier: MIT
 * The service's own process: cloned into its user namespace while it shares memory with the reaper,
 * so that the reaper sees how far it came. CLONE_CHILD_CLEARTID shows when the sharing ends: on
 * execve and on exit the kernel clears the word and wakes the waiter (mm_release). Only one of the
 * two runs libc code at a time; the other waits in a raw futex call.
 */
#include "base/errname.h"
#include "base/fmt.h"
#include "base/num.h"
#include "base/span.h"
#include "base/sys.h"
#include "cell/cell.h"
#include "walls/identity/identity.h"
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAP_WAIT_S 10 /* the reaper writes two small files meanwhile */

static bool wait_for_map(struct cell *c)
{
	const struct timespec second = {.tv_sec = 1};
	for (int turn = 0; turn < MAP_WAIT_S; turn++) {
		if (__atomic_load_n(&c->go, __ATOMIC_ACQUIRE))
			return true;
		sys_futex_wait(&c->go, 0, &second);
	}
	return __atomic_load_n(&c->go, __ATOMIC_ACQUIRE);
}

/* The one that an earlier command of the service was in, and that its network belongs to: with a
 * new one this process would have no power over that. */
static int enter_user(struct cell *c)
{
	int err = c->user_ns >= 0 ? sys_setns(c->user_ns, CLONE_NEWUSER) : 0;
	return err < 0 ? wall_failed(&c->why, err, "setns") : 0;
}

/* What user namespaces have of these counts as root's too, who makes them, and is bounded there by
 * the limits of the maker (user_namespaces(7) does not say so; Linux 5.14): for all services
 * together, of which one could use them up. So the namespace is made without such a bound, and the
 * service's process puts back its own limits, which count what it has by itself. */
static const int counted[CELL_COUNTED] = {RLIMIT_NPROC, RLIMIT_SIGPENDING, RLIMIT_MSGQUEUE,
	RLIMIT_MEMLOCK};

/* Who may not raise them (`bulkctl try` without CAP_SYS_RESOURCE) keeps what he has. */
static int lift_limits(struct cell *c)
{
	static const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
	for (size_t i = 0; i < CELL_COUNTED; i++) {
		if (prlimit(0, counted[i], &none, &c->limits_kept[i]) == 0)
			continue;
		if (errno != EPERM || prlimit(0, counted[i], NULL, &c->limits_kept[i]) < 0)
			return wall_failed(&c->why, -errno, "limits of the user namespace");
	}
	return 0;
}

static int restore_limits(struct cell *c)
{
	for (size_t i = 0; i < CELL_COUNTED; i++)
		if (prlimit(0, counted[i], &c->limits_kept[i], NULL) < 0)
			return wall_failed(&c->why, -errno, "limits from before the user namespace");
	return 0;
}

static void service_main(void *arg)
{
	struct cell *c = arg;
	c->err = wait_for_map(c) ? restore_limits(c)
							 : wall_failed(&c->why, -ETIMEDOUT, "the reaper is gone");
	if (c->err == 0)
		c->err = enter_user(c);
	if (c->err == 0)
		c->err = cell_run(c, cell_steps_after);
	sys_exit(1);
}

/* The pid that the host's /proc has for a process of ours, by its pidfd: proc_pid_fdinfo(5). */
static int host_pid(int proc, int pidfd)
{
	char path[40], text[512];
	struct fmt f;
	fmt_init(&f, path, sizeof(path));
	fmt_str(&f, "self/fdinfo/");
	fmt_i64(&f, pidfd);
	int err = sys_read_file(proc, path, text, sizeof(text));
	if (err < 0)
		return err;
	const char *at = span_behind(text, "Pid:\t");
	uint64_t pid = 0;
	if (!at)
		return -ESRCH;
	return num_u64((struct span){at, strcspn(at, "\n")}, INT32_MAX, &pid) < 0 || pid == 0
		? -ESRCH
		: (int)pid;
}

static bool makes_user(const struct cell *c)
{
	return c->namespaces->own & NS_USER && c->user_ns < 0;
}

static int write_map(struct cell *c, int pidfd)
{
	int pid = host_pid(c->proc, pidfd);
	if (pid < 0)
		return wall_failed(&c->why, pid, "pid of the service");
	c->host_main = pid;
	return makes_user(c) ? namespaces_map_ids(c->namespaces, c->proc, pid, &c->why) : 0;
}

static bool has_ended(const struct cell *c, siginfo_t *info)
{
	info->si_pid = 0;
	return waitid(P_PID, (id_t)c->main, info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		info->si_pid != 0;
}

/* Learning: the service's process waits in its execve until whoever learns has taken the
 * listener, whose number only this process can tell. */
static void tell_listener(struct cell *c)
{
	int fd = __atomic_load_n(&c->listener, __ATOMIC_ACQUIRE);
	char number[12];
	struct fmt f;
	if (fd < 0)
		return;
	fmt_init(&f, number, sizeof(number));
	fmt_i64(&f, fd);
	cell_report(REPORT_LISTENER, c->host_main, "", number);
	c->listener = -1;
}

/* Until the service's process has executed its program or ended. */
static void wait_for_exec(struct cell *c)
{
	const struct timespec second = {.tv_sec = 1};
	siginfo_t info;
	/* Not bounded here: PID 1 bounds the whole start. has_ended is for kernels that don't clear
	 * the word of a process that dumps core. */
	while (__atomic_load_n(&c->alive, __ATOMIC_ACQUIRE) &&
		!(sys_futex_wait(&c->alive, 1, &second) == -ETIMEDOUT && has_ended(c, &info)))
		tell_listener(c);
}

/* Ended before its execve without a word: something killed it (the OOM killer, the kernel on a
 * forbidden call). */
static int killed_at_step(struct cell *c)
{
	siginfo_t info = {0};
	if (waitid(P_PID, (id_t)c->main, &info, WEXITED | WNOWAIT) < 0)
		return wall_failed(&c->why, -errno, "the service's process is gone");
	return wall_failed2(&c->why, -EINTR, "killed by",
		info.si_code == CLD_EXITED ? "nobody: it exited" : sig_name(info.si_status));
}

static int make_process(struct cell *c, int *pidfd)
{
	struct clone_args args = {
		.flags = CLONE_VM | CLONE_PIDFD | CLONE_CHILD_CLEARTID |
			(makes_user(c) ? CLONE_NEWUSER : 0) | (cell_clones_network(c) ? CLONE_NEWNET : 0),
		.pidfd = (uintptr_t)pidfd,
		.child_tid = (uintptr_t)&c->alive,
		.exit_signal = SIGCHLD,
		.stack = (uintptr_t)c->scratch->stack,
		.stack_size = sizeof(c->scratch->stack),
	};
	c->alive = 1;
	c->reaper = getpid();
	long pid = sys_clone3(&args, sizeof(args), service_main, c);
	if (pid < 0)
		return wall_failed(&c->why, (int)pid, "clone3");
	c->main = (int)pid;
	return 0;
}

/* Without a user namespace of its own the service runs as the ids that it would have had outside,
 * which no account of the host has. The capabilities that its file gives it were meant for inside
 * alone: it keeps none of them. */
static int do_without_user_namespace(struct cell *c, int err)
{
	err = wall_lacking(&c->why, OPTIONAL_USER, err, "user namespace");
	if (err < 0)
		return err;
	c->bare_namespaces = *c->namespaces;
	c->bare_namespaces.own &= ~(uint32_t)NS_USER;
	c->bare_capabilities = *c->capabilities;
	c->bare_capabilities.bounding = c->bare_capabilities.ambient = 0;
	c->id_shift = c->namespaces->id_base;
	c->namespaces = &c->bare_namespaces;
	c->capabilities = &c->bare_capabilities;
	return 0;
}

static int make_any_process(struct cell *c, int *pidfd)
{
	int err = make_process(c, pidfd);
	if (err == 0 || !(c->namespaces->own & NS_USER) || !namespaces_lack_user(c->proc, err))
		return err;
	err = do_without_user_namespace(c, err);
	return err < 0 ? err : make_process(c, pidfd);
}

int cell_launch(struct cell *c)
{
	int pidfd = -1;
	c->step = "reaper";
	/* With a pid namespace of the host orphans would go to PID 1, also those of a process that has
	 * ended before we look. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1ul, 0ul, 0ul, 0ul) < 0)
		return wall_failed(&c->why, -errno, "subreaper");
	c->step = "user namespace";
	int err = lift_limits(c);
	if (err == 0)
		err = make_any_process(c, &pidfd);
	if (err < 0)
		return err;
	err = write_map(c, pidfd);
	close(pidfd);
	if (err == 0 && cell_clones_network(c)) {
		c->step = "network";
		err = cell_network_owned(c, c->host_main);
		c->step = err < 0 ? c->step : "user namespace";
	}
	if (err < 0) {
		kill(c->main, SIGKILL);
		return err;
	}
	__atomic_store_n(&c->go, 1, __ATOMIC_RELEASE);
	sys_futex_wake(&c->go);
	wait_for_exec(c);
	if (c->err < 0)
		return c->executing ? cell_explain_exec(c) : c->err;
	/* Killed in the middle of execve or right after looks the same from here; then it counts as
	 * started, and its end is told. */
	return c->executing ? 0 : killed_at_step(c);
}
