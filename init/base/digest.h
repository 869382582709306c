/* SPDX-License-Identifier: MIT
 * The digest of the files a plan was made from, so that PID 1 can tell whether a plan made ahead
 * still matches them without reading what they say. The same function makes it in the compiler and
 * checks it at boot. No allocation; one buffer on the stack.
 */
#pragma once
#include <stdint.h>

/* Sources are named relative to `root` (an O_PATH or directory descriptor); an entry that ends in
 * '/' is a directory whose *.ini files count, and those of its NAME.d/ and so on one level down;
 * any other is one file. What is absent counts as absent. The order of directory entries does
 * not matter. `list` ends with NULL. 0 and *out, or -errno of what could not be read. */
int digest_sources(int root, const char *const *list, uint64_t *out);
