/* SPDX-License-Identifier: MIT
 * The data partition, writable directories and the random seed. bulkhead-data does the work; it has
 * a time limit and is not waited for beyond it.
 */
#pragma once
#include "pid1/state.h"

/* Does what the plan asks for, before fstab and the services. `again`: after a crash. True if files
 * that a plan is made from may have changed. */
bool data_boot(struct pid1 *s, const struct plan *p, bool again);
/* Saves a new seed. Called while file systems are still mounted. */
void data_save(struct pid1 *s, const struct plan *p);
