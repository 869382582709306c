/* SPDX-License-Identifier: MIT
 * The machine around the services: kernel file systems, mounts of fstab, host name, modules,
 * sysctls.
 */
#pragma once
#include "pid1/state.h"

/* Mounts /proc, /sys and /dev, which messages need. */
void setup_mount_early(void);
/* Says that the kernel is too old, or that this is a container. */
void setup_say_where(struct pid1 *s);
/* Mounts /dev/pts, /dev/shm, /run and /sys/fs/cgroup. */
void setup_mount_rest(struct pid1 *s);
/* Loads the modules of [Boot] Modules. One that is loaded already is no failure. */
void setup_load_modules(struct pid1 *s, const struct plan *p);
/* Raises bounds of the kernel that MemoryMax replaces. */
void setup_raise_bounds(struct pid1 *s);
/* Does what else init.ini and fstab ask for. again: what is mounted already is left alone. */
void setup_run(struct pid1 *s, const struct plan *plan, bool again);
