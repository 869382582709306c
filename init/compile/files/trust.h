/* SPDX-License-Identifier: MIT
 * Whoever can write these files decides what root runs. So a file of a device, and every directory
 * and link on the way to it, must be writable by root alone, and links must stay in bulkhead's
 * directories. That is an error on the device (our root is this process's own). In a build, where
 * files belong to the builder, it is a note.
 */
#pragma once
#include "walls/diagnose.h"
#include <sys/stat.h>

/* `st` is that of the file opened as `path` below the root. 0, or -EINVAL with the finding reported
 * through d. Marks d as secret if the file is not readable by everybody. */
int trust_file(const char *path, const struct stat *st, struct diag *d);
/* The same for a directory of service files; nothing if it does not exist. */
void trust_directory(const char *path);
/* Whether a file named on the command line is one of this device's. */
bool trust_concerns(const char *path);
