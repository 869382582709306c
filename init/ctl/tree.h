/* SPDX-License-Identifier: MIT
 * The plan's services as a forest: groups with their members, and below those the services that
 * only they ask for. Every service appears exactly once, whatever cycles the edges have. Pure.
 */
#pragma once
#include "base/config.h"
#include "plan/plan.h"
#include <stdbool.h>

struct tree_row { /* in printing order */
	uint16_t service;
	int16_t parent; /* row of the parent, -1 = none */
	uint16_t depth;
	bool last; /* of its parent's children */
};

struct tree {
	uint32_t count;
	struct tree_row row[CONFIG_MAX_SERVICES];
};

void tree_build(struct tree *t, const struct plan *p);
/* Ignores edges: `count` roots. */
void tree_flat(struct tree *t, uint32_t count);
