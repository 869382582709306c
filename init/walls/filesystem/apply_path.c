/* SPDX-License-Identifier: MIT
 * From a path to a descriptor, when a part of the path may belong to a service. A state directory
 * can have a symbolic link from an earlier run; following it as root would mount or make something
 * elsewhere. Only links that root owns are followed.
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
#include <unistd.h>

#define MAX_LINKS 40 /* as the kernel's own (path_resolution(7)) */
#define MAX_DEPTH 64 /* directories below one another */

struct walk {
	/* O_PATH of the root and of each directory on the way. ".." takes one off and is never looked
	 * up: whatever is renamed meanwhile, the walk stays below the root. */
	int at[MAX_DEPTH];
	unsigned depth;
	unsigned links;
	enum fs_make make;
	char *rest; /* what is left, in one of the two buffers */
	char buf[2][PATH_MAX];
};

static void go_up(struct walk *w, unsigned depth)
{
	while (w->depth > depth)
		close(w->at[w->depth--]);
}

static int go_down(struct walk *w, int fd)
{
	if (w->depth + 1 == MAX_DEPTH) {
		close(fd);
		return -ENAMETOOLONG;
	}
	w->at[++w->depth] = fd;
	return 0;
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
static int follow_link(struct walk *w, int link, const struct stat *st)
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
	if (into[0] == '/')
		go_up(w, 0);
	return 0;
}

static int make_component(const struct walk *w, const char *name)
{
	bool last = w->rest[strspn(w->rest, "/")] == '\0';
	int at = w->at[w->depth];
	int r = last && w->make == FS_MAKE_FILE ? mknodat(at, name, S_IFREG | 0644, 0)
											: mkdirat(at, name, 0755);
	return r < 0 && errno != EEXIST ? -errno : 0;
}

static int open_component(const struct walk *w, const char *name)
{
	int fd = openat(w->at[w->depth], name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 || errno != ENOENT || w->make == FS_MAKE_NOTHING)
		return fd < 0 ? -errno : fd;
	int err = make_component(w, name);
	/* In the sealed part of the tree nothing is made: what lacks is the place to mount on. */
	if (err < 0)
		return err == -EROFS ? -ENOENT : err;
	fd = openat(w->at[w->depth], name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int walk_component(struct walk *w, const char *name)
{
	struct stat st;
	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0) {
		go_up(w, w->depth ? w->depth - 1 : 0);
		return 0;
	}
	int fd = open_component(w, name);
	if (fd < 0)
		return fd;
	int err = fstat(fd, &st) < 0 ? -errno : 0;
	if (err == 0 && !S_ISLNK(st.st_mode))
		return go_down(w, fd);
	if (err == 0)
		err = follow_link(w, fd, &st);
	close(fd);
	return err;
}

/* The last descriptor of the walk is the result; the others are of no use any more. */
static int end_walk(struct walk *w, int err)
{
	int fd = err < 0 ? err : w->at[w->depth];
	if (err == 0 && w->depth > 0)
		w->depth--;
	else if (err == 0)
		return fd;
	go_up(w, 0);
	close(w->at[0]);
	return fd;
}

static int walk_path(int root, const char *path, enum fs_make make)
{
	struct walk w;
	const char *name;
	struct fmt f;
	int err = 0;
	fmt_init(&f, w.buf[0], sizeof(w.buf[0]));
	fmt_str(&f, path);
	if (f.cut)
		return -ENAMETOOLONG;
	w.rest = w.buf[0];
	w.links = w.depth = 0;
	w.make = make;
	w.at[0] = openat(root, root == FS_HOST ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (w.at[0] < 0)
		return -errno;
	/* Bounded: each turn takes a component, and only MAX_LINKS times come new ones. */
	while (err == 0 && (name = next_component(&w)) != NULL)
		err = walk_component(&w, name);
	return end_walk(&w, err);
}

int fs_resolve(int root, const char *path, enum fs_make make)
{
	const char *from = root == FS_HOST ? path : path + strspn(path, "/");
	if (path[0] != '/')
		return -EINVAL;
	int fd = sys_openat2(root, *from ? from : ".", O_PATH | O_CLOEXEC, 0, RESOLVE_NO_SYMLINKS);
	/* Nearly every path has neither links nor gaps, and is done with one call. ENOSYS: before
	 * Linux 5.6 (or a filter around us that is older). */
	if (fd == -ELOOP || fd == -ENOSYS || (fd == -ENOENT && make != FS_MAKE_NOTHING))
		return walk_path(root, path, make);
	return fd;
}

int filesystem_resolve(const char *path)
{
	return fs_resolve(FS_HOST, path, FS_MAKE_NOTHING);
}
