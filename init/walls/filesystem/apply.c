/* SPDX-License-Identifier: MIT
 * Building the service's view of the file tree, in the copy of the host's mounts that unshare(2)
 * made for it. The copy is sealed in place: a second copy to pivot into would cost as many mounts
 * again, and pivot_root(2) fails if the root is an initramfs. Only if the file names another root,
 * that one is set up in the same way and entered at the end.
 *
 * The order matters. Copies of what stays writable are made first, since they keep the host's
 * flags. Then the whole tree becomes read-only, nosuid, nodev at once, so that nothing is left open
 * by mistake. Then the host's /dev, /proc and /sys are removed, and the items are mounted, parents
 * first.
 */
#include "base/count.h"
#include "base/feature.h"
#include "base/sys.h"
#include "walls/filesystem/parts.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SEALED (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
#define MAX_STACKED 8 /* file systems mounted over one another on /dev, /proc or /sys */

static int fail_about(const struct fs_view *v, int err, const char *about)
{
	return fs_fail(v, err, about, "");
}

/* ---- before the root is sealed ---- */

static bool takes_tree(const struct fs_item *i)
{
	return i->kind == FS_READ_WRITE || i->kind == FS_BIND || i->kind == FS_BIND_READ_ONLY ||
		i->kind == KIND_SYSFS;
}

static int take_tree(struct fs_view *v, struct fs_item *i)
{
	unsigned recursive = i->kind == KIND_SYSFS ? 0 : AT_RECURSIVE;
	uint64_t read_only = i->kind == FS_BIND_READ_ONLY || i->kind == KIND_SYSFS ? MOUNT_ATTR_RDONLY
																			   : 0;
	/* a state directory is data */
	uint64_t no_programs = i->origin == FROM_DIRECTORY ? MOUNT_ATTR_NOEXEC : 0;
	int source = fs_resolve(i->kind == FS_READ_WRITE ? v->root : FS_HOST, i->source,
		FS_MAKE_NOTHING);
	if (source < 0)
		return source;
	i->tree = fs_copy(v, source, "", recursive);
	close(source);
	return i->tree < 0
		? i->tree
		: fs_set_attributes(v, i->tree, recursive, SEALED | read_only | no_programs, 0);
}

/* Sources are the host's, but what shall stay writable is the view's own. */
static int take_trees(struct fs_view *v, bool own)
{
	for (unsigned n = 0; n < v->count; n++) {
		struct fs_item *i = &v->item[n];
		int err = takes_tree(i) && (i->kind == FS_READ_WRITE) == own ? take_tree(v, i) : 0;
		if (err == -ENOENT && i->optional)
			i->kind = KIND_NONE;
		else if (err < 0)
			return fail_about(v, err, i->source);
	}
	return 0;
}

static int take_host_trees(struct fs_view *v)
{
	v->host_dev = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (v->host_dev < 0)
		return fail_about(v, -errno, "/dev");
	int err = v->f->flags & FS_HOST_DEV ? 0 : fs_dev_take_nodes(v);
	return err < 0 ? err : take_trees(v, false);
}

static int take_own_trees(struct fs_view *v)
{
	return take_trees(v, true);
}

/* First of all: what is mounted or unmounted here must never reach the host (mount_namespaces(7),
 * shared subtrees). The newest call of the mount API tells whether this kernel has all of it. */
static int part_from_host(struct fs_view *v)
{
	struct mount_attr private = {.propagation = MS_PRIVATE};
	int err = sys_mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &private);
	if (err == -ENOSYS && !CONFIG_OLD_MOUNT)
		return wall_left_out(v->why, 0, feature_name(OF(OLD_MOUNT)));
	if (err == -ENOSYS)
		err = fs_old_begin(v);
	return err < 0 ? fail_about(v, err, "private propagation") : 0;
}

/* ---- the host's own views go ---- */

static int detach(struct fs_view *v, const char *path)
{
	for (unsigned n = 0; n < MAX_STACKED; n++) {
		if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
			continue;
		/* EINVAL: no mount there, or none any more. */
		return errno == EINVAL || errno == ENOENT ? 0 : fail_about(v, -errno, path);
	}
	return fail_about(v, -ELOOP, path);
}

/* Each umount2 waits for all processors (RCU), tens of microseconds; moving a mount does not. So
 * what goes is moved below the host's /proc, to directories that it always has, and goes with
 * it. Where that can't be, detach takes it away by itself. */
static void hide_at(const struct fs_view *v, const char *path, const char *place)
{
	int from = fs_resolve(FS_HOST, path, FS_MAKE_NOTHING);
	int to = fs_resolve(FS_HOST, place, FS_MAKE_NOTHING);
	if (from >= 0 && to >= 0)
		fs_attach(v, from, to);
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
}

static int detach_host(struct fs_view *v)
{
	bool proc = !fs_keeps_proc(v->f), dev = !(v->f->flags & FS_HOST_DEV);
	if (v->own_root) /* they go with the host's root */
		return 0;
	if (proc)
		hide_at(v, "/sys", "/proc/fs");
	if (proc && dev)
		hide_at(v, "/dev", "/proc/bus");
	int err = proc ? detach(v, "/proc") : 0;
	if (err == 0)
		err = detach(v, "/sys");
	return err == 0 && dev ? detach(v, "/dev") : err;
}

