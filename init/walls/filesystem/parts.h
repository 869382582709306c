/* SPDX-License-Identifier: MIT
 * What the files of this room's apply half share. A view is a list of items, one a mount, sorted by
 * target so that a parent comes before what is below it; directives, directories and what every
 * view has (private /tmp, own /proc ...) all become items.
 */
#pragma once
#include "walls/filesystem/filesystem.h"
#include <fcntl.h>
#include <sys/stat.h>

#define FS_MAX_ITEMS 256u /* 128 rules, 80 directories, and what every view has */

enum fs_kind { /* continues enum filesystem_op */
	KIND_PROC = FS_OP_COUNT,
	KIND_SYSFS,      /* the host's /sys without what is mounted below: no cgroups, no selinuxfs */
	KIND_TMP_TOO,    /* /var/tmp: the same private file system as /tmp */
	KIND_CGROUP,     /* the cgroup file system as the service's cgroup namespace has it */
	KIND_NOTIFY_DIR, /* an empty /run/bulkhead with a place for the readiness socket */
	KIND_NONE,       /* optional and absent */
	KIND_COUNT
};

/* for one target in this order, so that a rule has the last word */
enum fs_origin { FROM_DEFAULT, FROM_DIRECTORY, FROM_RULE };

struct fs_item {
	const char *target;
	const char *source;
	const char *options;
	int tree; /* a detached copy of the source, taken before the root was sealed; -1 */
	uint8_t kind;
	uint8_t origin;
	bool optional;
	bool seal; /* read-only once everything is in place */
};

struct fs_view {
	const struct plan *p;
	const struct filesystem_plan *f;
	const struct filesystem_owner *owner;
	struct wall_why *why;
	unsigned count;
	bool root_writable;
	bool old;        /* mount(2) alone: see apply_old.c, and fs_is_old */
	int staging;     /* old: where trees wait until they are moved to their place; -1 */
	unsigned staged; /* old: names on the staging file system */
	int proc;        /* old: the host's /proc; -1 */
	int root;        /* O_PATH: what the service will have as its root */
	bool own_root;   /* RootDirectory or RootImage: another tree than the host's */
	int host_dev;    /* the host's /dev */
	int dev;         /* ours, -1 with FS_HOST_DEV */
	/* a directory that /dev/shm will cover: what is hidden shows an empty directory or file from
	 * there */
	int nowhere;
	int tmp; /* /tmp's file system */
	struct fs_item item[FS_MAX_ITEMS];
};

enum fs_make { FS_MAKE_NOTHING, FS_MAKE_DIRECTORY, FS_MAKE_FILE };

#define FS_SEALED (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV) /* every root */

#define FS_HOST AT_FDCWD /* as a root: the host's, which is ours until the end */

/* An O_PATH descriptor of an absolute path below `root`, or -errno (ELOOP: a symbolic link that
 * is not root's). What is absent is made. */
int fs_resolve(int root, const char *path, enum fs_make make);

/* Mounts, by descriptor (apply_mount.c). A tree is a mount that is not in its place yet. */
/* A copy of what is at `name` below the descriptor ("": of the descriptor itself), with
 * AT_RECURSIVE of what is mounted below too. */
int fs_copy(struct fs_view *v, int at, const char *name, unsigned flags);
/* A new file system: a tree or -errno. The words "ro" and "noexec" of the options become attributes
 * (*seal is set for "ro"), the rest is the file system's own. `source` is a block device,
 * mounted read-only, or NULL. */
int fs_fresh(struct fs_view *v, const char *type, const char *source, const char *options,
	unsigned attributes, bool *seal);
int fs_attach(const struct fs_view *v, int tree, int target);
/* MOUNT_ATTR_* of a mount, with AT_RECURSIVE of those below too; -EINVAL where `mount` is none. */
int fs_set_attributes(const struct fs_view *v, int mount, unsigned flags, uint64_t set,
	uint64_t clear);

/* Asked in place of `old`: what is left out with CONFIG_OLD_MOUNT is never called. */
static inline bool fs_is_old(const struct fs_view *v)
{
	return CONFIG_OLD_MOUNT && v->old;
}

/* The same with mount(2), for kernels before 5.12 (apply_old.c). */
int fs_old_begin(struct fs_view *v);
int fs_old_copy(struct fs_view *v, int at, const char *name, unsigned flags);
int fs_old_fresh(struct fs_view *v, const char *type, const char *source, const char *data,
	unsigned attributes);
int fs_old_attach(const struct fs_view *v, int tree, int target);
int fs_old_attributes(const struct fs_view *v, int mount, unsigned flags, uint64_t set,
	uint64_t clear);
int fs_old_end(struct fs_view *v); /* the staging file system goes, and what was left on it */

/* Where the view's root comes from (apply_root.c). */
int fs_root_open(struct fs_view *v);  /* fills in root and own_root */
int fs_root_image(struct fs_view *v); /* apply_image.c: the same from an image */
/* an own root gets its place, where it can be mounted upon */
int fs_root_attach(struct fs_view *v);
int fs_root_seal(struct fs_view *v);
int fs_root_enter(struct fs_view *v); /* an own root becomes the process's; the host's is gone */

int fs_fail(const struct fs_view *v, int err, const char *what, const char *about);

static inline bool fs_has_own_root(const struct filesystem_plan *f)
{
	return f->root_directory || f->root_image;
}

/* The host's own /proc stays in the view: only where nothing of it shall be hidden, which takes
 * a /proc of our own. */
static inline bool fs_keeps_proc(const struct filesystem_plan *f)
{
	return !fs_has_own_root(f) &&
		(f->proc & (PROC_HOST | PROC_SUBSET_PID | PROC_HIDE)) == PROC_HOST;
}

int fs_collect(struct fs_view *v);   /* plan to sorted items */
int fs_dev_build(struct fs_view *v); /* /dev; fills in dev and nowhere */
/* Takes the descriptor. Follows no link, and stays in the directory's file system: -EBUSY, where
 * something is mounted; -ETIMEDOUT, where there is still something in it after so long. */
int fs_empty_directory(int directory, uint32_t ms);
/* apply_owner.c: what is in the directory, of which `top` tells, goes to these ids as far as it
 * was its owner's. */
int fs_follow_owner(int directory, const struct stat *top, uint32_t uid, uint32_t gid);
/* Gives the directory at this descriptor (O_PATH will do) its label, unless it has it. */
int fs_label(int directory, const struct filesystem_label *label, struct wall_why *why);
