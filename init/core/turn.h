/* SPDX-License-Identifier: MIT
 * Which services may start or stop now.
 */
#pragma once
#include "core/core.h"

#define CORE_AT_ONCE 16u /* services that raise their walls at a time */
/* A start counts against CORE_AT_ONCE for this time at most: a wall may wait for a disk. */
#define CORE_AT_ONCE_MS 3000u

/* In WAITING: starts it, fails it, or lets it wait. True if something changed. */
bool core_try_start(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* Begins a stop that is requested, once all services ordered after it are down. True if it did. */
bool core_try_stop(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* Kills what is left at final_due_ms; true if it did. */
bool core_cut_short(struct core *c, const struct plan *p, uint32_t i, uint64_t now, uint64_t heard);
