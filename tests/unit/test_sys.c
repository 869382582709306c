// needs: base
/* SPDX-License-Identifier: MIT
 * The raw system calls: results come back as negative errno, errno itself stays alone, and clone3's
 * child really runs on the stack and with the argument that it was given. What needs root is tried
 * as whoever runs the test, and must then be refused.
 */
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define STACK_SIZE 65536
#define SENTINEL 12345 /* an errno that no call sets */
#define UNSANITIZED __attribute__((no_sanitize("address", "undefined")))

static int errno_sentinel(void **state)
{
	(void)state;
	errno = SENTINEL;
	return 0;
}

static int errno_untouched(void **state)
{
	(void)state;
	return errno == SENTINEL ? 0 : -1;
}

struct child {
	volatile uintptr_t frame; /* where the child's stack is */
	volatile int refused;     /* what a bad call gave it */
	volatile uint64_t wide;
	int status;
};

/* Shares the parent's memory: no libc here, and nothing the sanitizer would keep a record of. */
UNSANITIZED static void child_main(void *argument)
{
	struct child *c = argument;
	_Alignas(16) volatile char aligned[16] = {0};

	c->frame = (uintptr_t)aligned;
	c->wide *= 3;
	c->refused = sys_setns(-1, 0);
	sys_exit(c->status);
}

static pid_t start(struct child *c, unsigned char *stack, size_t stack_size, uint64_t flags,
	int *pidfd)
{
	struct clone_args args = {
		.flags = flags | (pidfd ? CLONE_PIDFD : 0),
		.pidfd = (uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
		.stack = (uintptr_t)stack,
		.stack_size = stack_size,
	};
	return (pid_t)sys_clone3(&args, sizeof(args), child_main, c);
}

static void clone3_runs_the_child_on_its_stack(void **state)
{
	unsigned char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct child c = {.wide = 0x123456789abcull};
	int pidfd = -1, status = 0;
	(void)state;
	assert_true(stack != MAP_FAILED);
	errno = SENTINEL;
	/* A size that leaves the stack's top unaligned too: a caller's mistake must not become a
	 * fault in the child. */
	for (size_t off = 0; off < 16; off += 8) {
		c.status = 40 + (int)off;
		c.wide = 0x123456789abcull;
		pid_t pid = start(&c, stack, STACK_SIZE - off, CLONE_VM | CLONE_VFORK, &pidfd);
		assert_true(pid > 0);
		assert_int_equal(errno, SENTINEL);
		assert_in_range(c.frame, (uintptr_t)stack, (uintptr_t)stack + STACK_SIZE - 1);
		assert_int_equal(c.frame % 16, 0);
		assert_int_equal(c.refused, -EBADF);
		assert_true(c.wide == 3 * 0x123456789abcull);
		assert_int_equal(sys_pidfd_send_signal(pidfd, 0), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), c.status);
		assert_int_equal(sys_pidfd_send_signal(pidfd, 0), -ESRCH);
		close(pidfd);
	}
	munmap(stack, STACK_SIZE);
	errno = SENTINEL;
}

static void clone3_failures_are_negative(void **state)
{
	struct child c = {0};
	struct clone_args args = {.exit_signal = SIGCHLD};
	unsigned char stack[64];
	(void)state;
	/* a stack of no size */
	assert_int_equal(start(&c, stack, 0, CLONE_VM | CLONE_VFORK, NULL), -EINVAL);
	assert_int_equal(start(&c, stack, sizeof(stack), CLONE_SIGHAND, NULL), -EINVAL);
	assert_int_equal(sys_clone3(&args, 8, child_main, &c), -EINVAL); /* a structure too short */
	assert_int_equal(c.frame, 0);
}

static void descriptors_of_processes(void **state)
{
	int fd = sys_pidfd_open(getpid());
	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(sys_pidfd_send_signal(fd, 0), 0);
	assert_int_equal(sys_pidfd_send_signal(fd, 1000), -EINVAL);
	assert_int_equal(sys_pidfd_send_signal(-1, 0), -EBADF);
	assert_int_equal(sys_pidfd_open(-1), -EINVAL);
	close(fd);
}

static void ranges_of_descriptors_are_closed(void **state)
{
	(void)state;
	for (int fd = 500; fd < 505; fd++)
		assert_int_equal(dup2(1, fd), fd);
	assert_int_equal(sys_close_range(501, 503, 0), 0);
	assert_true(fcntl(500, F_GETFD) >= 0);
	assert_true(fcntl(504, F_GETFD) >= 0);
	for (int fd = 501; fd < 504; fd++)
		assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(sys_close_range(500, 504, 0), 0);
	assert_int_equal(sys_close_range(2, 1, 0), -EINVAL);
	errno = SENTINEL; /* fcntl(2) above set it */
}

