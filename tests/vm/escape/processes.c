/* SPDX-License-Identifier: MIT
 * Ways out through other processes: the reaper (process 1 of the namespace), siblings, and whatever
 * else can be named.
 */
#include "escape.h"
#include <dirent.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define LAST_PID 32768

static int trace(pid_t pid)
{
	return unless("PTRACE_SEIZE", syscall(SYS_ptrace, PTRACE_SEIZE, pid, 0, 0));
}

static int trace_init(void)
{
	return trace(1);
}
static int trace_parent(void)
{
	return trace(getppid());
}

static int trace_child(void)
{
	pid_t pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	return trace(pid);
}

static int trace_me(void)
{
	return unless("PTRACE_TRACEME", syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0));
}

static int vm_read(void)
{
	char buf[64];
	struct iovec mine = {buf, sizeof(buf)}, theirs = {(void *)0x400000, sizeof(buf)};
	return gate("process_vm_readv", syscall(SYS_process_vm_readv, 1, &mine, 1, &theirs, 1, 0));
}

static int vm_write(void)
{
	char buf[1] = {0};
	struct iovec mine = {buf, 1}, theirs = {(void *)8, 1};
	return gate("process_vm_writev", syscall(SYS_process_vm_writev, 1, &mine, 1, &theirs, 1, 0));
}

static int open_of_init(const char *path, int flags)
{
	return unless(path, open(path, flags | O_CLOEXEC));
}

static int init_mem(void)
{
	return open_of_init("/proc/1/mem", O_RDWR);
}
static int init_root(void)
{
	return open_of_init("/proc/1/root/etc/passwd", O_RDONLY);
}
static int init_cwd(void)
{
	return open_of_init("/proc/1/cwd/etc/passwd", O_RDONLY);
}
static int init_environ(void)
{
	return open_of_init("/proc/1/environ", O_RDONLY);
}
static int init_maps(void)
{
	return open_of_init("/proc/1/maps", O_RDONLY);
}
static int init_exe(void)
{
	return open_of_init("/proc/1/exe", O_RDONLY);
}
static int init_oom(void)
{
	return open_of_init("/proc/1/oom_score_adj", O_WRONLY);
}

/* Anything in there that can be opened. */
static int open_below(const char *directory)
{
	DIR *d = opendir(directory);
	struct dirent *e;
	char path[400];
	if (!d)
		return blocked(directory);
	for (errno = 0; (e = readdir(d)); errno = 0) {
		snprintf(path, sizeof(path), "%s/%s", directory, e->d_name);
		if (e->d_name[0] != '.' && open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) >= 0)
			return escaped(path);
	}
	return errno ? blocked(directory) : blocked_by(directory, "nothing in it");
}

static int init_map_files(void)
{
	return open_below("/proc/1/map_files");
}
static int init_fd(void)
{
	return open_below("/proc/1/fd");
}

static int enter(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return blocked(path);
	return unless("setns", setns(fd, 0));
}

static int enter_mnt(void)
{
	return enter("/proc/1/ns/mnt");
}
static int enter_net(void)
{
	return enter("/proc/1/ns/net");
}
static int enter_user(void)
{
	int fd = open("/proc/1/ns/user", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return blocked("/proc/1/ns/user");
	return gate("setns", setns(fd, CLONE_NEWUSER));
}

static int enter_by_pidfd(void)
{
	int fd = (int)syscall(SYS_pidfd_open, 1, 0);
	if (fd < 0)
		return blocked("pidfd_open");
	return unless("setns", setns(fd, CLONE_NEWNS | CLONE_NEWUTS));
}

static int take_descriptor(void)
{
	int fd = (int)syscall(SYS_pidfd_open, 1, 0);
	if (fd < 0)
		return blocked("pidfd_open");
	for (int n = 0; n < 64; n++)
		if (syscall(SYS_pidfd_getfd, fd, n, 0) >= 0)
			return escaped("pidfd_getfd");
	return blocked("pidfd_getfd");
}

static int leave(int flag)
{
	return unless("unshare", unshare(flag));
}
static int leave_mnt(void)
{
	return leave(CLONE_NEWNS);
}
static int leave_pid(void)
{
	return leave(CLONE_NEWPID);
}
static int leave_ipc(void)
{
	return leave(CLONE_NEWIPC);
}
static int leave_uts(void)
{
	return leave(CLONE_NEWUTS);
}
static int leave_net(void)
{
	return leave(CLONE_NEWNET);
}
static int leave_user(void)
{
	return leave(CLONE_NEWUSER);
}
static int leave_cgroup(void)
{
	return leave(CLONE_NEWCGROUP);
}
static int leave_time(void)
{
	return leave(0x80);
}

/* A user namespace beside others gives the power to make those. */
static int leave_all(void)
{
	return leave(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID);
}

static int cloned(unsigned long flags)
{
	long pid = syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid == 0)
		_exit(0);
	return unless("clone", pid);
}

