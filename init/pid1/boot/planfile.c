/* SPDX-License-Identifier: MIT
 * The plan's three origins: see planfile.h. */
#include "pid1/boot/planfile.h"
#include "base/digest.h"
#include "base/errname.h"
#include "base/feature.h"
#include "base/fmt.h"
#include "base/sys.h"
#include "engine/descriptors.h"
#include "pid1/boot/owners.h"
#include "pid1/console.h"
#include "pid1/errand.h"
#include "pid1/spawn_tool.h"
#include "plan/sources.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define READ_MS 10000u    /* the plan, or the service files */
#define COMPILE_MS 30000u /* a compiler that takes longer is stuck */
#define KILLED_MS 1000u

/* made by the build: the plan of a root without a single file */
extern const unsigned char rescue_plan[], rescue_plan_end[];

static int copy_file(int from, int to)
{
	char buf[4096];
	size_t total = 0;
	for (;;) {
		ssize_t n = read(from, buf, sizeof(buf));
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		total += (size_t)n;
		if (total > CONFIG_MAX_PLAN_KB * 1024u)
			return -EFBIG;
		if (write(to, buf, (size_t)n) != n)
			return -ENOSPC;
	}
}

/* The descriptor that cells and bulkctl get is for reading alone: so no domain of the policy
 * needs to write what PID 1 keeps in memory. */
static int read_only(int fd)
{
	char path[FMT_OWN_FD];
	fmt_own_fd(path, fd);
	int again = descriptor_lift(open(path, O_RDONLY | O_CLOEXEC));
	if (again < 0)
		return fd;
	close(fd);
	return again;
}

/* Older kernels (6.1 among them, but for its later releases) map what is sealed against writing as
 * private memory alone. No page of it is copied. */
static void *map_plan(int fd, size_t size)
{
	return mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
}

int planfile_take(struct pid1 *s, struct plan *plan, int fd, const char *whence)
{
	struct stat st;
	enum plan_error e = PLAN_TOO_SMALL;
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0) {
		console_say(s, SAY_ERROR, "plan: ", whence, ": cannot be sealed: ", err_name(errno), NULL);
		close(fd);
		return -1;
	}
	if (fstat(fd, &st) == 0 && st.st_size > 0 && st.st_size <= CONFIG_MAX_PLAN_KB * 1024) {
		void *at = map_plan(fd, (size_t)st.st_size);
		if (at == MAP_FAILED) {
			console_say(s, SAY_ERROR, "plan: ", whence, ": cannot be mapped: ", err_name(errno),
				NULL);
			close(fd);
			return -1;
		}
		e = plan_open(plan, at, (size_t)st.st_size, plan_native_arch());
		if (e == PLAN_OK)
			return read_only(fd);
		munmap(at, (size_t)st.st_size);
	}
	console_say(s, SAY_ERROR, "plan: ", whence, ": ", plan_error_text(e), NULL);
	close(fd);
	return -1;
}

static bool adopt_plan(struct pid1 *s, struct plan *plan, int fd, const char *whence)
{
	int taken = planfile_take(s, plan, fd, whence);
	if (taken < 0)
		return false;
	s->plan_fd = taken;
	s->plan_size = (uint32_t)plan->size;
	return true;
}

void planfile_drop(struct pid1 *s, struct plan *plan)
{
	if (s->plan_fd < 0)
		return; /* the rescue plan in PID 1's own memory */
	munmap((void *)(uintptr_t)plan->base, plan->size);
	close(s->plan_fd);
	s->plan_fd = -1;
}

