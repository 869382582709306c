/* SPDX-License-Identifier: MIT
 * Ways to take more than one's share: priorities, limits, processes, memory. Those that exhaust
 * something come last.
 */
#include "escape.h"
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MANY 300          /* tasks: TasksMax is 64 */
#define MUCH (160l << 20) /* bytes: MemoryMax is 64M */
#define STEP (1l << 20)

static int realtime(void)
{
	struct sched_param p = {.sched_priority = 1};
	return unless("SCHED_FIFO", syscall(SYS_sched_setscheduler, 0, 1, &p));
}

static int deadline(void)
{
	struct {
		unsigned size, policy;
		unsigned long long flags;
		int nice;
		unsigned priority;
		unsigned long long runtime, deadline, period;
	} a = {.size = 48, .policy = 6, .runtime = 10000000, .deadline = 30000000, .period = 30000000};
	return unless("SCHED_DEADLINE", syscall(SYS_sched_setattr, 0, &a, 0));
}

static int favoured(void)
{
	return unless("setpriority -20", setpriority(PRIO_PROCESS, 0, -20));
}
static int io_realtime(void)
{
	return unless("ioprio_set", syscall(SYS_ioprio_set, 1, 0, 1 << 13 | 0));
}

static int oom_immune(void)
{
	return unless("oom_score_adj -1000", write_file("/proc/self/oom_score_adj", "-1000"));
}

static int higher_limit(const char *what, int resource)
{
	struct rlimit r;
	if (getrlimit(resource, &r))
		return blocked("getrlimit");
	r.rlim_max = r.rlim_max == RLIM_INFINITY ? RLIM_INFINITY : r.rlim_max + 1;
	r.rlim_cur = r.rlim_max;
	return unless(what, setrlimit(resource, &r));
}

static int more_core(void)
{
	return higher_limit("RLIMIT_CORE", RLIMIT_CORE);
}
static int more_files(void)
{
	return higher_limit("RLIMIT_NOFILE", RLIMIT_NOFILE);
}
static int more_nice(void)
{
	return higher_limit("RLIMIT_NICE", RLIMIT_NICE);
}
static int more_realtime(void)
{
	return higher_limit("RLIMIT_RTPRIO", RLIMIT_RTPRIO);
}

static int lock_memory(void)
{
	void *p = mmap(NULL, 32 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p == MAP_FAILED ? blocked("mmap") : unless("mlock of 32M", mlock(p, 32 << 20));
}

static int huge_pages(void)
{
	void *p = mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB,
		-1, 0);
	return p == MAP_FAILED ? blocked("MAP_HUGETLB") : escaped("MAP_HUGETLB");
}

static int fork_bomb(void)
{
	for (int made = 0; made < MANY; made++) {
		pid_t pid = fork();
		if (pid < 0)
			return blocked("fork");
		if (pid == 0)
			for (;;)
				pause();
	}
	return escaped("more processes than TasksMax");
}

static int thread_wait(void *nothing)
{
	(void)nothing;
	for (;;)
		pause();
	return 0;
}

static int thread_bomb(void)
{
	for (int made = 0; made < MANY; made++) {
		char *stack = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (stack == MAP_FAILED ||
			clone(thread_wait, stack + 16384,
				CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, NULL) < 0)
			return blocked("clone");
	}
	return escaped("more threads than TasksMax");
}

/* In a process of its own, so that the kernel's choice falls on it. */
static int in_victim(const char *what, int (*take)(void))
{
	int status = 0;
	pid_t pid = fork_patiently();
	if (pid == 0) {
		write_file("/proc/self/oom_score_adj", "1000");
		_exit(take());
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		abort(); /* nothing was tried: the probe is broken */
	if (WIFSIGNALED(status))
		return blocked_by(what, "killed");
	errno = WEXITSTATUS(status);
	return errno ? blocked(what) : escaped(what);
}

static int take_memory(void)
{
	for (long n = 0; n < MUCH; n += STEP) {
		char *p = mmap(NULL, STEP, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED)
			return errno;
		memset(p, 1, STEP);
	}
	return 0;
}

static int fill(const char *path)
{
	static char block[STEP];
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	unlink(path);
	memset(block, 1, sizeof(block));
	for (long n = 0; n < MUCH; n += STEP)
		if (write(fd, block, sizeof(block)) < 0)
			return errno;
	return 0;
}

static int fill_tmp(void)
{
	return fill("/tmp/escape-fill");
}
static int fill_shm(void)
{
	return fill("/dev/shm/escape-fill");
}
static int much_memory(void)
{
	return in_victim("memory beyond MemoryMax", take_memory);
}
static int much_tmp(void)
{
	return in_victim("/tmp beyond MemoryMax", fill_tmp);
}
static int much_shm(void)
{
	return in_victim("/dev/shm beyond MemoryMax", fill_shm);
}

const struct probe resource_probes[] = {
	{"sched-fifo", "real-time scheduling", realtime, OUTSIDE},
	{"sched-deadline", "a deadline", deadline, 0},
	{"nice", "the highest priority", favoured, OUTSIDE},
	{"ioprio-realtime", "the disk before all others", io_realtime, OUTSIDE},
	{"oom-immune", "not to be killed when memory runs out", oom_immune, OUTSIDE},
	{"rlimit-core", "core dumps", more_core, 0},
	{"rlimit-nofile", "more descriptors", more_files, OUTSIDE},
	{"rlimit-nice", "a higher priority later", more_nice, OUTSIDE},
	{"rlimit-rtprio", "real-time scheduling later", more_realtime, OUTSIDE},
	{"mlock", "memory that is never taken", lock_memory, OUTSIDE},
	{"huge-pages", "huge pages", huge_pages, 0},
	{"fork-bomb", "processes without end", fork_bomb, INSIDE_ONLY},
	{"thread-bomb", "threads without end", thread_bomb, INSIDE_ONLY},
	{"fill-tmp", "/tmp filled beyond the memory limit", much_tmp, INSIDE_ONLY},
	{"fill-shm", "/dev/shm filled beyond the memory limit", much_shm, INSIDE_ONLY},
	{"memory", "more memory than MemoryMax", much_memory, INSIDE_ONLY},
	{0},
};
