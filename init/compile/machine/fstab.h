/* SPDX-License-Identifier: MIT
 * /etc/fstab: what PID 1 mounts.
 */
#pragma once
#include "plan/write.h"
#include "walls/diagnose.h"

/* Encodes the lines as struct plan_mount, in the file's order. The root, swap, noauto and the file
 * systems that PID 1 mounts itself are left out. */
struct plan_list fstab_encode(struct plan_writer *w, struct diag *d);
/* Splits options (separated by commas) into MS_* flags and the file system's own, NULL if there are
 * none. */
void fstab_read_options(struct span options, uint32_t *flags, const char **own);
