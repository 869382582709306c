/* SPDX-License-Identifier: MIT
 * Whether a service comes back after a life, when, and how often.
 */
#pragma once
#include "core/core.h"

/* up for so long (or for RestartMaxDelaySec): the back-off begins anew */
#define CORE_STABLE_MS 10000u

bool core_comes_back(const struct plan_service *ps, enum core_outcome o, int32_t err);
/* False: StartLimitBurst does not let it come back, and nothing has changed. */
bool core_begin_backoff(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* One that has stood long enough has recovered: its next failure is a first one. */
void core_forget_backoff(struct core_service *s, const struct plan_service *ps, uint64_t now);
/* Counts a start; true if it is one too many. */
bool core_start_limit_hit(struct core_service *s, const struct plan_service *ps, uint64_t now);
