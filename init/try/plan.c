/* SPDX-License-Identifier: MIT
 * The plan of the one service: made by bulkhead-compile from this machine's users and programs, in
 * memory, sealed before anything uses it.
 */
#include "base/count.h"
#include "base/fmt.h"
#include "base/hash.h"
#include "base/sys.h"
#include "engine/descriptors.h"
#include "try/signals.h"
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMPILE_MS 120000 /* one file, on a slow machine */
#define KILLED_MS 5000
#define COMPILE_FILES 1 /* its exit status if a file has errors */
#define STOP_MOST_MS 90000

extern char **environ;

static const char **add_arguments(const struct trial *t, const char **at, const char *fd)
{
	const char *const fixed[] = {"bulkhead-compile", "--root", "/", "--alone", "--fd", fd,
		t->by_name ? "--service" : "--file", t->subject};
	for (size_t i = 0; i < COUNT(fixed); i++)
		*at++ = fixed[i];
	if (t->drop_in) {
		*at++ = "--drop-in";
		*at++ = t->drop_in;
	}
	return at;
}

/* Its diagnostics go to standard error as they are. Who does not read them, or ends the trial,
 * ends it. */
static int run_compiler(struct trial *t, int fd)
{
	const char *argv[16] = {NULL};
	char path[600], number[12];
	struct fmt f;
	pid_t pid;
	int status = 0;
	fmt_init(&f, path, sizeof(path));
	fmt_strs(&f, t->directory, "/bulkhead-compile", NULL);
	fmt_init(&f, number, sizeof(number));
	fmt_i64(&f, fd);
	add_arguments(t, argv, number);
	int err = posix_spawn(&pid, path, NULL, NULL, (char *const *)(uintptr_t)argv, environ);
	if (err) {
		try_say("%s: %s", path, strerror(err));
		return -err;
	}
	int pidfd = sys_pidfd_open(pid);
	t->compiler = pid;
	bool done = signals_child(t, pid, pidfd, &status, COMPILE_MS, true);
	if (!done) {
		kill(pid, SIGKILL);
		signals_child(t, pid, pidfd, &status, KILLED_MS, false);
	}
	t->compiler = 0;
	if (pidfd >= 0)
		close(pidfd);
	if (!done)
		return t->stop_signal ? -EINTR : -ETIMEDOUT;
	if (WIFEXITED(status) && WEXITSTATUS(status) <= COMPILE_FILES)
		return WEXITSTATUS(status) == 0 ? 0 : -EINVAL;
	try_say_end(path, ": ", status);
	return -ECANCELED;
}

static int find_service(struct trial *t)
{
	const char *base = strrchr(t->subject, '/');
	char name[CONFIG_MAX_NAME];
	struct fmt f;
	fmt_init(&f, name, sizeof(name));
	base = base && !t->by_name ? base + 1 : t->subject;
	fmt_mem(&f, base, strlen(base) - (t->by_name || strlen(base) < 4 ? 0 : 4));
	int index = plan_find(&t->plan, name);
	if (index < 0)
		return -EINVAL; /* its name is none, which the compiler has said */
	t->index = (uint32_t)index;
	t->service = plan_service(&t->plan, t->index);
	return 0;
}

/* What may be missing for this run besides what the file lets be missing; and a trial with an end
 * (--seconds) has one, whatever TimeoutStopSec says. */
static void change_for_trial(struct trial *t, unsigned char *bytes)
{
	struct plan_header *h = (struct plan_header *)(void *)bytes;
	struct plan_service *s = (struct plan_service *)(void *)(bytes + h->services.off);
	size_t covered = offsetof(struct plan_header, checksum) + sizeof(h->checksum);
	s[t->index].optional_walls |= t->optional;
	if (t->seconds && s[t->index].stop_ms > STOP_MOST_MS)
		s[t->index].stop_ms = STOP_MOST_MS;
	h->checksum = hash_bytes(HASH_INIT, bytes + covered, t->plan.size - covered);
}

static int open_plan(struct trial *t, int fd)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return -errno;
	unsigned char *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		0);
	if (bytes == MAP_FAILED)
		return -errno;
	enum plan_error e = plan_open(&t->plan, bytes, (size_t)st.st_size, plan_native_arch());
	if (e != PLAN_OK) {
		try_say("the plan: %s", plan_error_text(e));
		return -EBADMSG;
	}
	int err = find_service(t);
	if (err < 0)
		return err;
	change_for_trial(t, bytes);
	munmap(bytes, t->plan.size);
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return -errno;
	bytes = mmap(NULL, t->plan.size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return -errno;
	t->plan.base = bytes;
	t->service = plan_service(&t->plan, t->index);
	return 0;
}

/* For reading alone, above the numbers that the cell is handed. */
static int open_again(struct trial *t, int fd)
{
	char path[FMT_OWN_FD];
	fmt_own_fd(path, fd);
	t->plan_fd = descriptor_lift(open(path, O_RDONLY | O_CLOEXEC));
	return t->plan_fd < 0 ? t->plan_fd : 0;
}

int plan_make(struct trial *t)
{
	/* not close-on-exec: the compiler writes into it */
	int fd = memfd_create("plan", MFD_ALLOW_SEALING);
	if (fd < 0) {
		try_say("memfd: %s", strerror(errno));
		return TRY_REFUSED;
	}
	int err = run_compiler(t, fd);
	if (err == 0)
		err = open_plan(t, fd);
	if (err == 0)
		err = open_again(t, fd);
	close(fd);
	if (err == 0)
		return 0;
	if (err == -EINTR)
		return 128 + t->stop_signal;
	try_say("%s: refused (%s)", t->subject,
		err == -EINVAL          ? "its file has errors"
			: err == -ECANCELED ? "it could not be compiled"
								: strerror(-err));
	return TRY_REFUSED;
}
