/* SPDX-License-Identifier: MIT
 * Where the parts of a plan that belong to walls refer to other parts of it. Two plans that mean
 * the same differ in these numbers, and whoever copies a part into another plan has to write them
 * anew. A reference that is missing here makes equal walls differ, which test_renew_compare shows.
 */
#pragma once
#include "plan/format.h"

struct shape;

struct shape_reference {
	uint16_t at;            /* offset; they are in rising order */
	const struct shape *of; /* elements of a struct plan_list; NULL: it is a plan_str */
};

struct shape {
	uint16_t size; /* bytes */
	uint16_t count;
	const struct shape_reference *reference;
};

extern const struct shape shape_of_wall[WALL_COUNT];
