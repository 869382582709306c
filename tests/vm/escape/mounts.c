/* SPDX-License-Identifier: MIT
 * Ways out through the tree of mounts.
 */
#include "escape.h"
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* sys/mount.h and linux/mount.h don't go together. */
int mount(const char *source, const char *target, const char *type, unsigned long flags,
	const void *data);
int umount2(const char *target, int flags);
#define DETACH 2

static int try_mount(const char *type, const char *target)
{
	apart();
	return unless(type, mount("escape", target, type, 0, NULL));
}

static int mount_tmpfs(void)
{
	return try_mount("tmpfs", "/tmp");
}
static int mount_proc(void)
{
	return try_mount("proc", "/tmp");
}
static int mount_sysfs(void)
{
	return try_mount("sysfs", "/tmp");
}
static int mount_cgroup(void)
{
	return try_mount("cgroup2", "/tmp");
}
static int mount_devtmpfs(void)
{
	return try_mount("devtmpfs", "/tmp");
}
static int mount_devpts(void)
{
	return try_mount("devpts", "/tmp");
}
static int mount_debugfs(void)
{
	return try_mount("debugfs", "/tmp");
}

static int mount_disk(void)
{
	apart();
	mknod("/tmp/escape-disk", S_IFBLK | 0600, makedev(254, 0));
	const char *disk = access("/dev/vda", F_OK) == 0 ? "/dev/vda" : "/tmp/escape-disk";
	int r = mount(disk, "/tmp", "erofs", MS_RDONLY, NULL);
	return unless("the root disk", r);
}

static int mount_bind(void)
{
	apart();
	return unless("bind", mount("/etc", "/tmp", NULL, MS_BIND, NULL));
}

static int mount_move(void)
{
	apart();
	return gate("move", mount("/proc", "/tmp", NULL, MS_MOVE, NULL));
}

static int mount_shared(void)
{
	apart();
	return unless("propagation", mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL));
}

static int remount_writable(void)
{
	apart();
	return unless("remount", mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL));
}

static int remount_super(void)
{
	apart();
	return unless("remount of the file system",
		mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL));
}

static int setattr_writable(void)
{
	struct mount_attr a = {.attr_clr = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV};
	apart();
	return unless("mount_setattr",
		syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &a, sizeof(a)));
}

static int unmount(void)
{
	apart();
	return unless("umount2", umount2("/proc", DETACH));
}

static int pivot(void)
{
	apart();
	return gate("pivot_root", syscall(SYS_pivot_root, "/tmp", "/tmp"));
}

/* The classic: stand outside of a chroot made below, and walk up. */
static int chroot_walk(void)
{
	mkdir("/tmp/escape-chroot", 0700);
	if (chroot("/tmp/escape-chroot"))
		return blocked("chroot");
	for (int i = 0; i < 64; i++)
		if (chdir(".."))
			return blocked("chdir");
	return unless("chroot", chroot("."));
}

static int new_file_system(void)
{
	int fs = (int)syscall(SYS_fsopen, "tmpfs", 0);
	if (fs < 0)
		return blocked("fsopen");
	if (syscall(SYS_fsconfig, fs, 6 /* CMD_CREATE */, NULL, NULL, 0))
		return blocked("fsconfig");
	return unless("fsmount", syscall(SYS_fsmount, fs, 0, 0));
}

static int pick_file_system(void)
{
	return unless("fspick", syscall(SYS_fspick, AT_FDCWD, "/", 0));
}

static int clone_tree(void)
{
	return unless("open_tree",
		syscall(SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE | AT_RECURSIVE));
}

static int move_tree(void)
{
	apart();
	return gate("move_mount", syscall(SYS_move_mount, AT_FDCWD, "/proc", AT_FDCWD, "/tmp", 0));
}

struct handle {
	unsigned bytes;
	int type;
	unsigned char data[128];
};

static int handle_name(void)
{
	struct handle h = {.bytes = sizeof(h.data)};
	int id;
	return unless("name_to_handle_at",
		syscall(SYS_name_to_handle_at, AT_FDCWD, "/etc", &h, &id, 0));
}