static int clone_mnt(void)
{
	return cloned(CLONE_NEWNS);
}
static int clone_pid(void)
{
	return cloned(CLONE_NEWPID);
}
static int clone_ipc(void)
{
	return cloned(CLONE_NEWIPC);
}
static int clone_uts(void)
{
	return cloned(CLONE_NEWUTS);
}
static int clone_net(void)
{
	return cloned(CLONE_NEWNET);
}
static int clone_user(void)
{
	return cloned(CLONE_NEWUSER);
}
static int clone_cgroup(void)
{
	return cloned(CLONE_NEWCGROUP);
}

static int clone_by_struct(void)
{
	struct clone_args a = {.flags = CLONE_NEWUSER | CLONE_NEWNS, .exit_signal = SIGCHLD};
	long pid = syscall(SYS_clone3, &a, sizeof(a));
	if (pid == 0)
		_exit(0);
	return unless("clone3", pid);
}

static int kill_init(void)
{
	const int signals[] = {SIGKILL, SIGSTOP};
	for (int i = 0; i < 2; i++)
		kill(1, signals[i]);
	usleep(200000);
	char text[512] = "";
	if (read_some("/proc/1/status", text, sizeof(text)) > 0 && strstr(text, "State:\tT"))
		return escaped("it stands still");
	return kill(1, 0) && errno == ESRCH ? escaped("it is gone") : blocked_by("kill", "it lives on");
}

/* Anybody besides the service's own processes: the reaper, this program, its child. */
static int see_others(void)
{
	for (pid_t pid = 2; pid < LAST_PID; pid++) {
		bool mine = pid == getpid() || pid == getppid() || getpgid(pid) == getpgid(0) ||
			getsid(pid) == getsid(0);
		if (!mine && (kill(pid, 0) == 0 || errno == EPERM))
			return escaped("kill(2) knows a process of somebody else");
	}
	return blocked_by("kill", "no other process in any number");
}

static int proc_others(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	while (d && (e = readdir(d))) {
		pid_t pid = atoi(e->d_name);
		if (pid > 1 && getsid(pid) != getsid(0))
			return escaped("/proc shows a process of somebody else");
	}
	return d ? blocked_by("/proc", "none but its own") : blocked("/proc");
}

static int kill_all(void)
{
	signal(SIGCONT, SIG_IGN);
	if (kill(-1, SIGCONT))
		return blocked("kill -1");
	return blocked_by("kill -1", "reaches its own alone, there is nobody else");
}

static int own_signal(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	for (int pid = 2; pid < 2000; pid++) {
		struct {
			int type, pid;
		} owner = {1, pid};
		if (pid != getpid() && getpgid(pid) < 0 && fcntl(fd, 15 /* F_SETOWN_EX */, &owner) == 0)
			return escaped("F_SETOWN_EX of somebody else");
	}
	return blocked("F_SETOWN_EX");
}

static int queue_signal(void)
{
	siginfo_t info = {.si_signo = SIGUSR1, .si_code = SI_KERNEL};
	/* As if the kernel had sent it: only to oneself. */
	return unless("rt_sigqueueinfo", syscall(SYS_rt_sigqueueinfo, getppid(), SIGCONT, &info));
}

static int name_tracer(void)
{
	if (prctl(PR_SET_PTRACER, -1L, 0, 0, 0))
		return blocked("PR_SET_PTRACER");
	pid_t pid = fork();
	if (pid == 0)
		_exit(syscall(SYS_ptrace, PTRACE_SEIZE, getppid(), 0, 0) ? 1 : 0);
	int status = 0;
	waitpid(pid, &status, 0);
	return status == 0 ? escaped("traced") : blocked_by("ptrace", "refused to the named tracer");
}

static int compare(void)
{
	return gate("kcmp", syscall(SYS_kcmp, getpid(), 1, 0, 1, 1));
}

