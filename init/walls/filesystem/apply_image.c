/* SPDX-License-Identifier: MIT
 * RootImage: a squashfs or erofs on a loop device that goes with its last mount.
 */
#include "base/count.h"
#include "base/fmt.h"
#include "base/sys.h"
#include "walls/filesystem/parts.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOP_TRIES 64 /* somebody else may take a device between two calls */
#define LOOP_CONTROL "/dev/loop-control"

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
	for (size_t i = 0; i < COUNT(types); i++)
		if (pread(image, magic, sizeof(magic), types[i].at) == (ssize_t)sizeof(magic) &&
			memcmp(magic, types[i].magic, sizeof(magic)) == 0)
			return types[i].type;
	return NULL;
}

static int open_image(const char *path)
{
	char name[FMT_OWN_FD];
	struct stat st;
	int place = fs_resolve(FS_HOST, path, FS_MAKE_NOTHING);
	if (place < 0)
		return place;
	/* Looked at before it is opened: a FIFO would keep us waiting, a device may do anything. */
	int err = fstat(place, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? 0 : -EINVAL;
	fmt_own_fd(name, place);
	int image = err < 0 ? err : open(name, O_RDONLY | O_CLOEXEC);
	if (err == 0 && image < 0)
		image = -errno;
	close(place);
	return image;
}

/* LOOP_CONFIGURE came with 5.8; before, it took two calls. */
static int set_loop(int loop, int image)
{
	struct loop_config config = {.fd = (uint32_t)image,
		.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR};
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

/* A free loop device with the image in it: its descriptor, whose close gives it back unless it
 * is mounted; `path` is its node. */
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
	v->root = fs_fresh(v, type, node, "", FS_SEALED | MOUNT_ATTR_RDONLY, &seal);
	close(loop);
	if (v->root == -ENODEV)
		return fs_fail(v, v->root, type, "is no file system of this kernel (its module?)");
	return v->root < 0 ? fs_fail(v, v->root, type, plan_text(v->p, v->f->root_image)) : 0;
}

int fs_root_image(struct fs_view *v)
{
	const char *path = plan_text(v->p, v->f->root_image);
	int image = open_image(path);
	if (image < 0)
		return fs_fail(v, image, "RootImage", path);
	const char *type = type_of(image);
	int err = type ? mount_loop(v, image, type)
				   : fs_fail(v, -EINVAL, "neither squashfs nor erofs:", path);
	close(image);
	return err;
}
