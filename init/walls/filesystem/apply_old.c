/* SPDX-License-Identifier: MIT
 * The view with mount(2) only, for kernels without mount_setattr (before 5.12) or behind an older
 * filter. There a mount is always attached somewhere: trees are kept on the staging file system, a
 * small file system over "/" that no path leads to, and are moved from there. Descriptors are named
 * by the host's /proc (self/fd/N, relative to it), so that here too a path is looked up once.
 *
 * mount(2) changes one mount at a time. The submounts are read from mountinfo; each entry is opened
 * and compared by its id. An entry that cannot be opened must be covered by another mount, else the
 * view is refused, so that no mount is left unchanged by mistake.
 */
#include "base/fmt.h"
#include "base/num.h"
#include "base/span.h"
#include "base/sys.h"
#include "walls/filesystem/parts.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MAX_MOUNTS 512
#define STAGING_OPTIONS "mode=700,size=64k"

struct fd_name {
	char text[24];
};

static struct fd_name name_of_descriptor(int fd)
{
	struct fd_name name;
	struct fmt f;
	fmt_init(&f, name.text, sizeof(name.text));
	fmt_str(&f, "self/fd/");
	fmt_i64(&f, fd);
	return name;
}

/* ---- the staging file system ---- */

/* With "/" as it is: nothing is mounted over it that a path leads to, but ".." of the root goes
 * to what is on top of it. */
static int open_staging(struct fs_view *v)
{
	struct stat root, staging;
	v->staging = open("/..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (v->staging < 0 || fstat(v->staging, &staging) < 0 || stat("/", &root) < 0)
		return -errno;
	if (root.st_dev == staging.st_dev)
		return -EXDEV;
	/* So that a bind of the whole root does not copy it. */
	return mount(NULL, name_of_descriptor(v->staging).text, NULL, MS_UNBINDABLE, NULL) < 0 ? -errno
																						   : 0;
}

int fs_old_begin(struct fs_view *v)
{
	v->old = true;
	v->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (v->proc < 0 || fchdir(v->proc) < 0)
		return -errno;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("staging", "/", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, STAGING_OPTIONS) < 0)
		return -errno;
	return open_staging(v);
}

int fs_old_end(struct fs_view *v)
{
	if (fchdir(v->staging) < 0 || umount2(".", MNT_DETACH) < 0)
		return -errno;
	close(v->staging);
	close(v->proc);
	return 0;
}

struct place {
	char name[16];
	int fd;
};

