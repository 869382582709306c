/* SPDX-License-Identifier: MIT
 * One service's life: how each state begins, and what follows its end.
 */
#pragma once
#include "core/core.h"

/* From WAITING: begins a life, or LISTENING. */
void core_begin(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* From any active state that is not ending: begins the stop. */
void core_begin_stop(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* Enters a state with an Exec list; an empty list is left at once. */
void core_begin_list(struct core *c, const struct plan *p, uint32_t i, enum core_state state,
	uint64_t now);
/* Goes on to the next command of the list, or to the state after the list. */
void core_next_command(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* Sends KillSignal, with TimeoutStopSec as the deadline; KILL if no process of it is known. */
void core_begin_term(const struct plan *p, uint32_t i, struct core_service *s, uint64_t now);
/* Kills all that is left, with CORE_KILL_MS as the deadline. */
void core_begin_kill(struct core_service *s, uint64_t now);
/* Ends a life with an outcome that was not requested. gently: TERM before KILL. */
void core_end_life(struct core *c, const struct plan *p, uint32_t i, enum core_outcome o,
	bool gently, uint64_t now);
/* No process of the life is left: decides on DOWN, FAILED, BACKOFF or a new start. */
void core_finish(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* FAILED; carries out StartLimitAction or FailureAction. */
void core_give_up(struct core *c, const struct plan *p, uint32_t i, enum core_outcome o,
	uint64_t now);
/* In KILL: goes on once no process is left. In FAILED: whether a stuck one has ended. True if the
 * state changed. */
bool core_try_settle(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
