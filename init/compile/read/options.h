/* SPDX-License-Identifier: MIT
 * Which options of Kconfig a service's lines need (base/feature.h).
 */
#pragma once
#include "compile/unit/service.h"

/* Sets needs and absent, when all values are known. A line that needs an option which was left out
 * is an error, except for a wall that OptionalWalls allows to be missing. */
void options_apply(struct service *s);
struct options_asked { /* an option of the command line, and the option of Kconfig that it needs */
	bool asked;
	unsigned option;
};
/* False if one is asked for that was left out, which is reported on standard error. */
bool options_say_lacking(const struct options_asked *asked, size_t count);
