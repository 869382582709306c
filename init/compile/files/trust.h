/* SPDX-License-Identifier: MIT
 * Who can write what decides what root runs: a file of a device, and every directory and link on
 * the way to it. On the device itself (our root is this process's own) it must be root alone, and
 * links stay in bulkhead's directories; in a build, where files belong to who builds, it is a note.
 */
#pragma once
#include "walls/diagnose.h"
#include <sys/stat.h>

/* `st` is of the file that was opened as `path` below the root. 0, or -EINVAL with the finding said
 * through d. Marks d as private where not everybody may read the file. */
int trust_file(const char *path, const struct stat *st, struct diag *d);
/* The same for a directory that service files are looked for in; nothing if it is not there. */
void trust_directory(const char *path);
/* Whether a file that was named by hand is one of this device's. */
bool trust_concerns(const char *path);
