/* SPDX-License-Identifier: MIT
 * A dependency as it is written: the name of another service, and what it is to this one.
 */
#pragma once
#include "base/span.h"
#include "walls/diagnose.h"
#include <stdbool.h>

enum unit_dependency {
	DEP_AFTER,
	DEP_BEFORE,
	DEP_REQUIRES,
	DEP_WANTS,
	DEP_BINDS,
	DEP_CONFLICTS,
	DEP_WANTED_BY,
	DEP_KINDS
};

struct unit_edge {
	struct span name;
	enum unit_dependency kind;
	bool optional; /* written with a leading - */
	struct place place;
};
