/* SPDX-License-Identifier: MIT
 * The lines of fstab, at boot: each by an errand, for a disk or a server that does not answer is
 * not waited for. It may still be mounted later.
 */
#pragma once
#include "pid1/state.h"

/* again: where one is there already nothing is laid over */
void fstab_mount(struct pid1 *s, const struct plan *p, bool again);
