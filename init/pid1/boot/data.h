/* SPDX-License-Identifier: MIT
 * The data partition, writable directories and the random seed: bulkhead-data does it, and is
 * waited for no longer than its time.
 */
#pragma once
#include "pid1/state.h"

/* What the plan asks for, before fstab and the services. True if files that a plan is made from
 * may be others now. */
bool data_boot(struct pid1 *s, const struct plan *p, bool again);
/* a new seed, while file systems are still mounted */
void data_save(struct pid1 *s, const struct plan *p);
