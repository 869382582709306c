/* SPDX-License-Identifier: MIT
 * The cell for the rest of the service's life: the first process of its pid namespace. It passes
 * signals on (the kernel drops signals to a namespace's first process that has no handler for
 * them), reaps orphans, and reports to PID 1 how the service ended. It keeps one descriptor, no
 * capability that it does not need, and a filter of six calls.
 */
#include "base/count.h"
#include "base/sys.h"
#include "cell/cell.h"
#include "walls/identity/identity.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATUS_SIGNALLED 128
#define STACK_USED 65536u /* by the walls, at most */

/* kill(2) wants the same uid or CAP_KILL. A process without CAP_SETUID and with no_new_privs
 * keeps its uid forever, and so do its children. */
static bool may_change_uid(const struct capabilities_plan *c)
{
	return c->bounding & 1ull << CAP_SETUID || !(c->flags & CAPS_NO_NEW_PRIVS);
}

/* Not dumpable: the service, of the same uid, can neither trace the reaper nor reach the report
 * pipe by /proc/1/fd. Its program runs already; as long as the reaper has more capabilities than
 * the service that keeps it away too, so this comes before they go. And after the change of ids,
 * which sets it to what fs.suid_dumpable says. */
static int undump(void)
{
	return prctl(PR_SET_DUMPABLE, 0ul, 0ul, 0ul, 0ul) < 0 ? -errno : 0;
}

static int drop_power(struct cell *c)
{
	uint64_t keep = may_change_uid(c->capabilities) ? 1ull << CAP_KILL : 0;
	int err = undump();
	if (err == 0)
		err = sys_setgroups(0, NULL);
	if (err == 0 && keep && prctl(PR_SET_KEEPCAPS, 1ul, 0ul, 0ul, 0ul) < 0)
		err = -errno;
	if (err == 0)
		err = sys_setresgid(c->identity->kernel_gid);
	if (err == 0)
		err = sys_setresuid(c->identity->kernel_uid);
	if (err == 0)
		err = sys_capset(keep, keep, 0);
	if (err == 0)
		err = undump();
	if (err == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1ul, 0ul, 0ul, 0ul) < 0)
		err = -errno;
	return err < 0 ? wall_failed(&c->why, err, "ids, capabilities, no_new_privs") : 0;
}

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), 0, skip)
#define IF(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), skip, 0)
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)

/* kill only of the service's process and write only to the report pipe (low words: both are
 * small numbers). */
static int load_filter(struct cell *c)
{
	const struct sock_filter filter[] = {
		LOAD(arch),
		UNLESS(plan_native_arch(), 9),
		LOAD(nr),
		IF(SYS_rt_sigtimedwait, 8),
		IF(SYS_waitid, 7),
		IF(SYS_exit_group, 6),
		IF(SYS_restart_syscall, 5),
		UNLESS(SYS_kill, 5),
		LOAD(args[0]),
		IF(c->main, 2),
		RETURN(SECCOMP_RET_KILL_PROCESS),
		RETURN(SECCOMP_RET_KILL_PROCESS),
		RETURN(SECCOMP_RET_ALLOW),
		UNLESS(SYS_write, 2),
		LOAD(args[0]),
		IF(CELL_FD_REPORT, 1),
		RETURN(SECCOMP_RET_KILL_PROCESS),
		RETURN(SECCOMP_RET_ALLOW),
	};
	int err = sys_seccomp_filter(filter, COUNT(filter), 0);
	if (err < 0 && sys_seccomp_lacks_filters(err))
		return wall_lacking(&c->why, OPTIONAL_SECCOMP, err, "seccomp filter");
	return err < 0 ? wall_failed(&c->why, err, "filter") : 0;
}

/* There is one reaper for every service of the device. Failing here costs some pages, nothing
 * else. */
static void return_memory(struct cell *c)
{
	char here;
	uintptr_t page = (uintptr_t)&here & ~(uintptr_t)(CELL_PAGE - 1);
	munmap((void *)(uintptr_t)c->plan.base, c->plan.size);
	c->plan = (struct plan){0};
	if (c->space)
		munmap(c->space - (CELL_SPACE - c->space_left), CELL_SPACE);
	madvise(c->scratch, sizeof(*c->scratch), MADV_DONTNEED);
	/* Building the view went far down the stack. One page below this one stays: it is about to
	 * be used. */
	madvise((void *)(page - STACK_USED - CELL_PAGE), STACK_USED, MADV_DONTNEED);
}

/* What a daemon leaves is asked to end, by PID 1 and in its time; what a command leaves, a
 * oneshot's too, ends with it. */
static bool waits_for_others(const struct cell *c)
{
	return c->list == EXEC_START && c->service->type != TYPE_ONESHOT;
}

int cell_settle(struct cell *c)
{
	c->step = "reaper";
	int err = sys_close_range(0, CELL_FD_REPORT - 1, 0);
	if (err == 0)
		err = sys_close_range(CELL_FD_REPORT + 1, ~0u, 0);
	if (err < 0)
		return wall_failed(&c->why, err, "close_range");
	err = drop_power(c);
	if (err < 0)
		return err;
	c->waits = waits_for_others(c);
	return_memory(c);
	return load_filter(c);
}

/* Its children have become ours by now: those that live are what it has left behind. With one that
 * lives there is something to wait for; ended ones do not count without WEXITED (ECHILD). */
static bool leaves_others(void)
{
	return waitid(P_ALL, 0, NULL, WCONTINUED | WNOHANG | WNOWAIT | __WALL) == 0;
}

static void take(const siginfo_t *ended)
{
	waitid(P_PID, (id_t)ended->si_pid, NULL, WEXITED | WNOHANG | __WALL);
}

static void leave(int status)
{
	/* In its own pid namespace the kernel now kills what is left. */
	sys_exit(WIFSIGNALED(status) ? STATUS_SIGNALLED + WTERMSIG(status) : WEXITSTATUS(status));
}

/* Told before it is taken: if we are killed in between, PID 1 finds the process that has ended
 * among its own children, or reads the report. From then on no signal is passed on: its pid may be
 * another's. */
static void end(struct cell *c, const siginfo_t *ended)
{
	bool left = leaves_others();
	c->status = report_status(ended);
	cell_report(REPORT_EXITED, c->status, left ? REPORT_LEAVES : "", "");
	take(ended);
	c->main = 0;
	if (!left || !c->waits)
		leave(c->status);
}

static void reap_all(struct cell *c)
{
	const int ended = WEXITED | WNOHANG | WNOWAIT | __WALL;
	siginfo_t info = {0};
	for (; waitid(P_ALL, 0, &info, ended) == 0 && info.si_pid != 0; take(&info))
		if (info.si_pid == c->main)
			end(c, &info);
	if (c->main == 0 && !leaves_others())
		leave(c->status);
}

void cell_reap(struct cell *c)
{
	const uint64_t all = ~0ull;
	for (;;) {
		/* Every signal is blocked since the first step, so none is lost, before this either. */
		long signal = syscall(SYS_rt_sigtimedwait, &all, NULL, NULL, sizeof(all));
		if (signal > 0 && signal != SIGCHLD && c->main > 0)
			syscall(SYS_kill, c->main, signal);
		reap_all(c);
	}
}
