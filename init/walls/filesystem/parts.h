/* SPDX-License-Identifier: MIT
 * What the files of this room's apply half share. A view is a list of items, one a mount, sorted by target so that a parent comes before
 * what is below it; directives, directories and what every view has (private /tmp, own /proc ...) all become items.
 */
#pragma once
#include "walls/filesystem/filesystem.h"

#define FS_MAX_ITEMS 256u /* 128 rules, 80 directories, and what every view has */

enum fs_kind { /* continues enum filesystem_op */
	KIND_PROC = FS_OP_COUNT,
	KIND_SYSFS,      /* the host's /sys without what is mounted below: no cgroups, no selinuxfs */
	KIND_TMP_TWIN,   /* /var/tmp: the same private file system as /tmp */
	KIND_NOTIFY_DIR, /* an empty /run/bulkhead with a place for the readiness socket */
	KIND_NONE,       /* optional and absent */
	KIND_COUNT
};

enum fs_origin { FROM_HOUSE, FROM_DIRECTORY, FROM_RULE }; /* for one target in this order, so that a rule has the last word */

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
	int host_dev; /* the host's /dev */
	int dev;      /* ours, -1 with FS_HOST_DEV */
	int nowhere;  /* a directory that /dev/shm will cover: what is hidden shows an empty directory or file from there */
	int tmp;      /* /tmp's file system */
	struct fs_item item[FS_MAX_ITEMS];
};

enum fs_make { FS_MAKE_NOTHING, FS_MAKE_DIRECTORY, FS_MAKE_FILE };

/* An O_PATH descriptor of an absolute path, or -errno (ELOOP: a symbolic link that is not root's). What is absent is made. */
int fs_resolve(const char *path, enum fs_make make);
/* A new file system, not attached anywhere yet: a descriptor or -errno. The words "ro" and "noexec" of the options become attributes
 * (*seal is set for "ro"), the rest is the file system's own. */
int fs_fresh(const char *type, const char *options, unsigned attributes, bool *seal);
int fs_attach(int tree, int target);
int fs_set_attributes(int mount, unsigned flags, uint64_t set, uint64_t clear);
int fs_fail(const struct fs_view *v, int err, const char *what, const char *about);

/* The host's own /proc stays in the view: only where nothing of it shall be hidden, which takes a /proc of our own. */
static inline bool fs_keeps_proc(const struct filesystem_plan *f)
{
	return (f->proc & (PROC_HOST | PROC_SUBSET_PID | PROC_HIDE)) == PROC_HOST;
}

int fs_collect(struct fs_view *v);     /* plan to sorted items */
int fs_dev_build(struct fs_view *v);   /* /dev; fills in dev and nowhere */
int fs_empty_directory(int directory); /* takes the descriptor */

/* Reads a directory's names without libc's allocating readdir(3). */
struct fs_names {
	int directory;
	long left, at;
	char buf[2048] __attribute__((aligned(8)));
};
void fs_names_start(struct fs_names *n, int directory);
int fs_names_next(struct fs_names *n, const char **name); /* 1, 0 at the end, -errno; "." and ".." are left out */
