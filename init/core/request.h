/* SPDX-License-Identifier: MIT
 * What is to be up and what is not, with all that depends on it. Requests are written down
 * (core_service.wanted, again, pull); turn.h begins what they ask for.
 */
#pragma once
#include "core/core.h"

void core_request_start(struct core *c, uint32_t i, uint64_t now);
void core_request_stop(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* What runs goes down and comes back, with all that requires it. */
void core_request_restart(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* Asks for what i depends on; false if that has been done. */
bool core_pull(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* what conflicts with i is asked to stop */
void core_withdraw(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* Does the service j name i in a Conflicts? The word of either is enough. */
bool core_conflicts_with(const struct plan *p, uint32_t j, uint32_t i);
/* i ended: what is bound to it, and what requires that, goes down with it */
void core_unbind(struct core *c, const struct plan *p, uint32_t i);
/* The shutdown, `kind` of enum plan_final. Nothing if kind is none of these, or the end has been
 * handed out. */
void core_begin_final(struct core *c, const struct plan *p, uint32_t kind, uint64_t now);
/* Works out final_due_ms, from when the shutdown was asked for. */
void core_bound_final(struct core *c, const struct plan *p);
