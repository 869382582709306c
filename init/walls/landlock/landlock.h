/* SPDX-License-Identifier: MIT
 * Landlock (5.13, used from 5.19): a second wall around the same paths as [Filesystem]. The mounts
 * say what a path in the view is; this says what the service may do at all, by whatever way a file
 * is reached: through a directory's descriptor that somebody passed to it, /proc/PID/root, a mount
 * that should not be there. Rules only add: below a path that may be written everything may, and
 * what the view has read-only there the mounts alone keep. What this kernel's Landlock does not
 * know yet (truncate(2) before 6.2, ioctl(2) on devices before 6.10, signals and abstract sockets
 * before 6.12) it does not restrict; the other walls do not rely on it.
 */
#pragma once
#include <stdint.h>
#include "walls/apply.h"

enum landlock_may { /* at a path and below */
	LANDLOCK_MAY_READ = 1,
	LANDLOCK_MAY_EXECUTE = 2,
	LANDLOCK_MAY_MODIFY = 4,  /* write what is there */
	LANDLOCK_MAY_CREATE = 8,  /* and make, rename and remove, anything but device nodes */
	LANDLOCK_MAY_CONTROL = 16 /* ioctl(2) on devices */
};

struct landlock_rule {
	plan_str path; /* in the service's view; where there is none, nothing is allowed there */
	uint32_t may;  /* enum landlock_may */
};

enum landlock_flags {
	/* a kernel without it refuses the service (OPTIONAL_LANDLOCK); else its absence is only
	 * reported */
	LANDLOCK_REQUIRED = 1,
	LANDLOCK_SCOPED = 2 /* no signal and no abstract socket leads out of the service */
};

struct landlock_plan { /* no blob at all: off */
	uint32_t flags;
	uint32_t reserved;
	struct plan_list rules; /* of struct landlock_rule */
};

/* In the service's own process, view and ids, with no_new_privs or CAP_SYS_ADMIN. What standard
 * input, output and error are may be opened anew. */
int landlock_apply(const struct plan *p, const struct landlock_plan *l, struct wall_why *why);