/* The handle of the root's inode can be guessed, so that nobody has to be asked for it. */
static int handle_open(void)
{
	struct handle h = {.bytes = 8, .type = 1, .data = {2}};
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return gate("open_by_handle_at", syscall(SYS_open_by_handle_at, root, &h, O_RDONLY));
}

static int make_node(const char *path, mode_t type, dev_t device)
{
	unlink(path);
	int r = mknod(path, type | 0600, device);
	if (r == 0)
		unlink(path);
	return unless("mknod", r);
}

static int node_char(void)
{
	return make_node("/tmp/escape-mem", S_IFCHR, makedev(1, 1));
}
static int node_block(void)
{
	return make_node("/tmp/escape-disk", S_IFBLK, makedev(254, 0));
}

static int loop_device(void)
{
	int fd = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	return unless("/dev/loop-control", fd);
}

/* Every mount must be nosuid, and what can be written neither have devices nor programs. */
static int loose_mount(void)
{
	char line[4096];
	FILE *f = fopen("/proc/self/mountinfo", "re");
	if (!f)
		return blocked("mountinfo");
	while (fgets(line, sizeof(line), f)) {
		char point[512] = "", options[512] = "";
		sscanf(line, "%*s %*s %*s %*s %511s %511s", point, options);
		bool written = strncmp(options, "rw", 2) == 0 && strncmp(point, "/proc", 5) != 0;
		bool loose = !strstr(options, "nosuid") || (written && !strstr(options, "nodev")) ||
			(written && !strstr(options, "noexec"));
		if (loose && strcmp(point, "/dev") != 0) {
			fclose(f);
			return escaped(strcat(strcat(point, " "), options));
		}
	}
	fclose(f);
	return blocked_by("mountinfo", "all are nosuid; writable ones are nodev and noexec");
}

const struct probe mount_probes[] = {
	{"mount-tmpfs", "mount(2) of a fresh tmpfs", mount_tmpfs, OUTSIDE},
	{"mount-proc", "another /proc, with everything in it", mount_proc, OUTSIDE},
	{"mount-sysfs", "/sys, which is hidden", mount_sysfs, OUTSIDE},
	{"mount-cgroup", "the tree of control groups", mount_cgroup, OUTSIDE},
	{"mount-devtmpfs", "the host's device nodes", mount_devtmpfs, OUTSIDE},
	{"mount-devpts", "terminals of one's own", mount_devpts, OUTSIDE},
	{"mount-debugfs", "the kernel's debugging files", mount_debugfs, 0},
	{"mount-disk", "the root disk, a second time", mount_disk, 0},
	{"mount-bind", "a bind mount", mount_bind, OUTSIDE},
	{"mount-move", "a mount moved elsewhere", mount_move, OUTSIDE},
	{"mount-shared", "propagation to the host", mount_shared, OUTSIDE},
	{"remount-writable", "the root made writable again", remount_writable, OUTSIDE},
	{"remount-super", "the root's file system remounted", remount_super, 0},
	{"mount-setattr", "the seals taken off by mount_setattr(2)", setattr_writable, OUTSIDE},
	{"umount-proc", "what covers something taken away", unmount, OUTSIDE},
	{"pivot-root", "another root", pivot, OUTSIDE},
	{"chroot-walk", "chroot(2), and up out of it", chroot_walk, OUTSIDE},
	{"fsopen", "the new mount calls: fsopen, fsconfig, fsmount", new_file_system, OUTSIDE},
	{"fspick", "a handle on the root's file system", pick_file_system, OUTSIDE},
	{"open-tree", "a copy of the tree, by descriptor", clone_tree, OUTSIDE},
	{"move-mount", "move_mount(2)", move_tree, OUTSIDE},
	{"name-to-handle", "a file handle", handle_name, OUTSIDE},
	{"open-by-handle", "a file by a guessed handle, past all directories", handle_open, OUTSIDE},
	{"mknod-char", "a node for the memory", node_char, OUTSIDE},
	{"mknod-block", "a node for the disk", node_block, OUTSIDE},
	{"loop-device", "a loop device", loop_device, 0},
	{"loose-mount", "a mount that keeps set-user-ID, or a writable one with programs", loose_mount,
		OUTSIDE},
	{0},
};
