/* SPDX-License-Identifier: MIT
 * A name for each directive, D_SECTION_KEY, so that the C compiler checks it. The rows of
 * rooms.def are read twice: here for the names, and in compile/unit/directives.c for the rest of a
 * row.
 *
 *   ROW(SECTION, KEY, members of struct directive...)
 *   ALIAS(SECTION, NAME, "KEY", members...)   for a key that is no name in C
 */
#pragma once

#define ROW(section, key, ...) D_##section##_##key,
#define ALIAS(section, name, key, ...) D_##section##_##name,
enum directive_id {
#include "compile/unit/rooms.def"
	DIRECTIVES /* their number */
};
#undef ROW
#undef ALIAS
