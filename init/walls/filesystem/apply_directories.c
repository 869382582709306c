/* SPDX-License-Identifier: MIT
 * RuntimeDirectory, StateDirectory and the like, made on the host's tree before the service's view
 * is built.
 */
#include "walls/filesystem/parts.h"
#include "base/fmt.h"
#include "base/dirlist.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

/* for one directory below /run: memory, so that only somebody who fills it meanwhile needs more */
#define EMPTY_MS 10000u
#define MAX_DEPTH 32 /* directories that are open at a time */

/* Removes one name. 1: it is a directory with something in it. */
static int remove_name(int directory, const char *name)
{
	if (unlinkat(directory, name, 0) == 0)
		return 0;
	int err = errno;
	if (err != EISDIR && err != EPERM)
		return err == ENOENT ? 0 : -err;
	if (unlinkat(directory, name, AT_REMOVEDIR) == 0)
		return 0;
	if (errno == ENOTEMPTY || errno == EEXIST)
		return 1;
	return errno == ENOENT ? 0 : errno == ENOTDIR ? -err : -errno;
}

struct emptying {
	dev_t device; /* its file system */
	int top;
	unsigned lifted;
	uint64_t end_ms;
};

static uint64_t clock_ms(void)
{
	struct timespec t = {0, 0};
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* What is too deep goes up into the first directory: so a tree of any depth does, however many
 * directories a service has put into each other. */
static int lift(struct emptying *e, int directory, const char *name)
{
	char to[24];
	struct fmt f;
	do {
		fmt_init(&f, to, sizeof(to));
		fmt_str(&f, "lifted.");
		fmt_u64(&f, e->lifted++);
		if (syscall(SYS_renameat2, directory, name, e->top, to, RENAME_NOREPLACE) == 0)
			return 0;
	} while (errno == EEXIST);
	return -errno;
}

/* A full directory's descriptor. By rmdir(2) it is no mount point; should one have come since, it
 * is left alone. */
static int open_full(const struct emptying *e, int directory, const char *name)
{
	int below = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	if (below < 0)
		return -errno;
	int err = fstat(below, &st) < 0 ? -errno : st.st_dev != e->device ? -EBUSY : 0;
	if (err < 0)
		close(below);
	return err < 0 ? err : below;
}

/* Removes names until the directory is empty (0) or one of them is a full directory: its
 * descriptor (> 0), or -errno. */
static int remove_names(struct emptying *e, int directory, bool deepest)
{
	struct dirlist names;
	const char *name;
	int r;
	if (lseek(directory, 0, SEEK_SET) < 0)
		return -errno;
	dirlist_start(&names, directory);
	while ((r = dirlist_next(&names, &name)) > 0) {
		if (clock_ms() >= e->end_ms)
			return -ETIMEDOUT;
		int full = remove_name(directory, name);
		if (full > 0)
			full = deepest ? lift(e, directory, name) : open_full(e, directory, name);
		if (full)
			return full;
	}
	return r;
}

int fs_empty_directory(int directory, uint32_t ms)
{
	struct emptying e = {.top = directory, .end_ms = clock_ms() + ms};
	int stack[MAX_DEPTH] = {directory};
	struct stat st;
	int depth = 0, err = fstat(directory, &st) < 0 ? -errno : 0;
	e.device = st.st_dev;
	while (depth >= 0 && err == 0) {
		int below = remove_names(&e, stack[depth], depth + 1 == MAX_DEPTH);
		if (below > 0) {
			stack[++depth] = below;
			continue;
		}
		err = below;
		close(stack[depth--]);
	}
	while (depth >= 0)
		close(stack[depth--]);
	return err;
}

static int set_owner(int fd, const struct filesystem_directory *d)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return -errno;
	/* Only where something differs: on a read-only file system what is right already shall do. */
	bool owned = st.st_uid == d->uid && st.st_gid == d->gid;
	/* What the service may only read (ConfigurationDirectory) was never its own. */
	int err = owned || !d->writable ? 0 : fs_follow_owner(fd, &st, d->uid, d->gid);
	if (err < 0)
		return err;
	if (!owned && fchown(fd, d->uid, d->gid) < 0)
		return -errno;
	if ((!owned || (st.st_mode & 07777) != d->mode) && fchmod(fd, (mode_t)d->mode & 07777) < 0)
		return -errno;
	return 0;
}

