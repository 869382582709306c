/* SPDX-License-Identifier: MIT
 * RuntimeDirectorySize: each directory of a service below /run is a tmpfs of its own, so that a
 * full one takes no room from others. All are mounted at boot, before the first service, and stay.
 * A service's view is a copy of the mounts of that moment, so an older client sees the sockets of a
 * server that starts later or is restarted. A tmpfs needs memory only; the mounts do not wait.
 */
#pragma once
#include "pid1/state.h"

/* A failure is reported on the console. */
void bounds_mount(struct pid1 *s, const struct plan *p);
