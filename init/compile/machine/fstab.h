/* SPDX-License-Identifier: MIT
 * /etc/fstab: what PID 1 mounts.
 */
#pragma once
#include "plan/write.h"
#include "walls/diagnose.h"

/* Of struct plan_mount, in the file's order. The root itself, swap, noauto and the kernel's own
 * file systems that PID 1 mounts anyhow are left out. */
struct plan_list fstab_encode(struct plan_writer *w, struct diag *d);
/* Options with commas between them: MS_* that they set, and what is the file system's own, NULL
 * if nothing. */
void fstab_read_options(struct span options, uint32_t *flags, const char **own);
