/* SPDX-License-Identifier: MIT
 * One service's life: how each state begins, and what follows its end.
 */
#pragma once
#include "core/core.h"

/* from WAITING: the first command */
void core_begin(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* from any active state */
void core_begin_stop(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* A state with an Exec list; on to the next one if that is empty. */
void core_begin_list(struct core *c, const struct plan *p, uint32_t i, enum core_state state,
	uint64_t now);
/* The next command of that list, or what follows the list. */
void core_next_command(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
void core_begin_term(const struct plan *p, uint32_t i, struct core_service *s, uint64_t now);
void core_begin_kill(struct core_service *s, uint64_t now);
/* The life ends by itself, or is given up. gently: TERM before KILL. */
void core_end_life(struct core *c, const struct plan *p, uint32_t i, enum core_outcome o,
	bool gently, uint64_t now);
/* nothing of its life is left */
void core_finish(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* FAILED, with StartLimitAction or FailureAction. */
void core_give_up(struct core *c, const struct plan *p, uint32_t i, enum core_outcome o,
	uint64_t now);
/* KILL: ends it once nothing is left */
bool core_try_settle(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