/* ---- items ---- */

/* In place where the target is a mount already; else by a mount of its own over it. */
static int change_target(struct fs_view *v, int target, uint64_t set, uint64_t clear)
{
	int err = fs_set_attributes(v, target, AT_RECURSIVE, set, clear);
	if (err != -EINVAL)
		return err;
	int tree = fs_copy(v, target, "", AT_RECURSIVE);
	if (tree < 0)
		return tree;
	err = fs_set_attributes(v, tree, AT_RECURSIVE, set, clear);
	if (err == 0)
		err = fs_attach(v, tree, target);
	close(tree);
	return err;
}

static int put_read_only(struct fs_view *v, struct fs_item *i, int target)
{
	(void)i;
	return change_target(v, target, MOUNT_ATTR_RDONLY, 0);
}

static int put_exec(struct fs_view *v, struct fs_item *i, int target)
{
	bool may = i->kind == FS_EXEC;
	return change_target(v, target, may ? 0 : MOUNT_ATTR_NOEXEC, may ? MOUNT_ATTR_NOEXEC : 0);
}

static int put_tree(struct fs_view *v, struct fs_item *i, int target)
{
	return fs_attach(v, i->tree, target);
}

/* An empty directory or file nobody may open, or one that can only be passed through to
 * `inside`. */
static int make_empty(struct fs_view *v, bool directory, const char *inside)
{
	const char *name = inside ? "passage" : directory ? "directory" : "file";
	int r = directory ? mkdirat(v->nowhere, name, inside ? 0111 : 0)
					  : mknodat(v->nowhere, name, S_IFREG, 0);
	if (r < 0 && errno != EEXIST)
		return -errno;
	if (inside && mknodat(v->nowhere, inside, S_IFREG, 0) < 0 && errno != EEXIST)
		return -errno;
	return fs_copy(v, v->nowhere, name, 0);
}

static int put_empty(struct fs_view *v, int target, const char *inside)
{
	struct stat st;
	if (fstat(target, &st) < 0)
		return -errno;
	int tree = make_empty(v, S_ISDIR(st.st_mode), inside);
	if (tree < 0)
		return tree;
	int err = fs_set_attributes(v, tree, 0, MOUNT_ATTR_RDONLY | SEALED | MOUNT_ATTR_NOEXEC, 0);
	if (err == 0)
		err = fs_attach(v, tree, target);
	close(tree);
	return err;
}

static int put_hidden(struct fs_view *v, struct fs_item *i, int target)
{
	(void)i;
	return put_empty(v, target, NULL);
}

static int put_notify_directory(struct fs_view *v, struct fs_item *i, int target)
{
	(void)i;
	return put_empty(v, target, "passage/notify");
}

static int put_tmpfs(struct fs_view *v, struct fs_item *i, int target)
{
	/* What anybody may write to is not for programs, or W^X of the memory would have a way
	 * round; ExecPaths says otherwise. */
	unsigned no_programs = i->origin == FROM_DEFAULT ? MOUNT_ATTR_NOEXEC : 0;
	i->tree = fs_fresh(v, "tmpfs", NULL, i->options, SEALED | no_programs, &i->seal);
	if (i->tree >= 0 && i->origin == FROM_DEFAULT && strcmp(i->target, "/tmp") == 0)
		v->tmp = i->tree;
	int err = i->tree < 0 ? i->tree : fs_label(i->tree, &v->owner->label, v->why);
	return err < 0 ? err : fs_attach(v, i->tree, target);
}

static int put_tmp_too(struct fs_view *v, struct fs_item *i, int target)
{
	struct stat here, tmp;
	if (v->tmp < 0) /* a root of its own without a /tmp */
		return 0;
	if (fstat(target, &here) < 0 || fstat(v->tmp, &tmp) < 0)
		return -errno;
	/* A link to /tmp leads there by itself. */
	if (here.st_dev == tmp.st_dev && here.st_ino == tmp.st_ino)
		return 0;
	i->tree = fs_copy(v, v->tmp, "", 0);
	return i->tree < 0 ? i->tree : fs_attach(v, i->tree, target);
}

static int put_proc(struct fs_view *v, struct fs_item *i, int target)
{
	static const char *const options[] = {
		[0] = "",
		[PROC_SUBSET_PID] = "subset=pid",
		[PROC_HIDE] = "hidepid=invisible",
		[PROC_SUBSET_PID | PROC_HIDE] = "hidepid=invisible,subset=pid",
	};
	/* Read-only: /proc/self/mem writes even to code (FOLL_FORCE), and what else can be written
	 * there (oom_score_adj, attr) is for the file to say. With tunables the whole is the host's. */
	i->seal = v->f->tunables != VIEW_HOST || v->f->proc & PROC_SUBSET_PID;
	/* It shows the pid namespace of the caller: the service's. */
	const char *how = options[v->f->proc & (PROC_SUBSET_PID | PROC_HIDE)];
	i->tree = fs_fresh(v, "proc", NULL, how, SEALED | MOUNT_ATTR_NOEXEC, &i->seal);
	return i->tree < 0 ? i->tree : fs_attach(v, i->tree, target);
}

