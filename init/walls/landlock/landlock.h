/* SPDX-License-Identifier: MIT
 * Landlock (5.13, used from 5.19): a second wall around the paths of [Filesystem]. The mounts say
 * what a path in the view is. Landlock says what the service may do at all, in whatever way it
 * reaches a file: through a directory's descriptor that was passed to it, /proc/PID/root, or a
 * mount that should not be there. Rules only add: below a path that may be written everything may
 * be, and what the view has read-only there is protected by the mounts alone. What this kernel's
 * Landlock does not know is not restricted (truncate(2) before 6.2, ioctl(2) on devices before
 * 6.10, signals and abstract sockets before 6.12); the other walls do not rely on it.
 */
#pragma once
#include <stdint.h>
#include "walls/apply.h"

enum landlock_may { /* at a path and below */
	LANDLOCK_MAY_READ = 1,
	LANDLOCK_MAY_EXECUTE = 2,
	LANDLOCK_MAY_MODIFY = 4,  /* write existing files */
	LANDLOCK_MAY_CREATE = 8,  /* make, rename and remove anything but device nodes */
	LANDLOCK_MAY_CONTROL = 16 /* ioctl(2) on devices */
};

struct landlock_rule {
	plan_str path; /* in the service's view; nothing is allowed at a path that does not exist */
	uint32_t may;  /* enum landlock_may */
};

enum landlock_flags {
	/* a kernel without it refuses the service (OPTIONAL_LANDLOCK); otherwise that is only
	 * reported */
	LANDLOCK_REQUIRED = 1,
	LANDLOCK_SCOPED = 2 /* no signals and no abstract sockets to processes outside of the service */
};

struct landlock_plan { /* no blob: Landlock is off */
	uint32_t flags;
	uint32_t reserved;
	struct plan_list rules; /* of struct landlock_rule */
};

/* Restricts the calling process, in the service's view and with its ids; needs no_new_privs or
 * CAP_SYS_ADMIN. The files of standard input, output and error may be opened again. */
int landlock_apply(const struct plan *p, const struct landlock_plan *l, struct wall_why *why);
