/* SPDX-License-Identifier: MIT
 * What is bulkhead's own in the tree of files: the file systems that PID 1 mounts, its sockets, the
 * logs and the programs that raise the walls. Nothing that fstab or init.ini names is laid over
 * it. Pure.
 */
#pragma once
#include "base/span.h"

enum own {
	OWN_NOT,
	OWN_MOUNT,  /* a file system that PID 1 mounts there; *what is its type */
	OWN_HIDDEN, /* what is mounted there hides *what, or lies in it */
};

enum own own_look(struct span path, const char **what);
