/* SPDX-License-Identifier: MIT
 * Files follow their service. If its host ids have changed (it was renamed, its User is another
 * one, private or the host's, or its range changed), the contents of its directories are given to
 * the new ids before it starts. Idmapped mounts would make that unnecessary, but need Linux 5.12
 * and support of the file system, which jffs2 and ubifs do not have. If all files of a private
 * range go to one account, an attribute that only the host's root may write keeps each file's id in
 * the range, for the way back.
 */
#include "walls/filesystem/parts.h"
#include "base/fmt.h"
#include "base/dirlist.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#define PLACE "trusted.bulkhead.place"
#define AT_ONCE 64       /* directories of a walk, the deepest, that are open at a time */
#define TREE_DEPTH 65536 /* of directories in each other: below that the service is told so */

struct heir {
	uint32_t old_uid, old_gid; /* of the directory itself */
	uint32_t uid, gid;
	dev_t device; /* its file system */
};

static bool in_range(uint32_t id)
{
	return id >= ID_FIRST * ID_RANGE && id < (ID_FIRST + ID_SLOTS + ID_PINS) * ID_RANGE;
}

/* Whether `id` was the service's: of its private range, or the one account that it had. Then *now
 * is what follows it. A file of anybody else, to which the service may have made a hard link, is
 * not given away. */
static bool inherits(uint32_t id, uint32_t old, uint32_t new, uint32_t *now)
{
	if (id == old)
		*now = new;
	else if (!in_range(old) || id / ID_RANGE != old / ID_RANGE)
		return false;
	else
		*now = in_range(new) ? new / ID_RANGE *ID_RANGE + id % ID_RANGE : new;
	return true;
}

/* A mount of the same file system, which st_dev does not tell. Before Linux 5.8 there is no
 * telling. */
static bool is_mount(int fd)
{
	/* struct statx, which not every libc has: its second word is stx_attributes */
	uint64_t st[32] = {0};
	/* STATX_ATTR_MOUNT_ROOT */
	return syscall(SYS_statx, fd, "", AT_EMPTY_PATH, 0, st) == 0 && st[1] & 0x2000;
}

/* 1: it was the service's. The descriptor (O_PATH) holds what was looked at, whatever the name
 * leads to by now. */
static int look(int fd, const struct heir *h, struct stat *st)
{
	uint32_t uid;
	if (fstat(fd, st) < 0)
		return -errno;
	if (st->st_dev != h->device || is_mount(fd))
		return 0;
	/* Root's files are the whole system's: one that has another name may be any. */
	if (st->st_uid == 0 && !S_ISDIR(st->st_mode) && st->st_nlink > 1)
		return 0;
	return inherits(st->st_uid, h->old_uid, h->uid, &uid);
}

struct place { /* in the range; ID_RANGE: not in it */
	uint32_t uid, gid;
};

/* To one account. A file system without attributes loses all places but the service's own ids
 * (bulkhead.service(5)). */
static int keep_place(int fd, const struct heir *h, const struct stat *st)
{
	bool same = st->st_gid / ID_RANGE == h->old_gid / ID_RANGE;
	const struct place p = {st->st_uid % ID_RANGE, same ? st->st_gid % ID_RANGE : ID_RANGE};
	char path[FMT_OWN_FD];
	fmt_own_fd(path, fd);
	if (st->st_uid == h->old_uid && st->st_gid == h->old_gid) /* an older one */
		return removexattr(path, PLACE) < 0 && errno != ENODATA && errno != EOPNOTSUPP ? -errno : 0;
	return setxattr(path, PLACE, &p, sizeof(p), 0) < 0 && errno != EOPNOTSUPP ? -errno : 0;
}

/* Back from one account. What has no place was made meanwhile, or was the service's own. It
 * stays written there: it says the same the next time. */
static void find_place(int fd, const struct heir *h, uint32_t *uid, uint32_t *gid)
{
	struct place p;
	char path[FMT_OWN_FD];
	fmt_own_fd(path, fd);
	if (getxattr(path, PLACE, &p, sizeof(p)) != (ssize_t)sizeof(p) || p.uid >= ID_RANGE)
		return;
	*uid = h->uid / ID_RANGE * ID_RANGE + p.uid;
	if (p.gid < ID_RANGE)
		*gid = h->gid / ID_RANGE * ID_RANGE + p.gid;
}

