/* SPDX-License-Identifier: MIT
 * The known name that is nearest to a mistyped one. Pure.
 */
#pragma once
#include "base/span.h"

struct nearest {
	struct span wanted;
	struct span best;
	size_t distance;
	char hint[96];
};
void nearest_begin(struct nearest *n, struct span wanted);
void nearest_try(struct nearest *n, struct span name);
/* ` (did you mean "X"?)`, or "" if no name is near. Valid as long as *n. */
const char *nearest_hint(struct nearest *n);
