/* SPDX-License-Identifier: MIT
 * Raw system calls: see sys.h. All go through raw_syscall, so that a child that shares its parent's
 * memory does not change the parent's errno, and a change of ids affects the calling thread alone.
 */
#include "base/sys.h"
#include "base/raw.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <linux/stat.h>
#include <sched.h>
#include <sys/syscall.h>

#define CALL(nr, a, b, c, d, e, f) \
	raw_syscall((nr), RAW_ARG(a), RAW_ARG(b), RAW_ARG(c), RAW_ARG(d), RAW_ARG(e), RAW_ARG(f))

#define MOUNT_PATH 512

/* The same numbers on all architectures; libc may be older. */
#ifndef SYS_process_mrelease
#define SYS_process_mrelease 448
#endif

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

/* 32-bit ARM kept the calls of the 16-bit ids under the plain names. */
#ifdef SYS_setresuid32
#define NR_SETRESUID SYS_setresuid32
#define NR_SETRESGID SYS_setresgid32
#define NR_SETGROUPS SYS_setgroups32
#else
#define NR_SETRESUID SYS_setresuid
#define NR_SETRESGID SYS_setresgid
#define NR_SETGROUPS SYS_setgroups
#endif

int sys_pidfd_open(pid_t pid)
{
	return (int)CALL(SYS_pidfd_open, pid, 0, 0, 0, 0, 0);
}

int sys_pidfd_send_signal(int pidfd, int sig)
{
	return (int)CALL(SYS_pidfd_send_signal, pidfd, sig, 0, 0, 0, 0);
}

int sys_process_mrelease(int pidfd)
{
	return (int)CALL(SYS_process_mrelease, pidfd, 0, 0, 0, 0, 0);
}

int sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	return (int)CALL(SYS_close_range, first, last, flags, 0, 0, 0);
}

int sys_open_tree(int dirfd, const char *path, unsigned flags)
{
	return (int)CALL(SYS_open_tree, dirfd, path, flags, 0, 0, 0);
}

int sys_move_mount(int from, const char *from_path, int to, const char *to_path, unsigned flags)
{
	return (int)CALL(SYS_move_mount, from, from_path, to, to_path, flags, 0);
}

int sys_mount_setattr(int dirfd, const char *path, unsigned flags, struct mount_attr *attr)
{
	return (int)CALL(SYS_mount_setattr, dirfd, path, flags, attr, sizeof(*attr), 0);
}

int sys_fsopen(const char *type, unsigned flags)
{
	return (int)CALL(SYS_fsopen, type, flags, 0, 0, 0, 0);
}

int sys_fsconfig(int fd, unsigned cmd, const char *key, const void *value, int aux)
{
	return (int)CALL(SYS_fsconfig, fd, cmd, key, value, aux, 0);
}

int sys_fsmount(int fd, unsigned flags, unsigned attr)
{
	return (int)CALL(SYS_fsmount, fd, flags, attr, 0, 0, 0);
}

int sys_openat2(int dirfd, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve)
{
	struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
	return (int)CALL(SYS_openat2, dirfd, path, &how, sizeof(how), 0, 0);
}

int sys_pivot_root(const char *new_root, const char *put_old)
{
	return (int)CALL(SYS_pivot_root, new_root, put_old, 0, 0, 0, 0);
}

int sys_seccomp_filter(const struct sock_filter *prog, unsigned short count, unsigned flags)
{
	/* The kernel only reads the filter; its header merely lacks the const. */
	struct sock_fprog fprog = {.len = count, .filter = (struct sock_filter *)(uintptr_t)prog};
	return (int)CALL(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &fprog, 0, 0, 0);
}

/* EINVAL is also for a filter that is wrong. A kernel with filters first finds no filter at
 * address 0 (seccomp(2)). */
bool sys_seccomp_lacks_filters(int err)
{
	return err == -ENOSYS ||
		(err == -EINVAL && CALL(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, 0, 0, 0, 0) == -EINVAL);
}

int sys_landlock_create_ruleset(const void *attr, size_t size, unsigned flags)
{
	return (int)CALL(SYS_landlock_create_ruleset, attr, size, flags, 0, 0, 0);
}

int sys_landlock_add_rule(int ruleset, unsigned type, const void *attr)
{
	return (int)CALL(SYS_landlock_add_rule, ruleset, type, attr, 0, 0, 0);
}

int sys_landlock_restrict_self(int ruleset)
{
	return (int)CALL(SYS_landlock_restrict_self, ruleset, 0, 0, 0, 0, 0);
}

static uint32_t low_half(uint64_t v)
{
	return (uint32_t)(v & UINT32_MAX);
}

static uint32_t high_half(uint64_t v)
{
	return (uint32_t)(v >> 32);
}

int sys_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
		{low_half(effective), low_half(permitted), low_half(inheritable)},
		{high_half(effective), high_half(permitted), high_half(inheritable)},
	};
	return (int)CALL(SYS_capset, &head, data, 0, 0, 0, 0);
}