static int open_staged(const struct fs_view *v, const struct place *p)
{
	int fd = openat(v->staging, p->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int make_place(struct fs_view *v, bool directory, struct place *p)
{
	struct fmt f;
	fmt_init(&f, p->name, sizeof(p->name));
	fmt_u64(&f, v->staged++);
	int r = directory ? mkdirat(v->staging, p->name, 0700)
					  : mknodat(v->staging, p->name, S_IFREG | 0600, 0);
	if (r < 0)
		return -errno;
	p->fd = open_staged(v, p);
	return p->fd < 0 ? p->fd : 0;
}

/* What has been mounted at the place, if that went well. */
static int finish_place(const struct fs_view *v, struct place *p, int done)
{
	int err = done < 0 ? -errno : 0;
	close(p->fd);
	return err < 0 ? err : open_staged(v, p);
}

int fs_old_copy(struct fs_view *v, int at, const char *name, unsigned flags)
{
	int source = *name ? openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC) : at;
	struct place p;
	struct stat st;
	if (source < 0)
		return -errno;
	int tree = fstat(source, &st) < 0 ? -errno : make_place(v, S_ISDIR(st.st_mode), &p);
	if (tree == 0) {
		unsigned long how = MS_BIND | (flags & AT_RECURSIVE ? MS_REC : 0);
		tree = finish_place(v, &p,
			mount(name_of_descriptor(source).text, name_of_descriptor(p.fd).text, NULL, how, NULL));
	}
	if (source != at)
		close(source);
	return tree;
}

int fs_old_fresh(struct fs_view *v, const char *type, const char *source, const char *data,
	unsigned attributes)
{
	struct place p;
	int err = make_place(v, true, &p);
	/* The first four MOUNT_ATTR_* have the values of MS_*. */
	unsigned long flags = attributes | (source ? MS_RDONLY : 0);
	return err < 0 ? err
				   : finish_place(v, &p,
						 mount(source ? source : type, name_of_descriptor(p.fd).text, type, flags,
							 *data ? data : NULL));
}

int fs_old_attach(const struct fs_view *v, int tree, int target)
{
	(void)v;
	return mount(name_of_descriptor(tree).text, name_of_descriptor(target).text, NULL, MS_MOVE,
			   NULL) < 0
		? -errno
		: 0;
}

/* ---- attributes ---- */

/* MS_REMOUNT sets all of them at once (times of access excepted), so what is to stay is said
 * again. */
static int change_one(int mounted, uint64_t set, uint64_t clear)
{
	struct statvfs st;
	if (fstatvfs(mounted, &st) < 0)
		return -errno;
	unsigned long flags = st.f_flag & (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC);
	flags = (flags & ~(unsigned long)clear) | (unsigned long)set;
	if (st.f_flag & STATFS_NOSYMFOLLOW)
		flags |= MS_NOSYMFOLLOW;
	return mount(NULL, name_of_descriptor(mounted).text, NULL, MS_REMOUNT | MS_BIND | flags, NULL) <
			0
		? -errno
		: 0;
}

struct mounted { /* a line of mountinfo, proc_pid_mountinfo(5) */
	int id, parent;
	const char *path;
};

struct table {
	struct mounted at[MAX_MOUNTS];
	unsigned count;
	char text[96 * 1024];
};

/* The next word of the line, ended by a NUL. */
static char *take_word(char **rest)
{
	char *word = *rest, *end = word + strcspn(word, " \n");
	*rest = end + (*end != '\0');
	*end = '\0';
	return word;
}

static int read_id(const char *word)
{
	uint64_t n = 0;
	return num_u64(span_of(word), INT32_MAX, &n) < 0 ? -1 : (int)n;
}

static int read_mount(struct table *t, char *line)
{
	if (t->count == MAX_MOUNTS)
		return -E2BIG;
	struct mounted *m = &t->at[t->count++];
	m->id = read_id(take_word(&line));
	m->parent = read_id(take_word(&line));
	take_word(&line); /* device */
	take_word(&line); /* root in its file system */
	char *path = take_word(&line);
	path[span_unescape(path, strlen(path))] = 0;
	m->path = path;
	return m->id < 0 || m->parent < 0 || path[0] != '/' ? -EBADMSG : 0;
}

static int read_table(const struct fs_view *v, struct table *t)
{
	int n = sys_read_file(v->proc, "self/mountinfo", t->text, sizeof(t->text));
	char *line = t->text;
	if (n < 0)
		return n;
	if ((size_t)n + 1 >= sizeof(t->text))
		return -E2BIG;
	while (*line) {
		char *next = line + strcspn(line, "\n");
		bool more = *next;
		*next = '\0';
		int err = read_mount(t, line);
		if (err < 0)
			return err;
		line = next + more;
	}
	return 0;
}

static int mount_id(const struct fs_view *v, int fd)
{
	char path[32], text[512];
	struct fmt f;
	fmt_init(&f, path, sizeof(path));
	fmt_str(&f, "self/fdinfo/");
	fmt_i64(&f, fd);
	int err = sys_read_file(v->proc, path, text, sizeof(text));
	const char *at = err < 0 ? NULL : span_behind(text, "mnt_id:\t");
	if (!at)
		return err < 0 ? err : -EBADMSG;
	text[(size_t)(at - text) + strcspn(at, "\n")] = '\0';
	return read_id(at);
}

static const struct mounted *find_mount(const struct table *t, int id)
{
	for (unsigned i = 0; i < t->count; i++)
		if (t->at[i].id == id)
			return &t->at[i];
	return NULL;
}

/* By the chain of parents, and not by way of the staging file system. */
static bool is_mounted_below(const struct table *t, const struct mounted *m,
	const struct mounted *top, int staging)
{
	for (unsigned turn = 0; m && turn < t->count; turn++) {
		if (m == top)
			return turn > 0;
		if (m->id == staging)
			return false;
		m = find_mount(t, m->parent);
	}
	return false;
}

static bool path_starts(const char *path, const char *top)
{
	size_t n = strlen(top);
	return strncmp(path, top, n) == 0 && path[n] == '/';
}

/* Something is mounted on its root, or on a directory on the way to it. */
static bool is_covered(const struct table *t, const struct mounted *m)
{
	for (unsigned i = 0; i < t->count; i++) {
		const struct mounted *x = &t->at[i];
		if (x != m &&
			((x->parent == m->id && strcmp(x->path, m->path) == 0) ||
				(x->parent == m->parent && path_starts(m->path, x->path))))
			return true;
	}
	return false;
}

/* No path leads to it in the view, so no service comes there. */
static bool is_out_of_reach(const struct table *t, const struct mounted *m,
	const struct mounted *top)
{
	for (unsigned turn = 0; m && m != top && turn < t->count; turn++) {
		if (is_covered(t, m))
			return true;
		m = find_mount(t, m->parent);
	}
	return false;
}

struct change {
	const struct fs_view *v;
	const struct table *t;
	const struct mounted *top;
	int mounted; /* descriptor of top */
	uint64_t set, clear;
};

static int change_below(const struct change *c, const struct mounted *m)
{
	const char *path = m->path + (c->top->path[1] ? strlen(c->top->path) : 0);
	int fd = openat(c->mounted, path + strspn(path, "/"), O_PATH | O_NOFOLLOW | O_CLOEXEC);
	bool same = fd >= 0 && mount_id(c->v, fd) == m->id;
	int err = same                         ? change_one(fd, c->set, c->clear)
		: is_out_of_reach(c->t, m, c->top) ? 0
										   : -ESTALE;
	if (fd >= 0)
		close(fd);
	return err;
}

static int change_tree(struct change *c, struct table *t)
{
	int id = mount_id(c->v, c->mounted), staging = mount_id(c->v, c->v->staging);
	int err = id < 0 ? id : staging < 0 ? staging : read_table(c->v, t);
	c->t = t;
	c->top = err < 0 ? NULL : find_mount(t, id);
	if (err == 0 && !c->top)
		err = -ESTALE;
	for (unsigned i = 0; err == 0 && i < t->count; i++)
		if (is_mounted_below(t, &t->at[i], c->top, staging))
			err = change_below(c, &t->at[i]);
	return err;
}

int fs_old_attributes(const struct fs_view *v, int mounted, unsigned flags, uint64_t set,
	uint64_t clear)
{
	struct change c = {.v = v, .mounted = mounted, .set = set, .clear = clear};
	int err = change_one(mounted, set, clear);
	if (err < 0 || !(flags & AT_RECURSIVE))
		return err;
	/* Not on the stack, and gone before the service starts. */
	struct table *t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		-1, 0);
	if (t == MAP_FAILED)
		return -errno;
	err = change_tree(&c, t);
	munmap(t, sizeof(*t));
	return err;
}
