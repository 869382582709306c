/* SPDX-License-Identifier: MIT
 * The service's /dev: a small file system with the harmless nodes and those that its file names,
 * built before it is mounted anywhere.
 */
#include "base/count.h"
#include "base/fmt.h"
#include "base/dirlist.h"
#include "base/span.h"
#include "base/sys.h"
#include "walls/filesystem/parts.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define FIRST_USER_NAMESPACE 0xeffffffdu /* PROC_USER_INIT_INO of the kernel, since 3.8 */
#define DEV_OPTIONS "mode=755,size=64k,nr_inodes=1024"
#define DEV_ATTRIBUTES (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)

static const struct {
	const char *name;
	unsigned major, minor; /* Documentation/admin-guide/devices.txt */
} nodes[FS_NODES] = {
	{"null", 1, 3},
	{"zero", 1, 5},
	{"full", 1, 7},
	{"random", 1, 8},
	{"urandom", 1, 9},
	{"tty", 5, 0},
};

static const struct {
	const char *name, *target;
} links[] = {
	{"fd", "/proc/self/fd"},
	{"stdin", "/proc/self/fd/0"},
	{"stdout", "/proc/self/fd/1"},
	{"stderr", "/proc/self/fd/2"},
	{"log", "/run/syslog/log"},
};

/* In a container nobody may make a node: by its bounding set, or because its user namespace is not
 * the kernel's first (mknod(2)). 1, 0 or -errno. */
static int may_make_nodes(void)
{
	struct stat st;
	int bounds = prctl(PR_CAPBSET_READ, CAP_MKNOD);
	if (bounds <= 0)
		return bounds < 0 ? -errno : 0;
	if (stat("/proc/self/ns/user", &st) == 0)
		return st.st_ino == FIRST_USER_NAMESPACE;
	return errno == ENOENT ? 1 : -errno; /* a kernel without user namespaces */
}

/* Read-only, so that its mode and owner stay the host's to change. */
static int take_node(struct fs_view *v, size_t i)
{
	v->node[i] = fs_copy(v, v->host_dev, nodes[i].name, 0);
	int err = v->node[i] < 0
		? v->node[i]
		: fs_set_attributes(v, v->node[i], 0, DEV_ATTRIBUTES | MOUNT_ATTR_RDONLY, 0);
	return err < 0 ? fs_fail(v, err, "/dev", nodes[i].name) : 0;
}

int fs_dev_take_nodes(struct fs_view *v)
{
	int may = may_make_nodes();
	if (may < 0)
		return fs_fail(v, may, "/dev", "whether a node may be made");
	for (size_t i = 0; i < COUNT(nodes); i++)
		v->node[i] = -1;
	for (size_t i = 0; !may && i < COUNT(nodes); i++) {
		int err = take_node(v, i);
		if (err < 0)
			return err;
	}
	return 0;
}

/* The host's own node, mounted on a file, with its owner and mode. Its file system must not be
 * nodev. */
static int bind_node(const struct fs_view *v, const char *name, int tree)
{
	int file = openat(v->dev, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file < 0)
		return -errno;
	close(file);
	int place = openat(v->dev, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int err = place < 0 ? -errno : fs_attach(v, tree, place);
	if (place >= 0)
		close(place);
	close(tree);
	return err;
}

static int make_node(const struct fs_view *v, size_t i)
{
	if (v->node[i] >= 0)
		return bind_node(v, nodes[i].name, v->node[i]);
	return mknodat(v->dev, nodes[i].name, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)) <
			0
		? -errno
		: 0;
}

static int make_nodes(const struct fs_view *v)
{
	for (size_t i = 0; i < COUNT(nodes); i++) {
		int err = make_node(v, i);
		if (err < 0)
			return fs_fail(v, err, "/dev", nodes[i].name);
	}
	for (size_t i = 0; i < COUNT(links); i++)
		if (symlinkat(links[i].target, v->dev, links[i].name) < 0)
			return fs_fail(v, -errno, "/dev", links[i].name);
	return 0;
}

/* A node like the host's, but the service's own: in its user namespace the host's owner and
 * group would be nobody. */
