/* SPDX-License-Identifier: MIT
 * The paths that belong to bulkhead: file systems that PID 1 mounts, its sockets, the logs, and the
 * programs that raise the walls. fstab and init.ini may not mount over them. Pure.
 */
#pragma once
#include "base/span.h"

enum own {
	OWN_NOT,
	OWN_MOUNT,  /* PID 1 mounts a file system there; *what is its type */
	OWN_HIDDEN, /* a mount there would hide *what, or lie in it */
};

/* What `path` (absolute) is to bulkhead. *what is a static text. */
enum own own_look(struct span path, const char **what);