/* With .. in the path the kernel gives up if anything is renamed or mounted on the machine
 * meanwhile: openat2(2), EAGAIN. */
static int open_patiently(int dir, const char *path, uint64_t resolve)
{
	int fd = -EAGAIN;
	while (fd == -EAGAIN)
		fd = sys_openat2(dir, path, O_RDONLY | O_CLOEXEC, 0, resolve);
	return fd;
}

static void openat2_stays_inside(void **state)
{
	int proc = open("/proc", O_PATH | O_DIRECTORY);
	int fd = open_patiently(proc, "../../etc/passwd", RESOLVE_IN_ROOT);
	(void)state;
	assert_int_equal(fd, -ENOENT);
	assert_int_equal(open_patiently(proc, "../etc", RESOLVE_BENEATH), -EXDEV);
	fd = sys_openat2(proc, "version", O_RDONLY | O_CLOEXEC, 0,
		RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(sys_openat2(proc, "version", O_RDONLY, 0, 1ull << 40), -EINVAL);
	close(proc);
}

/* EPERM is what someone without power over mounts hears. */
static void assert_refused(int result, int err)
{
	if (result != -EPERM)
		assert_int_equal(result, err);
}

static void mounts_that_do_not_exist(void **state)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
	(void)state;
	assert_refused(sys_open_tree(AT_FDCWD, "/nonexistent", 0), -ENOENT);
	assert_refused(sys_open_tree(-1, "", AT_EMPTY_PATH), -EBADF);
	assert_refused(sys_move_mount(AT_FDCWD, "/nonexistent", AT_FDCWD, "/nonexistent", 0), -ENOENT);
	assert_refused(sys_mount_setattr(AT_FDCWD, "/nonexistent", 0, &attr), -ENOENT);
	assert_refused(sys_fsopen("no-such-file-system", 0), -ENODEV);
	assert_refused(sys_fsconfig(-1, FSCONFIG_CMD_CREATE, NULL, NULL, 0), -EINVAL);
	assert_refused(sys_fsmount(-1, 0, 0), -EBADF);
	assert_refused(sys_pivot_root("/nonexistent", "/nonexistent"), -ENOENT);
	assert_refused(sys_setns(-1, 0), -EBADF);
	assert_int_equal(sys_unshare(0), 0);
	assert_refused(sys_unshare(1), -EINVAL);
}

static uint64_t status_hex(const char *field)
{
	static char text[8192];
	assert_true(sys_read_file(AT_FDCWD, "/proc/self/status", text, sizeof(text)) > 0);
	const char *at = strstr(text, field);
	assert_non_null(at);
	uint64_t v = strtoull(at + strlen(field), NULL, 16);
	errno = SENTINEL; /* strtoull(3) may have set it */
	return v;
}

static void capabilities_are_what_proc_says(void **state)
{
	uint64_t effective = 1, permitted = 2, inheritable = 3;
	(void)state;
	assert_int_equal(sys_capget(&effective, &permitted, &inheritable), 0);
	assert_true(effective == status_hex("CapEff:\t"));
	assert_true(permitted == status_hex("CapPrm:\t"));
	assert_true(inheritable == status_hex("CapInh:\t"));
	assert_int_equal(sys_capset(effective, permitted, inheritable), 0);
	/* More effective than permitted there never is. */
	assert_int_equal(sys_capset(UINT64_MAX, 0, 0), -EPERM);
}

/* What a child's function returns becomes its status: 0, or the number of the first line that
 * did not hold. */
#define HOLDS(condition) \
	do { \
		if (!(condition)) \
			return __LINE__ % 256; \
	} while (0)