static int copy_node(const struct fs_view *v, const char *name, const struct stat *st)
{
	if (!S_ISCHR(st->st_mode) && !S_ISBLK(st->st_mode))
		return -ENODEV;
	if (mknodat(v->dev, name, (st->st_mode & (S_IFMT | 0777)) | 0600, st->st_rdev) < 0)
		return errno == EEXIST ? 0 : -errno;
	return fchownat(v->dev, name, v->owner->uid, v->owner->gid, AT_SYMLINK_NOFOLLOW) < 0 ? -errno
																						 : 0;
}

/* Makes what lies between /dev and the node's name ("net" of "net/tun"). */
static int make_parents(const struct fs_view *v, const char *name)
{
	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		char parent[64];
		struct fmt f;
		fmt_init(&f, parent, sizeof(parent));
		fmt_mem(&f, name, (size_t)(slash - name));
		if (f.cut)
			return -ENAMETOOLONG;
		if (mkdirat(v->dev, parent, 0755) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

static int copy_listed(const struct fs_view *v, int from, const char *directory)
{
	struct dirlist names;
	const char *name;
	int r;
	dirlist_start(&names, from);
	while ((r = dirlist_next(&names, &name)) > 0) {
		char path[128];
		struct fmt f;
		struct stat st;
		if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISDIR(st.st_mode) ||
			S_ISLNK(st.st_mode))
			continue;
		fmt_init(&f, path, sizeof(path));
		fmt_strs(&f, directory, "/", name, NULL);
		int err = f.cut ? -ENAMETOOLONG : copy_node(v, path, &st);
		if (err < 0)
			return err;
	}
	return r;
}

/* "snd", "input": the nodes in a directory, as they are now, and no deeper. */
static int copy_directory(const struct fs_view *v, const char *name)
{
	if (mkdirat(v->dev, name, 0755) < 0 && errno != EEXIST)
		return -errno;
	int from = openat(v->host_dev, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (from < 0)
		return -errno;
	int err = copy_listed(v, from, name);
	close(from);
	return err;
}

/* EAGAIN: something was mounted or renamed while a .. was looked up (openat2(2)) */
#define OPEN_TRIES 100

/* BENEATH: nothing outside /dev comes in by "..", an absolute path or a link. Before Linux 5.6
 * links are followed as everywhere. */
static int open_device(const struct fs_view *v, const char *name)
{
	int fd = -EAGAIN;
	for (int n = 0; fd == -EAGAIN && n < OPEN_TRIES; n++)
		fd = sys_openat2(v->host_dev, name, O_PATH | O_CLOEXEC, 0,
			RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
	if (fd != -ENOSYS)
		return fd;
	if (span_behind(name, ".."))
		return -EXDEV;
	char path[256];
	struct fmt f;
	fmt_init(&f, path, sizeof(path));
	fmt_strs(&f, "/", name, NULL);
	return f.cut ? -ENAMETOOLONG : fs_resolve(v->host_dev, path, FS_MAKE_NOTHING);
}

static int copy_device(const struct fs_view *v, const char *name)
{
	struct stat st;
	int fd = open_device(v, name);
	if (fd < 0)
		return fd;
	int err = fstat(fd, &st) < 0 ? -errno : 0;
	close(fd);
	if (err == 0)
		err = make_parents(v, name);
	if (err < 0)
		return err;
	return S_ISDIR(st.st_mode) ? copy_directory(v, name) : copy_node(v, name, &st);
}

/* Terminals of the service's own (devpts, Documentation/filesystems/devpts.rst): every mount is
 * a new instance. All of them share kernel.pty.max, 3072, and the kernel charges nobody with the
 * 20 kB of each: no service has more of them than TERMINALS. */
#define TERMINALS "256"
static int make_terminals(struct fs_view *v)
{
	char options[64];
	struct fmt f;
	bool seal = false;
	if (symlinkat("pts/ptmx", v->dev, "ptmx") < 0)
		return -errno;
	fmt_init(&f, options, sizeof(options));
	fmt_str(&f, "max=" TERMINALS ",ptmxmode=0666,mode=620,gid=");
	fmt_u64(&f, v->owner->tty_gid);
	int place = fs_resolve(v->root, "/dev/pts", FS_MAKE_DIRECTORY);
	int pts = place < 0 ? place : fs_fresh(v, "devpts", NULL, options, DEV_ATTRIBUTES, &seal);
	int err = pts < 0 ? pts : fs_attach(v, pts, place);
	if (place >= 0)
		close(place);
	if (pts >= 0)
		close(pts);
	return err;
}

static int add_devices(struct fs_view *v)
{
	const plan_str *list = plan_elements(v->p, v->f->devices, sizeof(*list));
	if (!list && v->f->devices.count)
		return fs_fail(v, -EINVAL, "list of devices", "");
	for (uint32_t i = 0; i < v->f->devices.count; i++) {
		const char *name = plan_text(v->p, list[i]);
		bool optional = name[0] == '-';
		name += optional;
		int err = strcmp(name, "pts") == 0 ? make_terminals(v) : copy_device(v, name);
		if (err < 0 && !(optional && err == -ENOENT))
			return fs_fail(v, err, "/dev", name);
	}
	return 0;
}

/* Where the empty things that cover hidden ones come from: /dev/shm itself, before its own file
 * system covers it in turn. */
static int open_nowhere(struct fs_view *v)
{
	if (mkdirat(v->dev, "shm", 0755) == 0)
		v->nowhere = openat(v->dev, "shm", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return v->nowhere < 0 ? fs_fail(v, -errno, "/dev/shm", "") : 0;
}

/* In a root of its own there is none of the host's /dev yet. */
static int bind_host_dev(struct fs_view *v)
{
	int place = fs_resolve(v->root, "/dev", FS_MAKE_NOTHING);
	int tree = place < 0 ? place : fs_copy(v, v->host_dev, "", AT_RECURSIVE);
	int err = tree < 0 ? tree : fs_set_attributes(v, tree, AT_RECURSIVE, DEV_ATTRIBUTES, 0);
	if (err == 0)
		err = fs_attach(v, tree, place);
	if (place >= 0)
		close(place);
	if (tree >= 0)
		close(tree);
	return err;
}

/* Sealing the root has taken the devices away (nodev), and it is for their owners and modes to
 * say who writes. */
static int open_host_dev(struct fs_view *v)
{
	static const char *const paths[] = {"/dev", "/dev/pts"};
	for (size_t i = 0; i < COUNT(paths); i++) {
		int fd = fs_resolve(v->root, paths[i], FS_MAKE_NOTHING);
		int err = fd < 0 ? fd
						 : fs_set_attributes(v, fd, 0, 0, MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY);
		if (fd >= 0)
			close(fd);
		/* A kernel or a host may be without terminals. */
		if (err < 0 && i == 0)
			return err;
		if (err < 0 && err != -ENOENT && err != -EINVAL)
			return err;
	}
	return 0;
}

/* Devices = *: the host's nodes, in their place. */
static int take_host_dev(struct fs_view *v)
{
	int err = v->own_root ? bind_host_dev(v) : 0;
	if (err == 0)
		err = open_host_dev(v);
	if (err < 0)
		return fs_fail(v, err, "/dev", "of the host");
	int place = fs_resolve(v->root, "/dev/shm", FS_MAKE_NOTHING);
	bool seal = false;
	int nowhere = place < 0
		? place
		: fs_fresh(v, "tmpfs", NULL, "mode=700,size=4k", DEV_ATTRIBUTES | MOUNT_ATTR_NODEV, &seal);
	err = nowhere < 0 ? nowhere : fs_attach(v, nowhere, place);
	if (place >= 0)
		close(place);
	v->nowhere = nowhere;
	return err < 0 ? fs_fail(v, err, "/dev/shm", "") : 0;
}

int fs_dev_build(struct fs_view *v)
{
	bool seal = false;
	v->dev = -1;
	if (v->f->flags & FS_HOST_DEV)
		return take_host_dev(v);
	int place = fs_resolve(v->root, "/dev", FS_MAKE_NOTHING);
	v->dev = place < 0 ? place : fs_fresh(v, "tmpfs", NULL, DEV_OPTIONS, DEV_ATTRIBUTES, &seal);
	int err = v->dev < 0 ? v->dev : fs_attach(v, v->dev, place);
	if (place >= 0)
		close(place);
	if (err < 0)
		return fs_fail(v, err, "/dev",
			err == -ENOENT && v->own_root ? "is not in the own root" : "");
	err = make_nodes(v);
	if (err == 0)
		err = open_nowhere(v);
	return err < 0 ? err : add_devices(v);
}
