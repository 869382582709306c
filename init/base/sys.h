/* SPDX-License-Identifier: MIT
 * System calls that musl does not wrap, or wraps with side effects. Each returns what the kernel
 * returns: a result, or a negative errno. None allocates, retries or touches errno. The Linux
 * version is in parentheses if it is newer than 4.9.
 */
#pragma once
#include "base/newer.h"
#include <linux/filter.h>
#include <linux/sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* clone3(2) (5.3). The child runs fn(arg) on the stack given in args; fn must not return. Returns
 * the pid in the parent. */
long sys_clone3(struct clone_args *args, size_t size, void (*fn)(void *), void *arg);
int sys_pidfd_open(pid_t pid);                 /* (5.3) close-on-exec */
int sys_pidfd_send_signal(int pidfd, int sig); /* (5.1) */
/* (5.15) for a process that was killed */
int sys_process_mrelease(int pidfd);
int sys_close_range(unsigned first, unsigned last, unsigned flags); /* (5.9) */
int sys_open_tree(int dirfd, const char *path, unsigned flags);     /* (5.2) */
/* (5.2) */
int sys_move_mount(int from, const char *from_path, int to, const char *to_path, unsigned flags);
/* (5.12) */
int sys_mount_setattr(int dirfd, const char *path, unsigned flags, struct mount_attr *attr);
/* (5.2) */
int sys_fsopen(const char *type, unsigned flags);
int sys_fsconfig(int fd, unsigned cmd, const char *key, const void *value, int aux);
int sys_fsmount(int fd, unsigned flags, unsigned attr);
/* (5.6) RESOLVE_* */
int sys_openat2(int dirfd, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
int sys_pivot_root(const char *new_root, const char *put_old);
int sys_seccomp_filter(const struct sock_filter *prog, unsigned short count, unsigned flags);
/* whether `err` of sys_seccomp_filter() means that this kernel has no seccomp filters */
bool sys_seccomp_lacks_filters(int err);
/* (5.13) close-on-exec */
int sys_landlock_create_ruleset(const void *attr, size_t size, unsigned flags);
int sys_landlock_add_rule(int ruleset, unsigned type, const void *attr);
int sys_landlock_restrict_self(int ruleset);
int sys_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable);
int sys_capget(uint64_t *effective, uint64_t *permitted, uint64_t *inheritable);
/* All three ids, of this thread only: safe in a child that shares memory with its parent. */
int sys_setresuid(uid_t id);
int sys_setresgid(gid_t id);
int sys_setgroups(size_t n, const gid_t *ids);
int sys_sched_setscheduler(int policy); /* of the caller, at priority 0 */
int sys_futex_wait(const int *word, int expected, const struct timespec *relative);
int sys_futex_wake(int *word);
int sys_setns(int fd, int nstype);
/* `request` may exceed 31 bits, for which the types of musl and glibc differ */
int sys_ioctl(int fd, unsigned long request, void *arg);
int sys_unshare(int flags);
void sys_exit(int status) __attribute__((noreturn)); /* exit_group */

/* Whole files; paths relative to dirfd or absolute. */
/* Opens with O_WRONLY|O_CLOEXEC and writes once. 0 or -errno; -EIO for a short write. */
int sys_write_file(int dirfd, const char *path, const char *text, size_t n);
/* Reads up to cap-1 bytes and adds a NUL. Returns the length or -errno. */
int sys_read_file(int dirfd, const char *path, char *buf, size_t cap);
/* Whether `path` is a mount point. A symbolic link is followed. */
bool sys_is_mount(const char *path);
