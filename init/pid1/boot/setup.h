/* SPDX-License-Identifier: MIT
 * The machine around the services: kernel file systems, fstab's mounts, hostname, modules, sysctls.
 */
#pragma once
#include "pid1/state.h"

/* /proc, /sys, /dev: what is needed to say anything at all */
void setup_mount_early(void);
/* /dev/pts, /dev/shm, /run, /sys/fs/cgroup */
void setup_mount_rest(struct pid1 *s);
/* [Boot] Modules; loaded already is no failure */
void setup_load_modules(struct pid1 *s, const struct plan *p);
/* those that MemoryMax takes the place of */
void setup_raise_bounds(struct pid1 *s);
/* What else init.ini and fstab ask for. again: what is mounted already stays as it is. */
void setup_run(struct pid1 *s, const struct plan *plan, bool again);
