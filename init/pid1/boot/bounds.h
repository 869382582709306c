/* SPDX-License-Identifier: MIT
 * RuntimeDirectorySize: each of a service's directories below /run is a tmpfs of its own, so that
 * who fills it takes nobody else's room. All are mounted at boot, before the first service, and
 * stay: each service's view is a copy of the mounts of that moment, and a client that was there
 * before sees the sockets of a server that starts later, or again. Memory alone is asked for;
 * nothing here waits. */
#pragma once
#include "pid1/state.h"

void bounds_mount(struct pid1 *s, const struct plan *p);
