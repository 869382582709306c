/* SPDX-License-Identifier: MIT
 * Shared by the files of this wall's report half: the mounts in the view of a process.
 */
#pragma once
#include "walls/filesystem/conf.h"
#include "walls/report.h"
#include <linux/stat.h>
#include <sys/stat.h>
#include <sys/vfs.h>

struct look_mount {
	char options[128];                                 /* of the mount: ro,nosuid,… */
	char root[256], point[256], type[32], super[1024]; /* super: an overlay's has paths */
	bool is_point;      /* the path is the mount point itself, not below it */
	struct statx file;  /* of the path */
	struct statfs room; /* of a tmpfs only, which always answers */
};

/* report_inforce_mount.c: the mount at a path of the view. 0 or -errno; -ENOENT: there is no such
 * path. */
int look_mount_of(const struct look *l, const char *path, struct look_mount *m);
/* The n-th field of a line of mountinfo, from 0, without its escapes. 0, -ENOENT, or
 * -ENAMETOOLONG. */
int look_mount_field(struct span line, unsigned n, char *buf, size_t cap);
/* Whether each of the words is one of the mount's options or its type; ! negates. "point": it is
 * mounted at the path itself. */
bool look_mount_fits(const struct look_mount *m, const char *words);
/* 1: it is the host's file. 0: it is another. -errno: the host has none, or it cannot be seen. */
int look_mount_is_the_hosts(const struct look_mount *m, struct span path);
/* Whether the mount lacks one of the options "size=1M,mode=0700"; *wrong is that one. */
bool look_mount_lacks(const struct look_mount *m, struct span options, const char **wrong);

/* Compares a rule with the kernel's view: NULL if they agree, else what differs. */
typedef const char *look_amiss(const struct look *l, const struct look_mount *m,
	const struct filesystem_conf_rule *r);
/* Adds a row for a mount. `words` are for look_mount_fits(), `asked` is the text of the file.
 * `rule` and `amiss` may be NULL. */
void look_at_mount(struct look *l, enum directive_id directive, const char *path, const char *asked,
	const char *words, const struct filesystem_conf_rule *rule, look_amiss *amiss);
look_amiss look_nothing_there; /* for hidden paths: an empty file or directory with mode 0 */

void look_at_root(struct look *l); /* report_inforce_views.c */
void look_at_views(struct look *l);

bool look_has_word(const char *list, struct span word); /* of a list separated by commas */

/* What the kernel shows of a tmpfs (report_inforce_memory.c). */
struct look_memory {
	const char *options, *super;  /* of the mount and of the file system, as in mountinfo */
	uint64_t bytes, block, files; /* statfs(2): 0 = no limit */
	uint64_t total;               /* of the machine's memory */
};
/* The first of these options of mount(8) that the file system does not have; empty: it has all. */
struct span look_memory_amiss(const struct look_memory *m, struct span options);
