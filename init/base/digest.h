/* SPDX-License-Identifier: MIT
 * A digest of the files that a plan is made from. With it PID 1 can tell whether a plan made ahead
 * still matches them, without parsing them. The compiler and PID 1 use the same function. No
 * allocation; one buffer on the stack.
 */
#pragma once
#include <stdint.h>

/* Computes the digest of the files in `list`, which ends with NULL, relative to the directory
 * descriptor `root` (O_PATH will do). An entry that ends in '/' is a directory: its *.ini files
 * count, and those of its NAME.d/ one level down. Any other entry is one file. A missing file
 * counts as missing. The order of directory entries does not matter. Returns 0 with *out, or -errno
 * of what could not be read. */
int digest_sources(int root, const char *const *list, uint64_t *out);