static int hand_over(int fd, const struct heir *h)
{
	bool to_account = in_range(h->old_uid) && !in_range(h->uid),
		 from_account = !in_range(h->old_uid) && in_range(h->uid);
	struct stat st;
	uint32_t uid, gid;
	int mine = look(fd, h, &st);
	if (mine <= 0 || !inherits(st.st_uid, h->old_uid, h->uid, &uid))
		return mine < 0 ? mine : 0;
	if (!inherits(st.st_gid, h->old_gid, h->gid, &gid))
		gid = st.st_gid;
	int err = to_account ? keep_place(fd, h, &st) : 0;
	if (err < 0)
		return err;
	if (from_account)
		find_place(fd, h, &uid, &gid);
	if (uid == st.st_uid && gid == st.st_gid)
		return 0;
	return fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

/* One name. Its descriptor (> 0) if it is a directory that is handed over after what is in it; 0
 * if all is done. */
static int hand_over_name(int directory, const char *name, const struct heir *h)
{
	int fd = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	int r = look(fd, h, &st);
	if (r > 0 && S_ISDIR(st.st_mode)) {
		r = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = r < 0 ? -errno : r;
	} else if (r > 0) {
		r = hand_over(fd, h);
	}
	close(fd);
	return r;
}

/* Goes on where it was. As hand_over_name(). */
static int follow_names(struct dirlist *names, const struct heir *h)
{
	const char *name;
	int r;
	while ((r = dirlist_next(names, &name)) > 0) {
		int below = hand_over_name(names->directory, name, h);
		if (below)
			return below;
	}
	return r;
}

struct walk {                     /* touched as far as the tree is deep */
	struct dirlist open[AT_ONCE]; /* of the directory n in place n % AT_ONCE */
	struct {
		ino_t inode;
		int64_t offset; /* of the names that are left */
	} level[TREE_DEPTH];
	int depth, lowest; /* from there to `depth` they are open */
};

/* Takes the descriptor. */
static int go_down(struct walk *w, int depth, int fd)
{
	struct stat st;
	int err = depth == TREE_DEPTH ? -ELOOP : fstat(fd, &st) < 0 ? -errno : 0;
	if (err < 0) {
		close(fd);
		return err;
	}
	if (depth > 0)
		w->level[depth - 1].offset = w->open[(depth - 1) % AT_ONCE].offset;
	if (depth - w->lowest == AT_ONCE)
		close(w->open[w->lowest++ % AT_ONCE].directory);
	w->level[depth].inode = st.st_ino;
	w->depth = depth;
	dirlist_start(&w->open[depth % AT_ONCE], fd);
	return 0;
}

/* Who moves directories meanwhile leads us nowhere: it is the one that we came through. */
static int open_again(struct walk *w, int below, dev_t device)
{
	int fd = openat(below, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	if (fd < 0)
		return -errno;
	int err = fstat(fd, &st) < 0 || lseek(fd, w->level[w->depth].offset, SEEK_SET) < 0 ? -errno : 0;
	if (err == 0 && (st.st_dev != device || st.st_ino != w->level[w->depth].inode))
		err = -ESTALE;
	if (err < 0) {
		close(fd);
		return err;
	}
	w->lowest = w->depth;
	dirlist_start(&w->open[w->depth % AT_ONCE], fd);
	return 0;
}

static int go_up(struct walk *w, dev_t device)
{
	int below = w->open[w->depth-- % AT_ONCE].directory;
	int err = w->depth < w->lowest ? open_again(w, below, device) : 0;
	close(below);
	return err;
}

/* Each directory after what is in it, and the first one by whoever called: a walk that was cut
 * short is so begun again. */
int fs_follow_owner(int directory, const struct stat *top, uint32_t uid, uint32_t gid)
{
	static struct walk w;
	const struct heir h = {top->st_uid, top->st_gid, uid, gid, top->st_dev};
	int first = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (first < 0)
		return -errno;
	w.depth = w.lowest = 0;
	int err = go_down(&w, 0, first);
	if (err < 0)
		return err;
	while (err == 0) {
		struct dirlist *here = &w.open[w.depth % AT_ONCE];
		int below = follow_names(here, &h);
		if (below > 0) {
			err = go_down(&w, w.depth + 1, below);
			continue;
		}
		if (below < 0 || w.depth == 0) {
			err = below;
			break;
		}
		err = hand_over(here->directory, &h);
		if (err == 0)
			err = go_up(&w, h.device);
	}
	for (int n = w.lowest; n <= w.depth; n++)
		close(w.open[n % AT_ONCE].directory);
	return err;
}
