/* SPDX-License-Identifier: MIT
 * Between the files of this wall's report half: what its mounts are in the view of the process.
 */
#pragma once
#include "walls/filesystem/conf.h"
#include "walls/report.h"
#include <linux/stat.h>
#include <sys/stat.h>
#include <sys/vfs.h>

struct look_mount {
	char options[128]; /* of the mount: ro,nosuid … */
	char root[256], point[256], type[32], super[256];
	bool is_point;      /* the path is where it is mounted, and not something below */
	struct statx file;  /* what is there */
	struct statfs room; /* of a tmpfs, which always answers */
};

/* report_inforce_mount.c. The mount at a path of the view: 0, or -errno: -ENOENT if there is no
 * such path. */
int look_mount_of(const struct look *l, const char *path, struct look_mount *m);
/* Whether each of the words is among the mount's options or its type; ! negates. "point": it is
 * mounted at the path itself. */
bool look_mount_fits(const struct look_mount *m, const char *words);
/* 1: the host's file, 0: another, -errno: the host has none, or it is not to be seen. */
int look_mount_is_the_hosts(const struct look_mount *m, struct span path);
/* Of "size=1M,mode=0700" what the kernel has not so, in *wrong; false: it has all of it. */
bool look_mount_lacks(const struct look_mount *m, struct span options, const char **wrong);

/* What the kernel says of one rule: NULL if it is just that, else what is amiss. */
typedef const char *look_amiss(const struct look *l, const struct look_mount *m,
	const struct filesystem_conf_rule *r);
/* `words` for look_mount_fits, beside how it is called in the file. `rule` and `amiss` may be
 * NULL. */
void look_at_mount(struct look *l, enum directive_id directive, const char *path, const char *asked,
	const char *words, const struct filesystem_conf_rule *rule, look_amiss *amiss);
look_amiss look_nothing_there; /* hidden: an empty file or directory without any mode */

void look_at_root(struct look *l); /* report_inforce_views.c */
void look_at_views(struct look *l);

bool look_has_word(const char *list, struct span word); /* of a list with commas */

/* What the kernel tells of a file system in memory; report_inforce_memory.c. */
struct look_memory {
	const char *options, *super;  /* of the mount and of the file system, as in mountinfo */
	uint64_t bytes, block, files; /* statfs(2): 0 = no bound */
	uint64_t total;               /* of the machine's memory */
};
/* The first of these options of mount(8) that the file system does not have; empty: it has all. */
struct span look_memory_amiss(const struct look_memory *m, struct span options);
