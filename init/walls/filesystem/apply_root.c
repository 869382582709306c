/* SPDX-License-Identifier: MIT
 * The root of the view: the copy of the host's that unshare(2) made, or another tree (RootDirectory, RootImage), which takes its place at the end by
 * pivot_root(2), so that until then the host's paths are the host's. An image is a squashfs or erofs on a loop device that goes with its last mount.
 */
#include "base/fmt.h"
#include "base/sys.h"
#include "walls/filesystem/parts.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <linux/magic.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#define SEALED (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
#define LOOP_TRIES 64 /* somebody else may take a device between two calls */
#define LOOP_CONTROL "/dev/loop-control"

/* ---- the image ---- */

static const struct {
	const char *type;
	off_t at;
	uint8_t magic[4];
} types[] = {
	{"squashfs", 0, {'h', 's', 'q', 's'}},
	{"erofs", 1024, {0xe2, 0xe1, 0xf5, 0xe0}},
};

static const char *type_of(int image)
{
	uint8_t magic[4];

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (pread(image, magic, sizeof(magic), types[i].at) == (ssize_t)sizeof(magic) &&
			memcmp(magic, types[i].magic, sizeof(magic)) == 0)
			return types[i].type;
	return NULL;
}

static int open_image(const char *path)
{
	char name[40];
	struct fmt f;
	struct stat st;
	int place = fs_resolve(FS_HOST, path, FS_MAKE_NOTHING);

	if (place < 0)
		return place;
	/* Looked at before it is opened: a FIFO would keep us waiting, a device may do anything. */
	int err = fstat(place, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? 0 : -EINVAL;

	fmt_init(&f, name, sizeof(name));
	fmt_str(&f, "/proc/self/fd/");
	fmt_i64(&f, place);
	int image = err < 0 ? err : open(name, O_RDONLY | O_CLOEXEC);

	if (err == 0 && image < 0)
		image = -errno;
	close(place);
	return image;
}

/* LOOP_CONFIGURE came with 5.8; before, it took two calls. */
static int set_loop(int loop, int image)
{
	struct loop_config config = {.fd = (uint32_t)image, .info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR};

	if (ioctl(loop, LOOP_CONFIGURE, &config) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOTTY)
		return -errno;
	if (ioctl(loop, LOOP_SET_FD, image) < 0)
		return -errno;
	if (ioctl(loop, LOOP_SET_STATUS64, &config.info) == 0)
		return 0;
	int err = -errno;

	ioctl(loop, LOOP_CLR_FD, 0);
	return err;
}

/* A free loop device with the image in it: its descriptor, whose close gives it back unless it is mounted; `path` is its node. */
static int take_loop(int control, int image, struct fmt *path)
{
	for (int turn = 0; turn < LOOP_TRIES; turn++) {
		int n = ioctl(control, LOOP_CTL_GET_FREE);

		if (n < 0)
			return -errno;
		path->len = 0;
		fmt_str(path, "/dev/loop");
		fmt_i64(path, n);
		int loop = open(path->buf, O_RDONLY | O_CLOEXEC);

		if (loop < 0)
			return -errno;
		int err = set_loop(loop, image);

		if (err == 0)
			return loop;
		close(loop);
		if (err != -EBUSY)
			return err;
	}
	return -EBUSY;
}

static int mount_loop(struct fs_view *v, int image, const char *type)
{
	char node[32];
	struct fmt path;
	bool seal = false;
	int control = open(LOOP_CONTROL, O_RDWR | O_CLOEXEC);

	if (control < 0)
		return fs_fail(v, -errno, LOOP_CONTROL, "(the kernel's module loop)");
	fmt_init(&path, node, sizeof(node));
	int loop = take_loop(control, image, &path);

	close(control);
	if (loop < 0)
		return fs_fail(v, loop, "loop device", "");
	v->root = fs_fresh(v, type, node, "", SEALED | MOUNT_ATTR_RDONLY, &seal);
	close(loop);
	if (v->root == -ENODEV)
		return fs_fail(v, v->root, type, "is no file system of this kernel (its module?)");
	return v->root < 0 ? fs_fail(v, v->root, type, plan_text(v->p, v->f->root_image)) : 0;
}

static int open_root_image(struct fs_view *v)
{
	const char *path = plan_text(v->p, v->f->root_image);
	int image = open_image(path);

	if (image < 0)
		return fs_fail(v, image, "RootImage", path);
	const char *type = type_of(image);
	int err = type ? mount_loop(v, image, type) : fs_fail(v, -EINVAL, "neither squashfs nor erofs:", path);

	close(image);
	return err;
}

static int open_root_directory(struct fs_view *v)
{
	const char *path = plan_text(v->p, v->f->root_directory);
	struct stat st;
	int place = fs_resolve(FS_HOST, path, FS_MAKE_NOTHING);

	if (place < 0)
		return fs_fail(v, place, "RootDirectory", path);
	if (fstat(place, &st) < 0 || !S_ISDIR(st.st_mode))
		v->root = -ENOTDIR;
	else
		v->root = fs_copy(v, place, "", AT_RECURSIVE);
	close(place);
	return v->root < 0 ? fs_fail(v, v->root, "RootDirectory", path) : 0;
}

int fs_root_open(struct fs_view *v)
{
	v->own_root = fs_has_own_root(v->f);
	if (v->f->root_image)
		return open_root_image(v);
	if (v->f->root_directory)
		return open_root_directory(v);
	v->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return v->root < 0 ? fs_fail(v, -errno, "/", "") : 0;
}

/* A tree that is nowhere can't be mounted upon (before 6.15). Over "/" no path of the host leads to it. */
int fs_root_attach(struct fs_view *v)
{
	if (!v->own_root || v->old)
		return 0;
	int host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int err = host < 0 ? -errno : fs_attach(v, v->root, host);

	if (host >= 0)
		close(host);
	return err < 0 ? fs_fail(v, err, "/", "covered by the own root") : 0;
}

int fs_root_seal(struct fs_view *v)
{
	uint64_t read_only = v->root_writable ? 0 : MOUNT_ATTR_RDONLY;
	int err = fs_set_attributes(v, v->root, AT_RECURSIVE, SEALED | read_only, 0);

	return err < 0 ? fs_fail(v, err, "read-only root", "") : 0;
}

/* pivot_root(2) leaves the host's root on top of ours. With mount(2) alone the bench is on top of that, and goes first. */
static int drop_host(const struct fs_view *v)
{
	for (int n = v->old ? 2 : 1; n > 0; n--)
		if (umount2(".", MNT_DETACH) < 0)
			return -errno;
	return 0;
}

/* An initramfs can't be put away: it is covered for good. Nothing lies above its root, so there no way leads below what covers it; with any other
 * root that can't be changed (a chroot) this would not hold. */
static int cover_host(struct fs_view *v)
{
	struct statfs st;
	int host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int err = host < 0 || fstatfs(host, &st) < 0 ? -errno : 0;

	if (err == 0 && st.f_type != RAMFS_MAGIC && st.f_type != TMPFS_MAGIC)
		err = -EINVAL;
	if (err == 0 && v->old)
		err = fchdir(v->proc) < 0 ? -errno : fs_attach(v, v->root, host);
	if (err == 0 && (fchdir(v->root) < 0 || chroot(".") < 0))
		err = -errno;
	if (host >= 0)
		close(host);
	return err;
}

int fs_root_enter(struct fs_view *v)
{
	if (!v->own_root) {
		int err = v->old ? fs_old_end(v) : 0;

		return err < 0 ? fs_fail(v, err, "the bench", "") : 0;
	}
	int err = fchdir(v->root) < 0 ? -errno : sys_pivot_root(".", ".");

	err = err == 0 ? drop_host(v) : err == -EINVAL ? cover_host(v) : err;
	return err < 0 ? fs_fail(v, err, "pivot_root", "") : 0;
}
