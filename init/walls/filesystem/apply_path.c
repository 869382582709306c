/* SPDX-License-Identifier: MIT
 * From a path to a descriptor, when part of the path may belong to a service: a state directory can hold a symbolic link planted by an
 * earlier run, and following it as root would mount or make something elsewhere. Only links that root owns are followed.
 */
#include "base/fmt.h"
#include "base/sys.h"
#include "walls/filesystem/parts.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_LINKS 40 /* as the kernel's own (path_resolution(7)) */

struct walk {
	int at; /* O_PATH of what is resolved so far */
	unsigned links;
	enum fs_make make;
	char *rest; /* what is left, in one of the two buffers */
	char buf[2][PATH_MAX];
};

static int open_root(void)
{
	int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static void move_to(struct walk *w, int fd)
{
	close(w->at);
	w->at = fd;
}

/* Takes the next component off w->rest; NULL at the end. */
static const char *next_component(struct walk *w)
{
	w->rest += strspn(w->rest, "/");
	if (!*w->rest)
		return NULL;
	char *name = w->rest;

	w->rest += strcspn(w->rest, "/");
	if (*w->rest)
		*w->rest++ = '\0';
	return name;
}

/* `link` is an O_PATH descriptor of the symbolic link; its text goes before what is left. */
static int follow(struct walk *w, int link, const struct stat *st)
{
	char *into = w->rest >= w->buf[0] && w->rest < w->buf[1] ? w->buf[1] : w->buf[0];

	if (st->st_uid != 0 || ++w->links > MAX_LINKS)
		return -ELOOP;
	ssize_t n = readlinkat(link, "", into, PATH_MAX);

	if (n < 0)
		return -errno;
	if (n >= PATH_MAX)
		return -ENAMETOOLONG;
	struct fmt f;

	fmt_init(&f, into + n, (size_t)(PATH_MAX - n));
	fmt_strs(&f, "/", w->rest, NULL);
	if (f.cut)
		return -ENAMETOOLONG;
	w->rest = into;
	if (into[0] != '/')
		return 0;
	int root = open_root();

	if (root < 0)
		return root;
	move_to(w, root);
	return 0;
}

static int make_component(const struct walk *w, const char *name)
{
	bool last = w->rest[strspn(w->rest, "/")] == '\0';
	int r = last && w->make == FS_MAKE_FILE ? mknodat(w->at, name, S_IFREG | 0644, 0) : mkdirat(w->at, name, 0755);

	return r < 0 && errno != EEXIST ? -errno : 0;
}

static int open_component(const struct walk *w, const char *name)
{
	int fd = openat(w->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 || errno != ENOENT || w->make == FS_MAKE_NOTHING)
		return fd < 0 ? -errno : fd;
	int err = make_component(w, name);

	/* In the sealed part of the tree nothing is made: what lacks is the place to mount on. */
	if (err < 0)
		return err == -EROFS ? -ENOENT : err;
	fd = openat(w->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int walk_component(struct walk *w, const char *name)
{
	struct stat st;
	int fd = open_component(w, name);

	if (fd < 0)
		return fd;
	int err = fstat(fd, &st) < 0 ? -errno : 0;

	if (err < 0 || !S_ISLNK(st.st_mode)) {
		move_to(w, fd);
		return err;
	}
	err = follow(w, fd, &st);
	close(fd);
	return err;
}

static int walk_path(const char *path, enum fs_make make)
{
	struct walk w;
	const char *name;
	struct fmt f;

	fmt_init(&f, w.buf[0], sizeof(w.buf[0]));
	fmt_str(&f, path);
	if (f.cut)
		return -ENAMETOOLONG;
	w.rest = w.buf[0];
	w.links = 0;
	w.make = make;
	w.at = open_root();
	/* Bounded: each turn takes a component, and only MAX_LINKS times come new ones. */
	while (w.at >= 0 && (name = next_component(&w)) != NULL) {
		int err = walk_component(&w, name);

		if (err < 0) {
			close(w.at);
			return err;
		}
	}
	return w.at;
}

int fs_resolve(const char *path, enum fs_make make)
{
	if (path[0] != '/')
		return -EINVAL;
	int fd = sys_openat2(AT_FDCWD, path, O_PATH | O_CLOEXEC, 0, RESOLVE_NO_SYMLINKS);

	/* Nearly every path has neither links nor gaps, and is done with one call. */
	if (fd == -ELOOP || (fd == -ENOENT && make != FS_MAKE_NOTHING))
		return walk_path(path, make);
	return fd;
}

int filesystem_resolve(const char *path)
{
	return fs_resolve(path, FS_MAKE_NOTHING);
}

struct kernel_dirent { /* getdents64(2) */
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

void fs_names_start(struct fs_names *n, int directory)
{
	n->directory = directory;
	n->left = n->at = 0;
}

int fs_names_next(struct fs_names *n, const char **name)
{
	for (;;) {
		if (n->at >= n->left) {
			n->at = 0;
			n->left = syscall(SYS_getdents64, n->directory, n->buf, sizeof(n->buf));
			if (n->left <= 0)
				return n->left < 0 ? -errno : 0;
		}
		const struct kernel_dirent *entry = (const void *)(n->buf + n->at);

		n->at += entry->length;
		*name = entry->name;
		if (strcmp(entry->name, ".") != 0 && strcmp(entry->name, "..") != 0)
			return 1;
	}
}
