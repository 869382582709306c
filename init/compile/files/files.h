/* SPDX-License-Identifier: MIT
 * Files below the device's root, which is a directory during a build. Symbolic links, absolute ones
 * too, are followed inside it (openat2, 5.6).
 */
#pragma once
#include "base/span.h"
#include "walls/diagnose.h"
#include <stdint.h>
#include <sys/stat.h>

/* The directories of service files: the device's own, and the image's. */
#define FILES_DEVICE "/etc/bulkhead"
#define FILES_VENDOR "/usr/lib/bulkhead"
#define FILES_SUFFIX ".ini"

struct files { /* sorted names, malloc'd */
	char **name;
	size_t count;
};

/* Sets the root. dir NULL: there is none, and nothing is looked up. 0 or -errno. */
int files_set_root(const char *dir);
bool files_have_root(void);
int files_root(void); /* its descriptor */
/* Whether the root is this process's own, that is, the compiler runs on the device and not in a
 * build. */
bool files_on_device(void);
/* Opens a path below the root (open(2)'s flags): its descriptor, or -errno. */
int files_open(const char *path, uint64_t flags);
/* Whether no component of `path` is a symbolic link. */
bool files_is_plain(const char *path);
/* stat(2) of what `path` leads to: 0 or -errno. */
int files_stat(const char *path, struct stat *st);
/* The same for a path whose root is the directory `top` below ours. -ENOTDIR: there is no such
 * directory. */
int files_stat_below(const char *top, const char *path, struct stat *st);
#define FILES_PATH 1024
/* Resolves `path` to a path without links, as on the device; without a root it is unchanged. 0 or
 * -errno. */
int files_real(const char *path, char real[static FILES_PATH]);
#define FILES_LABEL 256 /* bytes */
/* The SELinux context of what `path` leads to. 0 or -errno; -ENODATA: it has none. */
int files_label(const char *path, char label[static FILES_LABEL]);
/* Whether a file names an interpreter in its first bytes: 1; 0, also if there is no root; or
 * -errno. The other function gives its first line too, as far as there is room. */
int files_is_script(const char *path);
int files_interpreter_line(const char *path, char *line, size_t cap);
/* Whether the path is a symbolic link to /dev/null, which masks a file. */
bool files_masked(const char *path);
/* FILES_DEVICE and FILES_VENDOR: of two files of one name the first counts. */
#define FILES_TOPS 2
extern const char *const files_tops[FILES_TOPS];
/* Whether NAME.ini is among the device's service files or the vendor's, masked or not. */
bool files_has_service(const char *name);
/* Names in a directory that end in `suffix`, sorted; none if the directory does not exist. */
void files_list(const char *path, const char *suffix, struct files *out);
bool files_has(const struct files *names, const char *name);
/* read.c. Reads a text file of at most max_kb, malloc'd, below the root or (anywhere) relative to
 * the working directory. 0; -ENOENT: it does not exist, which is not reported; other errors were
 * reported through d, whose place is set to the file. A file below the root is first judged by
 * trust.h, if d is not NULL. */
int files_read(const char *path, bool anywhere, unsigned max_kb, struct span *text, struct diag *d);
/* Writes a plan or text. 0 or -errno. */
int output_write(int fd, const unsigned char *p, size_t n);
/* Writes the whole file, or leaves an earlier one in place. What is no ordinary file is written to;
 * a link is followed. -EACCES: neither, if it is somebody else's in a directory like /tmp. 0 or
 * -errno. */
int output_file(const char *path, const unsigned char *p, size_t n, mode_t mode);
