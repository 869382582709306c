/* SPDX-License-Identifier: MIT
 * /etc/fstab: what PID 1 mounts.
 */
#pragma once
#include "compile/diagnose.h"
#include "plan/write.h"

/* Of struct plan_mount, in the file's order. The root itself, swap, noauto and the kernel's own file systems that PID 1 mounts anyhow are left out. */
struct plan_list fstab_encode(struct plan_writer *w, struct diag *d);