static int in_child(int (*fn)(void))
{
	int status = -1;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int dropping_the_high_half(void)
{
	uint64_t effective, permitted, inheritable;
	HOLDS(sys_capget(&effective, &permitted, &inheritable) == 0);
	effective &= UINT32_MAX;
	HOLDS(sys_capset(effective, effective, 0) == 0);
	HOLDS(status_hex("CapEff:\t") == effective);
	HOLDS(status_hex("CapPrm:\t") == effective);
	return 0;
}

static int becoming_someone(void)
{
	const gid_t groups[] = {1, 2};
	uid_t ruid, euid, suid;
	if (geteuid() != 0) {
		HOLDS(sys_setgroups(2, groups) == -EPERM);
		HOLDS(sys_setresgid(0) == -EPERM);
		HOLDS(sys_setresuid(0) == -EPERM);
		return 0;
	}
	HOLDS(sys_setgroups(2, groups) == 0);
	HOLDS(getgroups(0, NULL) == 2);
	HOLDS(sys_setresgid(1) == 0);
	HOLDS(getegid() == 1 && getgid() == 1);
	HOLDS(sys_setresuid(1) == 0);
	HOLDS(getresuid(&ruid, &euid, &suid) == 0);
	HOLDS(ruid == 1 && euid == 1 && suid == 1);
	HOLDS(sys_setresuid(0) == -EPERM);
	HOLDS(sys_setresgid(0) == -EPERM);
	HOLDS(sys_setgroups(0, NULL) == -EPERM);
	return 0;
}

static int filtering_a_call(void)
{
	const struct sock_filter deny_getppid[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), /* the number of the call */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	HOLDS(sys_seccomp_filter(deny_getppid, 0, 0) == -EINVAL);
	HOLDS(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	HOLDS(sys_seccomp_filter(deny_getppid, 4, 0) == 0);
	HOLDS(syscall(SYS_getppid) == -1 && errno == EXDEV);
	return 0;
}

static void what_only_a_child_may_try(void **state)
{
	(void)state;
	assert_int_equal(in_child(dropping_the_high_half), 0);
	assert_int_equal(in_child(becoming_someone), 0);
	assert_int_equal(in_child(filtering_a_call), 0);
}

static void futexes_wake_and_time_out(void **state)
{
	const struct timespec soon = {.tv_nsec = 1000000};
	int word = 7;
	(void)state;
	assert_int_equal(sys_futex_wait(&word, 8, NULL), -EAGAIN);
	assert_int_equal(sys_futex_wait(&word, 7, &soon), -ETIMEDOUT);
	assert_int_equal(sys_futex_wake(&word), 0);
}

static char dir[] = "/tmp/test_sys.XXXXXX";

static int in_directory(void **state)
{
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	return errno_sentinel(state);
}

static int out_of_directory(void **state)
{
	int err = errno_untouched(state);
	unlink("f");
	if (chdir("/") < 0 || rmdir(dir) < 0)
		return -1;
	return err;
}

static void files_are_written_and_read(void **state)
{
	char buf[16];
	(void)state;
	assert_int_equal(sys_write_file(AT_FDCWD, "f", "abc", 3), -ENOENT); /* made by nobody */
	close(open("f", O_CREAT | O_WRONLY, 0600));
	assert_int_equal(sys_write_file(AT_FDCWD, "f", "abcdefgh", 8), 0);
	assert_int_equal(sys_write_file(AT_FDCWD, "f", "", 0), 0);
	assert_int_equal(sys_read_file(AT_FDCWD, "f", buf, sizeof(buf)), 8);
	assert_string_equal(buf, "abcdefgh");
	assert_int_equal(sys_write_file(AT_FDCWD, "f", "XY", 2), 0); /* what was longer is not cut */
	assert_int_equal(sys_read_file(AT_FDCWD, "f", buf, 9), 8);
	assert_string_equal(buf, "XYcdefgh");
	assert_int_equal(sys_read_file(AT_FDCWD, "f", buf, 4), 3);
	assert_string_equal(buf, "XYc");
	assert_int_equal(sys_read_file(AT_FDCWD, "f", buf, 1), 0);
	assert_string_equal(buf, "");
	assert_int_equal(sys_read_file(AT_FDCWD, "f", buf, 0), -EINVAL);
}

static void files_that_refuse(void **state)
{
	char buf[16] = "left";
	(void)state;
	assert_int_equal(sys_read_file(AT_FDCWD, "/nonexistent", buf, sizeof(buf)), -ENOENT);
	assert_string_equal(buf, "");
	assert_int_equal(sys_read_file(AT_FDCWD, "/proc", buf, sizeof(buf)), -EISDIR);
	assert_string_equal(buf, "");
	assert_int_equal(sys_read_file(-1, "f", buf, sizeof(buf)), -EBADF);
	assert_int_equal(sys_write_file(AT_FDCWD, "/dev/full", "x", 1), -ENOSPC);
	assert_int_equal(sys_write_file(AT_FDCWD, "/proc", "x", 1), -EISDIR);
	assert_int_equal(sys_write_file(AT_FDCWD, "/proc/self/oom_score_adj", "no number", 9), -EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, errno_sentinel, errno_untouched)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(clone3_runs_the_child_on_its_stack),
		TEST(clone3_failures_are_negative),
		TEST(descriptors_of_processes),
		TEST(ranges_of_descriptors_are_closed),
		TEST(openat2_stays_inside),
		TEST(mounts_that_do_not_exist),
		TEST(capabilities_are_what_proc_says),
		cmocka_unit_test(what_only_a_child_may_try),
		TEST(futexes_wake_and_time_out),
		cmocka_unit_test_setup_teardown(files_are_written_and_read, in_directory, out_of_directory),
		cmocka_unit_test_setup_teardown(files_that_refuse, in_directory, out_of_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