static int advise(void)
{
	int fd = (int)syscall(SYS_pidfd_open, 1, 0);
	struct iovec v = {(void *)0x400000, 4096};
	if (fd < 0)
		return blocked("pidfd_open");
	return gate("process_madvise",
		syscall(SYS_process_madvise, fd, &v, 1, 21 /* MADV_PAGEOUT */, 0));
}

const struct probe process_probes[] = {
	{"ptrace-init", "to trace the reaper", trace_init, OUTSIDE},
	{"ptrace-parent", "to trace the parent", trace_parent, OUTSIDE},
	{"ptrace-child", "to trace a child", trace_child, OUTSIDE},
	{"ptrace-me", "to be traced", trace_me, OUTSIDE},
	{"ptrace-named", "PR_SET_PTRACER, then a child that traces", name_tracer, OUTSIDE},
	{"vm-read-init", "process_vm_readv(2) of the reaper", vm_read, OUTSIDE},
	{"vm-write-init", "process_vm_writev(2) to the reaper", vm_write, OUTSIDE},
	{"proc-1-mem", "the reaper's memory", init_mem, OUTSIDE},
	{"proc-1-root", "the reaper's root directory", init_root, OUTSIDE},
	{"proc-1-cwd", "the reaper's working directory", init_cwd, OUTSIDE},
	{"proc-1-environ", "the reaper's environment", init_environ, OUTSIDE},
	{"proc-1-maps", "the reaper's addresses", init_maps, OUTSIDE},
	{"proc-1-exe", "the reaper's program", init_exe, OUTSIDE},
	{"proc-1-oom", "the reaper's OOM score", init_oom, OUTSIDE},
	{"proc-1-map-files", "the reaper's mapped files", init_map_files, OUTSIDE},
	{"proc-1-fd", "the reaper's descriptors", init_fd, OUTSIDE},
	{"setns-mnt", "the reaper's mount namespace", enter_mnt, OUTSIDE},
	{"setns-net", "the reaper's network namespace", enter_net, OUTSIDE},
	{"setns-user", "the reaper's user namespace, the host's", enter_user, OUTSIDE},
	{"setns-pidfd", "the reaper's namespaces by pidfd", enter_by_pidfd, OUTSIDE},
	{"pidfd-getfd", "a descriptor of the reaper's by pidfd", take_descriptor, OUTSIDE},
	{"unshare-mnt", "a new mount namespace", leave_mnt, OUTSIDE},
	{"unshare-pid", "a new pid namespace", leave_pid, OUTSIDE},
	{"unshare-ipc", "a new IPC namespace", leave_ipc, OUTSIDE},
	{"unshare-uts", "a new UTS namespace", leave_uts, OUTSIDE},
	{"unshare-net", "a new network namespace", leave_net, OUTSIDE},
	{"unshare-user", "a new user namespace", leave_user, OUTSIDE},
	{"unshare-cgroup", "a new cgroup namespace", leave_cgroup, OUTSIDE},
	{"unshare-time", "a new time namespace", leave_time, OUTSIDE},
	{"unshare-all", "a user namespace and power over new ones", leave_all, OUTSIDE},
	{"clone-mnt", "a child in a mount namespace", clone_mnt, OUTSIDE},
	{"clone-pid", "a child in a pid namespace", clone_pid, OUTSIDE},
	{"clone-ipc", "a child in an IPC namespace", clone_ipc, OUTSIDE},
	{"clone-uts", "a child in a UTS namespace", clone_uts, OUTSIDE},
	{"clone-net", "a child in a network namespace", clone_net, OUTSIDE},
	{"clone-user", "a child in a user namespace", clone_user, OUTSIDE},
	{"clone-cgroup", "a child in a cgroup namespace", clone_cgroup, OUTSIDE},
	{"clone3-user", "the same by clone3, whose flags no filter can see", clone_by_struct, OUTSIDE},
	{"kill-init", "to kill or stop the reaper", kill_init, INSIDE_ONLY},
	{"kill-others", "signals to any process of the machine", see_others, OUTSIDE},
	{"kill-all", "a signal to all there are", kill_all, INSIDE_ONLY},
	{"proc-others", "other processes in /proc", proc_others, OUTSIDE},
	{"fcntl-setown", "a signal by way of F_SETOWN_EX", own_signal, 0},
	{"sigqueue-kernel", "a signal that pretends to be the kernel's", queue_signal, 0},
	{"kcmp", "to compare with the reaper", compare, OUTSIDE},
	{"process-madvise", "to page the reaper out", advise, OUTSIDE},
	{0},
};