static uint64_t join_halves(uint32_t low, uint32_t high)
{
	return low | (uint64_t)high << 32;
}

int sys_capget(uint64_t *effective, uint64_t *permitted, uint64_t *inheritable)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
	int err = (int)CALL(SYS_capget, &head, data, 0, 0, 0, 0);
	if (err < 0)
		return err;
	*effective = join_halves(data[0].effective, data[1].effective);
	*permitted = join_halves(data[0].permitted, data[1].permitted);
	*inheritable = join_halves(data[0].inheritable, data[1].inheritable);
	return 0;
}

int sys_setresuid(uid_t id)
{
	return (int)CALL(NR_SETRESUID, id, id, id, 0, 0, 0);
}

int sys_setresgid(gid_t id)
{
	return (int)CALL(NR_SETRESGID, id, id, id, 0, 0, 0);
}

int sys_setgroups(size_t n, const gid_t *ids)
{
	return (int)CALL(NR_SETGROUPS, n, ids, 0, 0, 0, 0);
}

/* musl's own answers ENOSYS. */
int sys_sched_setscheduler(int policy)
{
	const struct sched_param none = {0};
	return (int)CALL(SYS_sched_setscheduler, 0, policy, &none, 0, 0, 0);
}

int sys_futex_wait(const int *word, int expected, const struct timespec *relative)
{
#ifdef SYS_futex_time64
	/* A 32-bit machine: which call it is depends on the libc's time_t (musl: 64 bits since
	 * 1.2.0). */
	if (sizeof(time_t) == sizeof(int64_t))
		return (int)CALL(SYS_futex_time64, word, FUTEX_WAIT, expected, relative, 0, 0);
#endif
	return (int)CALL(SYS_futex, word, FUTEX_WAIT, expected, relative, 0, 0);
}

int sys_futex_wake(int *word)
{
	return (int)CALL(SYS_futex, word, FUTEX_WAKE, 1, 0, 0, 0);
}

int sys_setns(int fd, int nstype)
{
	return (int)CALL(SYS_setns, fd, nstype, 0, 0, 0, 0);
}

int sys_ioctl(int fd, unsigned long request, void *arg)
{
	return (int)CALL(SYS_ioctl, fd, request, arg, 0, 0, 0);
}

int sys_unshare(int flags)
{
	return (int)CALL(SYS_unshare, flags, 0, 0, 0, 0, 0);
}

void sys_exit(int status)
{
	for (;;)
		CALL(SYS_exit_group, status, 0, 0, 0, 0, 0);
}

static int open_file(int dirfd, const char *path, int flags)
{
	return (int)CALL(SYS_openat, dirfd, path, flags | O_CLOEXEC | O_LARGEFILE, 0, 0, 0);
}

int sys_write_file(int dirfd, const char *path, const char *text, size_t n)
{
	int fd = open_file(dirfd, path, O_WRONLY);
	if (fd < 0)
		return fd;
	/* One write: files of cgroup, proc and selinuxfs take a value whole or not at all. */
	long done = CALL(SYS_write, fd, text, n, 0, 0, 0);
	int closed = (int)CALL(SYS_close, fd, 0, 0, 0, 0, 0);
	if (done < 0)
		return (int)done;
	if ((size_t)done != n)
		return -EIO;
	return closed;
}

int sys_read_file(int dirfd, const char *path, char *buf, size_t cap)
{
	size_t n = 0;
	long got = 1;
	if (cap == 0)
		return -EINVAL;
	buf[0] = '\0';
	int fd = open_file(dirfd, path, O_RDONLY);
	if (fd < 0)
		return fd;
	/* Each turn takes at least one byte, so cap bounds the loop; proc files come in pieces. */
	while (got > 0 && n < cap - 1) {
		got = CALL(SYS_read, fd, buf + n, cap - 1 - n, 0, 0, 0);
		n += got > 0 ? (size_t)got : 0;
	}
	CALL(SYS_close, fd, 0, 0, 0, 0, 0);
	buf[got < 0 ? 0 : n] = '\0';
	return got < 0 ? (int)got : (int)n;
}

static bool looked_at(const char *path, struct statx *st)
{
	return CALL(SYS_statx, AT_FDCWD, path, AT_NO_AUTOMOUNT, 0, st, 0) == 0;
}

/* By the name of it, since Linux 5.8; before, by its device, which a bind mount shares. */
bool sys_is_mount(const char *path)
{
	char parent[MOUNT_PATH + sizeof("/..")];
	struct statx here = {0}, above = {0};
	size_t n = 0;
	while (n < MOUNT_PATH && path[n]) {
		parent[n] = path[n];
		n++;
	}
	if (path[n] || !looked_at(path, &here))
		return false;
	if (here.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT)
		return here.stx_attributes & STATX_ATTR_MOUNT_ROOT;
	parent[n] = '/', parent[n + 1] = '.', parent[n + 2] = '.', parent[n + 3] = 0;
	return looked_at(parent, &above) &&
		(here.stx_dev_major != above.stx_dev_major || here.stx_dev_minor != above.stx_dev_minor);
}
