/* SPDX-License-Identifier: MIT
 * Shared by the files of this room's apply half. A view is a list of items, one per mount, sorted
 * by target so that parents come first. Directives, directories and what every view has (private
 * /tmp, own /proc, …) all become items.
 */
#pragma once
#include "walls/filesystem/filesystem.h"
#include <fcntl.h>
#include <sys/stat.h>

#define FS_NODES 6        /* of every /dev */
#define FS_MAX_ITEMS 256u /* 128 rules, 80 directories, and what every view has */

enum fs_kind { /* continues enum filesystem_op */
	KIND_PROC = FS_OP_COUNT,
	KIND_SYSFS,      /* the host's /sys without its submounts: no cgroups, no selinuxfs */
	KIND_TMP_TOO,    /* /var/tmp: the same private file system as /tmp */
	KIND_CGROUP,     /* the cgroup file system of the service's cgroup namespace */
	KIND_NOTIFY_DIR, /* an empty /run/bulkhead with a place for the readiness socket */
	KIND_NONE,       /* optional and missing */
	KIND_COUNT
};

/* The order for items with the same target: a rule comes last, and wins. */
enum fs_origin { FROM_DEFAULT, FROM_DIRECTORY, FROM_RULE };

struct fs_item {
	const char *target;
	const char *source;
	const char *options;
	int tree; /* a detached copy of the source, made before the root was sealed; -1 = none */
	uint8_t kind;
	uint8_t origin;
	bool optional;
	bool seal; /* made read-only when everything is mounted */
};

struct fs_view {
	const struct plan *p;
	const struct filesystem_plan *f;
	const struct filesystem_owner *owner;
	struct wall_why *why;
	unsigned count;
	bool root_writable;
	bool old;           /* mount(2) only: see apply_old.c, and fs_is_old() */
	int staging;        /* old: where trees are kept until they are moved into place; -1 */
	unsigned staged;    /* old: number of names on the staging file system */
	int proc;           /* old: the host's /proc; -1 */
	int root;           /* O_PATH: the future root of the service */
	bool own_root;      /* RootDirectory or RootImage: not the host's tree */
	int host_dev;       /* the host's /dev */
	int dev;            /* the service's, -1 with FS_HOST_DEV */
	int node[FS_NODES]; /* trees of the host's nodes where none may be made, else -1 */
	/* a directory that /dev/shm will cover; it has the empty directory and file that replace hidden
	 * paths */
	int nowhere;
	int tmp; /* /tmp's file system */
	struct fs_item item[FS_MAX_ITEMS];
};

enum fs_make { FS_MAKE_NOTHING, FS_MAKE_DIRECTORY, FS_MAKE_FILE };

#define FS_SEALED (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV) /* for every root */

#define FS_HOST AT_FDCWD /* as `root`: the host's, which is ours until the end */

/* An O_PATH descriptor of an absolute path below `root`, or -errno (ELOOP: a symbolic link that is
 * not root's). `make`: what to make if it is missing. */
int fs_resolve(int root, const char *path, enum fs_make make);

/* Mounts by descriptor (apply_mount.c). A tree is a mount that is not attached yet. */
/* A copy of what is at `name` below the descriptor ("": the descriptor itself); with AT_RECURSIVE,
 * with what is mounted below it. A tree or -errno. */
int fs_copy(struct fs_view *v, int at, const char *name, unsigned flags);
/* A new file system: a tree or -errno. The words "ro" and "noexec" of the options become attributes
 * (*seal is set for "ro"); the rest is passed to the file system. `source` is a block device,
 * mounted read-only, or NULL. */
int fs_fresh(struct fs_view *v, const char *type, const char *source, const char *options,
	unsigned attributes, bool *seal);
int fs_attach(const struct fs_view *v, int tree, int target);
/* Sets and clears MOUNT_ATTR_* of a mount; with AT_RECURSIVE, also of those below. -EINVAL if
 * `mount` is not a mount. */
int fs_set_attributes(const struct fs_view *v, int mount, unsigned flags, uint64_t set,
	uint64_t clear);

/* Use this instead of `old`, so that the compiler drops the calls if CONFIG_OLD_MOUNT is off. */
static inline bool fs_is_old(const struct fs_view *v)
{
	return CONFIG_OLD_MOUNT && v->old;
}

/* The same with mount(2) for kernels before 5.12 (apply_old.c). */
int fs_old_begin(struct fs_view *v);
int fs_old_copy(struct fs_view *v, int at, const char *name, unsigned flags);
int fs_old_fresh(struct fs_view *v, const char *type, const char *source, const char *data,
	unsigned attributes);
int fs_old_attach(const struct fs_view *v, int tree, int target);
int fs_old_attributes(const struct fs_view *v, int mount, unsigned flags, uint64_t set,
	uint64_t clear);
int fs_old_end(struct fs_view *v); /* removes the staging file system and what is left on it */

/* The root of the view (apply_root.c). */
int fs_root_open(struct fs_view *v);  /* sets root and own_root */
int fs_root_image(struct fs_view *v); /* apply_image.c: the same from an image */
/* attaches an own root to its place, where mounts on it are possible */
int fs_root_attach(struct fs_view *v);
int fs_root_seal(struct fs_view *v);
int fs_root_enter(struct fs_view *v); /* enters an own root; the host's is detached */

int fs_fail(const struct fs_view *v, int err, const char *what, const char *about);

static inline bool fs_has_own_root(const struct filesystem_plan *f)
{
	return f->root_directory || f->root_image;
}

/* The host's /proc stays in the view. Only if nothing of it is to be hidden, which needs a /proc of
 * its own. */
static inline bool fs_keeps_proc(const struct filesystem_plan *f)
{
	return !fs_has_own_root(f) &&
		(f->proc & (PROC_HOST | PROC_SUBSET_PID | PROC_HIDE)) == PROC_HOST;
}

int fs_collect(struct fs_view *v); /* makes the sorted items from the plan */
/* Before the host is detached: takes the host's nodes where none may be made. */
int fs_dev_take_nodes(struct fs_view *v);
int fs_dev_build(struct fs_view *v); /* builds /dev; sets dev and nowhere */
/* Empties a directory; closes the descriptor. Follows no link and stays on the directory's file
 * system. -EBUSY: something is mounted in it. -ETIMEDOUT: not empty after `ms`. */
int fs_empty_directory(int directory, uint32_t ms);
/* apply_owner.c: gives the files in a directory to these ids, as far as they belonged to its owner,
 * whom `top` tells. */
int fs_follow_owner(int directory, const struct stat *top, uint32_t uid, uint32_t gid);
/* Labels the directory (an O_PATH descriptor will do), unless it has the label. */
int fs_label(int directory, const struct filesystem_label *label, struct wall_why *why);
