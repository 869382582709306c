/* SPDX-License-Identifier: MIT
 * Whether a service is restarted after a life, when, and how often.
 */
#pragma once
#include "core/core.h"

/* After this time UP, or RestartMaxDelaySec if that is longer, the back-off begins anew. */
#define CORE_STABLE_MS 10000u
/* The same before an end with success. A program that ends at once with success is still slowed. */
#define CORE_SESSION_MS 1000u

/* Whether the life of service i that has just ended is followed by another: by
 * RestartPreventExitStatus, RestartForceExitStatus and Restart, in this order. */
bool core_comes_back(const struct plan *p, uint32_t i, const struct core_service *s);
/* Whether this errno of OUT_WALL says that something is not there which may come: a device, an
 * interface, a path. It may never come, too. */
bool core_lacks(int32_t err);
/* Enters BACKOFF. False, with nothing changed, if StartLimitBurst does not allow another start. */
bool core_begin_backoff(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* Enters BACKOFF for a service on demand that has nothing more to do: it listens again after
 * RestartSec, or after up to RestartMaxDelaySec where it leaves its callers unanswered. */
void core_begin_pause(struct core_service *s, const struct plan_service *ps, uint64_t now);
/* Of a service that is LISTENING and has a caller, or UP and ends: after a second of either it has
 * not left this caller unanswered. */
void core_forget_unanswered(struct core_service *s, uint64_t now);
/* Resets the back-off of a service that has been up for long enough before this outcome. */
void core_forget_backoff(struct core_service *s, const struct plan_service *ps, enum core_outcome o,
	uint64_t now);
/* Counts a start; true if it exceeds StartLimitBurst. */
bool core_start_limit_hit(struct core_service *s, const struct plan_service *ps, uint64_t now);
