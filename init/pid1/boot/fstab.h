/* SPDX-License-Identifier: MIT
 * Mounts the lines of fstab at boot, each by an errand: a disk or a server that does not answer is
 * not waited for. Such a mount may still succeed later.
 */
#pragma once
#include "pid1/state.h"

/* again: a place that is mounted already is left alone. */
void fstab_mount(struct pid1 *s, const struct plan *p, bool again);
