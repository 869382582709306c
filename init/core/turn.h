/* SPDX-License-Identifier: MIT
 * Whose turn it is to start or to stop.
 */
#pragma once
#include "core/core.h"

#define CORE_AT_ONCE 16u /* services on their way behind their walls at a time */
/* so long is one of them waited for: a wall may wait for a disk, and the rest goes on */
#define CORE_AT_ONCE_MS 3000u

/* WAITING: starts it, fails it, or waits on */
bool core_try_start(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* begins the stop if nothing is in the way */
bool core_try_stop(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* at final_due_ms; true if it did */
bool core_cut_short(struct core *c, const struct plan *p, uint32_t i, uint64_t now, uint64_t heard);
