/* SPDX-License-Identifier: MIT
 * Requests: which services are to be up, with all that depends on them. They are recorded in
 * core_service (wanted, again, pull); turn.h acts on them.
 */
#pragma once
#include "core/core.h"

void core_request_start(struct core *c, uint32_t i, uint64_t now);
/* Stops i and all services that require it. */
void core_request_stop(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* Stops and restarts i and all running services that require it. Starts i if it does not run. */
void core_request_restart(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* Requests what i depends on and withdraws what conflicts with it, once for each request. False if
 * that has been done. */
bool core_pull(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* Requests a stop of every service that conflicts with i. */
void core_withdraw(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* Whether service j names i in its Conflicts. Either of two services may name the other. */
bool core_conflicts_with(const struct plan *p, uint32_t j, uint32_t i);
/* i has ended: services bound to it, and those that require these, stop and start again with it. */
void core_unbind(struct core *c, const struct plan *p, uint32_t i);
/* Begins the shutdown; `kind` is enum plan_final. Does nothing for another value, or once ACT_FINAL
 * has been handed out. */
void core_begin_final(struct core *c, const struct plan *p, uint32_t kind, uint64_t now);
/* Sets final_due_ms from the time at which the shutdown was requested. */
void core_bound_final(struct core *c, const struct plan *p);
