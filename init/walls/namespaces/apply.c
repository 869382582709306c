/* SPDX-License-Identifier: MIT
 * The namespaces that are made late, and the map of the user namespace: see namespaces.h.
 */
#include "walls/namespaces/namespaces.h"
#include "base/fmt.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

/* unshare(2) is for children alone, and for one that shares its parent's memory only from its
 * execve on, where the kernel does that at all (6.2): so we enter it ourselves
 * (time_namespaces(7)). No offsets are set: time-outs that PID 1 hands over in absolute terms
 * stay true. */
static int enter_time(int proc, struct wall_why *why)
{
	int fd = openat(proc, "self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? wall_lacking(why, OPTIONAL_TIME, -ENOSYS, "time namespace")
							   : wall_failed(why, -errno, "ns/time");
	close(fd);
	int err = sys_unshare(CLONE_NEWTIME);
	if (err < 0)
		return wall_failed(why, err, "unshare of time");
	fd = openat(proc, "self/ns/time_for_children", O_RDONLY | O_CLOEXEC); /* another one now */
	if (fd < 0)
		return wall_failed(why, -errno, "ns/time_for_children");
	err = sys_setns(fd, CLONE_NEWTIME);
	close(fd);
	return err < 0 ? wall_failed(why, err, "setns to time") : 0;
}

/* Of a link in /proc/self/ns. Not by faccessat(): musl's brings clone(2) along. */
static bool kernel_lacks(int proc, const char *path)
{
	char c;
	return readlinkat(proc, path, &c, 1) < 0 && errno == ENOENT;
}

int namespaces_enter(const struct plan *p, const struct namespaces_plan *n, int proc,
	struct wall_why *why)
{
	const char *hostname = plan_text(p, n->hostname);
	int late = (n->own & NS_MOUNT ? CLONE_NEWNS : 0) | (n->own & NS_CGROUP ? CLONE_NEWCGROUP : 0);
	int err = late ? sys_unshare(late) : 0;
	if (err == -EINVAL && late & CLONE_NEWCGROUP && kernel_lacks(proc, "self/ns/cgroup"))
		return wall_failed(why, err, "this kernel has no cgroup namespaces");
	if (err < 0)
		return wall_failed(why, err, "unshare");
	if (n->own & NS_TIME && (err = enter_time(proc, why)) < 0)
		return err;
	/* Only in a namespace of our own: the machine's name is not the service's to change. */
	if (!hostname[0] || !(n->own & NS_UTS))
		return 0;
	return sethostname(hostname, strlen(hostname)) < 0
		? wall_failed2(why, -errno, "hostname", hostname)
		: 0;
}

bool namespaces_lack_user(int proc, int err)
{
	char max[24];
	if (err == -EINVAL)
		return kernel_lacks(proc, "self/ns/user");
	return err == -ENOSPC &&
		sys_read_file(proc, "sys/user/max_user_namespaces", max, sizeof(max)) > 0 &&
		strcmp(max, "0\n") == 0;
}

static int write_map(int proc, int pid, const char *file, const char *map, size_t n,
	struct wall_why *why)
{
	char path[40];
	struct fmt f;
	fmt_init(&f, path, sizeof(path));
	fmt_i64(&f, pid);
	fmt_strs(&f, "/", file, NULL);
	int err = sys_write_file(proc, path, map, n);
	return err < 0 ? wall_failed2(why, err, file, map) : 0;
}

int namespaces_map_ids(const struct namespaces_plan *n, int proc, int pid, struct wall_why *why)
{
	char map[48];
	struct fmt f;
	/* A range that holds the host's root, or wraps around, would be no wall. */
	if (n->id_base == 0 || n->id_count == 0 || n->id_count > UINT32_MAX - n->id_base)
		return wall_failed(why, -EINVAL, "range of ids");
	fmt_init(&f, map, sizeof(map));
	fmt_str(&f, "0 ");
	fmt_u64(&f, n->id_base);
	fmt_char(&f, ' ');
	fmt_u64(&f, n->id_count);
	/* The writer is outside, so setgroups(2) may stay allowed inside (user_namespaces(7)). */
	int err = write_map(proc, pid, "uid_map", map, f.len, why);
	return err < 0 ? err : write_map(proc, pid, "gid_map", map, f.len, why);
}