/* Its root is that of the caller's cgroup namespace: the service's group (cgroup_namespaces(7)). */
static int put_cgroup(struct fs_view *v, struct fs_item *i, int target)
{
	i->tree = fs_fresh(v, "cgroup2", NULL, "", SEALED | MOUNT_ATTR_NOEXEC, &i->seal);
	return i->tree < 0 ? i->tree : fs_attach(v, i->tree, target);
}

static int (*const put[KIND_COUNT])(struct fs_view *, struct fs_item *, int target) = {
	[FS_READ_ONLY] = put_read_only,
	[FS_READ_WRITE] = put_tree,
	[FS_HIDDEN] = put_hidden,
	[FS_BIND] = put_tree,
	[FS_BIND_READ_ONLY] = put_tree,
	[FS_TMPFS] = put_tmpfs,
	[FS_EXEC] = put_exec,
	[FS_NO_EXEC] = put_exec,
	[KIND_PROC] = put_proc,
	[KIND_SYSFS] = put_tree,
	[KIND_CGROUP] = put_cgroup,
	[KIND_TMP_TOO] = put_tmp_too,
	[KIND_NOTIFY_DIR] = put_notify_directory,
};

/* The place of a copied tree is made where it lacks and the view can be written: a directory for
 * a directory, a file for anything else. */
static enum fs_make place_for(const struct fs_item *i)
{
	struct stat st;
	if (i->kind == FS_TMPFS || i->kind == KIND_NOTIFY_DIR)
		return FS_MAKE_DIRECTORY;
	if (!takes_tree(i) || fstat(i->tree, &st) < 0)
		return FS_MAKE_NOTHING;
	return S_ISDIR(st.st_mode) ? FS_MAKE_DIRECTORY : FS_MAKE_FILE;
}

static int put_item(struct fs_view *v, struct fs_item *i)
{
	if (i->kind >= KIND_COUNT || !put[i->kind])
		return i->kind == KIND_NONE ? 0 : -EINVAL;
	int target = fs_resolve(v->root, i->target, place_for(i));
	if (target < 0)
		return target == -ENOENT && i->optional ? 0 : target;
	int err = put[i->kind](v, i, target);
	close(target);
	return err;
}

static int put_items(struct fs_view *v)
{
	for (unsigned n = 0; n < v->count; n++) {
		int err = put_item(v, &v->item[n]);
		if (err == -ENOENT && v->own_root)
			return fs_fail(v, err, v->item[n].target, "is not in the own root");
		if (err < 0)
			return fail_about(v, err, v->item[n].target);
	}
	return 0;
}

static int seal_items(struct fs_view *v)
{
	int err = v->dev < 0 ? 0 : fs_set_attributes(v, v->dev, 0, MOUNT_ATTR_RDONLY, 0);
	if (err < 0)
		return fail_about(v, err, "/dev read-only");
	for (unsigned n = 0; n < v->count; n++) {
		if (v->item[n].seal)
			err = fs_set_attributes(v, v->item[n].tree, 0, MOUNT_ATTR_RDONLY, 0);
		if (err < 0)
			return fail_about(v, err, v->item[n].target);
		if (v->item[n].tree >= 0)
			close(v->item[n].tree);
	}
	close(v->host_dev);
	close(v->nowhere);
	if (v->dev >= 0)
		close(v->dev);
	return 0;
}

/* Believe the result, not the calls. */
static int check_root(struct fs_view *v)
{
	const unsigned long wanted = ST_NOSUID | ST_NODEV | (v->root_writable ? 0u : ST_RDONLY);
	struct statvfs st;
	if (statvfs("/", &st) < 0)
		return fail_about(v, -errno, "/");
	return (st.f_flag & wanted) == wanted ? 0 : fail_about(v, -EIO, "the root is not sealed");
}

int filesystem_enter(const struct plan *p, const struct filesystem_plan *f,
	const struct filesystem_owner *owner, struct wall_why *why)
{
	static int (*const phases[])(struct fs_view *) = {
		fs_collect,
		part_from_host,
		fs_root_open,
		take_host_trees,
		fs_root_attach,
		take_own_trees,
		fs_root_seal,
		detach_host,
		fs_dev_build,
		put_items,
		seal_items,
		fs_root_enter,
		check_root,
	};
	struct fs_view view = {.count = 0}; /* some kilobytes of stack, which the reaper gives back */
	view.p = p;
	view.f = f;
	view.owner = owner;
	view.why = why;
	view.dev = view.nowhere = view.tmp = view.host_dev = view.root = view.staging = view.proc = -1;
	umask(0);
	for (size_t i = 0; i < COUNT(phases); i++) {
		int err = phases[i](&view);
		if (err < 0)
			return err;
	}
	return chdir("/") < 0 ? wall_failed(why, -errno, "/") : 0;
}
