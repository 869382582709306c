/* SPDX-License-Identifier: MIT
 * Files below the device's root, which during a build is a directory: symbolic links, absolute ones
 * too, are followed inside it (openat2, 5.6).
 */
#pragma once
#include "base/span.h"
#include "walls/diagnose.h"
#include <sys/stat.h>

/* Where service files lie: the device's own, and those that came with its image. */
#define FILES_DEVICE "/etc/bulkhead"
#define FILES_VENDOR "/usr/lib/bulkhead"
#define FILES_SUFFIX ".ini"

struct files { /* sorted names, malloc'd */
	char **name;
	size_t count;
};

/* dir NULL: there is no root, nothing is looked up. 0 or -errno. */
int files_set_root(const char *dir);
bool files_have_root(void);
int files_root(void); /* descriptor */
/* Whether it is this very process's own: the device that the files are for, and not a directory
 * of a build. */
bool files_on_device(void);
/* Whether `path` leads there without a link. */
bool files_is_plain(const char *path);
/* 0 and *st of what `path` leads to, or -errno. */
int files_stat(const char *path, struct stat *st);
/* The same for a path whose root is the directory `top` below ours; -ENOTDIR if there is no such
 * directory. */
int files_stat_below(const char *top, const char *path, struct stat *st);
#define FILES_PATH 1024
/* The path that `path` leads to, without links, as the device sees it. With no root: itself. 0
 * or -errno. */
int files_real(const char *path, char real[static FILES_PATH]);
#define FILES_LABEL 256 /* bytes */
/* The SELinux context of what `path` leads to; 0 or -errno, -ENODATA if it has none. */
int files_label(const char *path, char label[static FILES_LABEL]);
/* 1: its first bytes name an interpreter; 0: they do not, or there is no root; -errno. */
int files_is_script(const char *path);
/* A format of two words, filled in, malloc'd. */
char *files_path(const char *format, const char *top, const char *name);
/* Whether the path itself is a symbolic link to /dev/null, which masks. */
bool files_masked(const char *path);
/* Names in the directory that end in `suffix`, sorted; none if it is not there. */
void files_list(const char *path, const char *suffix, struct files *out);
bool files_has(const struct files *names, const char *name);
/* Contents of a text file of at most max_kb, malloc'd, below the root or (anywhere) as named by the
 * caller's working directory. -ENOENT: absent, and nothing has been said; other errors have
 * been, through d, whose place is set to the file. One below the root that has a d is for
 * trust.h to judge first. */
int files_read(const char *path, bool anywhere, unsigned max_kb, struct span *text, struct diag *d);