#define LABEL_CAP 256

int fs_label(int directory, const struct filesystem_label *label, struct wall_why *why)
{
	static const char attribute[] = "security.selinux";
	char now[LABEL_CAP];
	if (!label->text)
		return 0;
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	size_t size = strlen(label->text) + 1; /* with its NUL, as everybody writes it */
	ssize_t n = fgetxattr(fd, attribute, now, sizeof(now));
	bool same = n > 0 && ((size_t)n == size || (size_t)n == size - 1) &&
		memcmp(now, label->text, size - 1) == 0;
	int err = same || fsetxattr(fd, attribute, label->text, size, 0) == 0 ? 0 : -errno;
	close(fd);
	if (err < 0 && !label->required) {
		why->absent |= OPTIONAL_SELINUX;
		return 0;
	}
	return err;
}

#define TMPFS_TYPE 0x01021994 /* TMPFS_MAGIC, statfs(2) */

/* Whether the directory is a file system of its own with at most these bounds. */
static int check_bounds(int fd, const struct filesystem_directory *d)
{
	struct stat here, above;
	struct statfs st;
	if (fstat(fd, &here) < 0 || fstatat(fd, "..", &above, AT_SYMLINK_NOFOLLOW) < 0 ||
		fstatfs(fd, &st) < 0)
		return -errno;
	/* the kernel rounds up */
	uint64_t page = (uint64_t)st.f_bsize, asked = ((uint64_t)d->bound_kb * 1024 + page - 1) / page;
	if (here.st_dev == above.st_dev || (uint32_t)st.f_type != TMPFS_TYPE || st.f_blocks == 0 ||
		st.f_files == 0)
		return -EXDEV;
	return st.f_blocks <= asked && st.f_files <= d->inodes ? 0 : -EXDEV;
}

static int make_directory(const char *path, const struct filesystem_directory *d, bool fresh,
	const struct filesystem_label *label, struct wall_why *why)
{
	int place = fs_resolve(FS_HOST, path, FS_MAKE_DIRECTORY);
	if (place < 0)
		return place;
	int fd = openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = fd < 0 ? -errno : 0;
	close(place);
	if (err == 0 && d->bound_kb)
		err = check_bounds(fd, d);
	if (err == 0)
		err = fs_label(fd, label, why);
	if (err == 0)
		err = set_owner(fd, d);
	if (err == 0 && fresh && d->runtime == RUNTIME_EMPTIED)
		return fs_empty_directory(fd, EMPTY_MS);
	if (fd >= 0)
		close(fd);
	return err;
}

int filesystem_make_directories(const struct plan *p, const struct filesystem_plan *f, bool fresh,
	const struct filesystem_label *label, struct wall_why *why)
{
	const struct filesystem_directory *d = plan_elements(p, f->directories, sizeof(*d));
	if (!d && f->directories.count)
		return wall_failed(why, -EINVAL, "list of directories");
	umask(0);
	for (uint32_t i = 0; i < f->directories.count; i++) {
		const char *path = plan_text(p, d[i].path);
		int err = make_directory(path, &d[i], fresh, label, why);
		if (err == -EXDEV)
			return wall_failed2(why, err, path, "has not the bounds of RuntimeDirectorySize");
		if (err == -ETIMEDOUT)
			return wall_failed2(why, err, path, "is filled faster than it is emptied");
		if (err < 0)
			return wall_failed(why, err, path);
	}
	return 0;
}

static int clean(const char *path)
{
	int place = fs_resolve(FS_HOST, path, FS_MAKE_NOTHING);
	if (place < 0)
		return place == -ENOENT ? 0 : place;
	int fd = openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = fd < 0 ? -errno : 0;
	close(place);
	return err < 0 ? err : fs_empty_directory(fd, EMPTY_MS);
}

int filesystem_clean_directories(const struct plan *p, const struct filesystem_plan *f)
{
	const struct filesystem_directory *d = plan_elements(p, f->directories, sizeof(*d));
	int first = !d && f->directories.count ? -EINVAL : 0;
	for (uint32_t i = 0; d && i < f->directories.count; i++) {
		int err = d[i].runtime ? clean(plan_text(p, d[i].path)) : 0;
		first = first < 0 ? first : err;
	}
	return first;
}
