/* SPDX-License-Identifier: MIT
 * The root of the view: the copy of the host's that unshare(2) made, or another tree
 * (RootDirectory, RootImage). The latter is entered at the end by pivot_root(2), so that the host's
 * paths stay valid until then. Images: apply_image.c.
 */
#include "base/feature.h"
#include "base/sys.h"
#include "walls/filesystem/parts.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

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
		return CONFIG_ROOT_IMAGE ? fs_root_image(v)
								 : wall_left_out(v->why, 0, feature_name(OF(ROOT_IMAGE)));
	if (v->f->root_directory)
		return open_root_directory(v);
	v->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return v->root < 0 ? fs_fail(v, -errno, "/", "") : 0;
}

/* A tree that is nowhere can't be mounted upon (before 6.15). Over "/" no path of the host leads
 * to it. */
int fs_root_attach(struct fs_view *v)
{
	if (!v->own_root || fs_is_old(v))
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
	int err = fs_set_attributes(v, v->root, AT_RECURSIVE, FS_SEALED | read_only, 0);
	return err < 0 ? fs_fail(v, err, "read-only root", "") : 0;
}

/* pivot_root(2) leaves the host's root on top of ours. With mount(2) alone the staging file system
 * is on top of that, and goes first. */
static int drop_host(const struct fs_view *v)
{
	for (int n = fs_is_old(v) ? 2 : 1; n > 0; n--)
		if (umount2(".", MNT_DETACH) < 0)
			return -errno;
	return 0;
}

/* An initramfs can't be put away: it is covered for good. Nothing lies above its root, so there no
 * way leads below what covers it; with any other root that can't be changed (a chroot) this
 * would not hold. */
static int cover_host(struct fs_view *v)
{
	struct statfs st;
	int host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int err = host < 0 || fstatfs(host, &st) < 0 ? -errno : 0;
	if (err == 0 && st.f_type != RAMFS_MAGIC && st.f_type != TMPFS_MAGIC)
		err = -EINVAL;
	if (err == 0 && fs_is_old(v))
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
		int err = fs_is_old(v) ? fs_old_end(v) : 0;
		return err < 0 ? fs_fail(v, err, "staging", "") : 0;
	}
	int err = fchdir(v->root) < 0 ? -errno : sys_pivot_root(".", ".");
	err = err == 0 ? drop_host(v) : err == -EINVAL ? cover_host(v) : err;
	return err < 0 ? fs_fail(v, err, "pivot_root", "") : 0;
}
