/* SPDX-License-Identifier: MIT
 * The state block for another plan.
 */
#pragma once
#include "pid1/state.h"

/* Fills `n`, which is zeroed, with what `s` is under plan `q`. index[i] is what service i of `s`
 * becomes, or CORE_GONE. */
void block_move(struct pid1 *n, const struct pid1 *s, const struct plan *q, const uint16_t *index);
