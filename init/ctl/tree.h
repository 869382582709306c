/* SPDX-License-Identifier: MIT
 * The plan's services as a forest for people: groups with their members, then what only other
 * services ask for below those. Every service stands in it exactly once, whatever cycles the edges
 * have. Pure.
 */
#pragma once
#include "base/config.h"
#include "plan/plan.h"
#include <stdbool.h>

struct tree_row { /* in the order of printing */
	uint16_t service;
	int16_t parent; /* its row, -1 = none */
	uint16_t depth;
	bool last; /* of its parent's children */
};

struct tree {
	uint32_t count;
	struct tree_row row[CONFIG_MAX_SERVICES];
};

void tree_build(struct tree *t, const struct plan *p);
/* As if there were no edges: `count` roots. */
void tree_flat(struct tree *t, uint32_t count);