/* A link would have to be followed to whoever can write there: there is no need for one. */
static int open_ahead(char told[OWNERS_TOLD])
{
	int fd = open(PLAN_AHEAD, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int err = fd < 0 ? -errno : owners_judge(fd, PLAN_AHEAD, told);
	return err < 0 ? err : fd;
}

/* To the descriptor that the errand was given. */
static int work_copy(const void *unused)
{
	char told[OWNERS_TOLD];
	(void)unused;
	int from = open_ahead(told);
	return from < 0 ? from : copy_file(from, ERRAND_FD);
}

/* Whose descriptor is taken by the file, it says afterwards why it was refused. */
static int work_say_why(const void *unused)
{
	char told[OWNERS_TOLD] = "";
	(void)unused;
	int err = open_ahead(told);
	errand_tell(told, NULL);
	return err < 0 ? err : 0;
}

static void say_why_not(struct pid1 *s, int err)
{
	char told[OWNERS_TOLD] = "";
	if (err == -EPERM)
		errand_run_told(s, work_say_why, NULL, READ_MS, told, sizeof(told));
	if (told[0])
		console_say(s, SAY_ERROR, "plan: ", told, NULL);
	else
		console_say(s, SAY_ERROR, "plan: " PLAN_AHEAD ": ", err_name(err), NULL);
}

static int work_compare(const void *digest)
{
	uint64_t found;
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int err = root < 0 ? -errno : digest_sources(root, plan_sources, &found);
	return err < 0 ? err : found == *(const uint64_t *)digest ? 0 : -ESTALE;
}

/* What lies over the root may be on a disk that does not answer. */
bool planfile_load_ahead(struct pid1 *s, struct plan *plan)
{
	int to = descriptor_memfd("plan");
	if (to < 0)
		return false;
	int err = errand_run_with(s, work_copy, NULL, to, READ_MS);
	if (err < 0) {
		if (err != -ENOENT)
			say_why_not(s, err);
		close(to);
		return false;
	}
	if (!adopt_plan(s, plan, to, PLAN_AHEAD))
		return false;
	uint64_t digest = plan_header(plan)->digest;
	err = errand_run(s, work_compare, &digest, READ_MS);
	if (err == 0) {
		s->plan_source = PLAN_WAS_AHEAD;
		return true;
	}
	if (err != -ESTALE)
		console_say(s, SAY_ERROR,
			"plan: the service files cannot be compared with it: ", err_name(err), NULL);
	else if (CONFIG_COMPILER)
		console_say(s, SAY_INFO,
			"plan: the one made by the build does not match the service files: compiling them",
			NULL);
	else
		console_say(s, SAY_ERROR,
			"plan: the one made by the build does not match the service files, and " FEATURE_WITHOUT
			" CONFIG_COMPILER",
			NULL);
	planfile_drop(s, plan);
	return false;
}

static int wait_for_compiler(struct pid1 *s, int pidfd, int pid)
{
	int status = 0;
	bool ended = errand_awaits(s, pidfd, COMPILE_MS);
	if (!ended) {
		sys_pidfd_send_signal(pidfd, SIGKILL);
		errand_awaits(s, pidfd, KILLED_MS);
	}
	if (waitpid(pid, &status, WNOHANG) != pid)
		return -ETIMEDOUT;
	return ended ? status : -ETIMEDOUT;
}

static bool compile_now(struct pid1 *s, struct plan *plan)
{
	static const char *const argv[] = {"bulkhead-compile", "--fd", "1", NULL};
	int out = descriptor_memfd("plan");
	if (out < 0)
		return false;
	int err = descriptor_lift(
		open(PLAN_REFUSED, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
	int pid = 0;
	int pidfd = spawn_tool(PLAN_COMPILER, argv, out, err >= 0 ? err : s->null_fd, &pid);
	int status = pidfd < 0 ? pidfd : wait_for_compiler(s, pidfd, pid);
	if (pidfd >= 0)
		close(pidfd);
	if (err >= 0)
		close(err);
	bool left_out = status > 0 && WIFEXITED(status) && WEXITSTATUS(status) == PLAN_LEFT_OUT;
	if (left_out)
		console_say(s, SAY_ERROR,
			"plan: more services than there are places: some are left out, see " PLAN_REFUSED,
			NULL);
	if (status == 0 || left_out)
		return adopt_plan(s, plan, out, PLAN_COMPILER);
	console_say(s, SAY_ERROR, "plan: " PLAN_COMPILER ": ",
		status < 0                ? err_name(status)
			: WIFSIGNALED(status) ? sig_name(WTERMSIG(status))
								  : "failed, see " PLAN_REFUSED,
		NULL);
	close(out);
	return false;
}

void planfile_rescue(struct pid1 *s, struct plan *plan)
{
	size_t n = (size_t)(rescue_plan_end - rescue_plan);
	int fd = descriptor_memfd("plan");
	s->plan_source = PLAN_RESCUE;
	bool whole = fd >= 0 && write(fd, rescue_plan, n) == (ssize_t)n;
	if (whole && adopt_plan(s, plan, fd, "rescue"))
		return;
	if (fd >= 0 && !whole)
		close(fd);
	/* No memfd: PID 1 itself can read it in place; no cell can be started from it, which each
	 * start will say. */
	plan_open(plan, rescue_plan, n, 0);
	s->plan_fd = -1;
	s->plan_size = (uint32_t)n;
}

void planfile_load(struct pid1 *s, struct plan *plan)
{
	if (planfile_load_ahead(s, plan))
		return;
	if (CONFIG_COMPILER && compile_now(s, plan)) {
		s->plan_source = PLAN_COMPILED;
		return;
	}
	console_say(s, SAY_ERROR, "no plan", NULL);
	planfile_rescue(s, plan);
}

bool planfile_map_again(int fd, struct plan *plan)
{
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size <= 0 || st.st_size > CONFIG_MAX_PLAN_KB * 1024)
		return false;
	void *at = map_plan(fd, (size_t)st.st_size);
	return at != MAP_FAILED &&
		plan_open(plan, at, (size_t)st.st_size, plan_native_arch()) == PLAN_OK;
}

bool planfile_map(struct pid1 *s, struct plan *plan)
{
	return planfile_map_again(s->plan_fd, plan);
}
