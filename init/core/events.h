/* SPDX-License-Identifier: MIT
 * The effect of each event (enum core_event_kind), and of time, on a service.
 */
#pragma once
#include "core/core.h"

void core_on_started(struct core *c, const struct plan *p, uint32_t i, uint32_t slot, uint64_t now);
void core_on_failed(struct core *c, const struct plan *p, uint32_t i, uint32_t slot, int32_t err,
	uint64_t now);
void core_on_connect(struct core *c, uint32_t i, uint64_t now);
void core_on_skipped(struct core *c, uint32_t i, uint64_t now);
void core_on_ready(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
void core_on_ping(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
void core_on_exited(struct core *c, const struct plan *p, uint32_t i, uint32_t slot, int32_t status,
	uint64_t now);
/* The main process has ended and has left others of its cell: they are asked to end too. */
void core_on_left(struct core *c, const struct plan *p, uint32_t i, int32_t status, uint64_t now);
void core_on_limit(struct core *c, const struct plan *p, uint32_t i, bool gently, uint64_t now);
void core_on_empty(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* Acts on deadlines up to `heard`; true if one has passed. */
bool core_on_time(struct core *c, const struct plan *p, uint32_t i, uint64_t now, uint64_t heard);
