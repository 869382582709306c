/* SPDX-License-Identifier: MIT
 * Which options of Kconfig a service's lines are of (base/feature.h).
 */
#pragma once
#include "compile/unit/service.h"

/* Fills in needs and absent, once all its values are known. A line of what was left out is an
 * error, but for a wall that OptionalWalls lets be missing. */
void options_apply(struct service *s);
struct options_asked { /* something of the command line, and the option that it takes */
	bool asked;
	unsigned option;
};
/* False once it has said on standard error what is asked for and left out. */
bool options_say_lacking(const struct options_asked *asked, size_t count);
