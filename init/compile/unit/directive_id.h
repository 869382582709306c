/* SPDX-License-Identifier: MIT
 * A name for each directive, D_SECTION_KEY, that the compiler checks. The rows of rows.def are
 * read twice: here for their names alone, and in compile/unit/directives.c, which says what the
 * rest of a row means.
 *
 *   ROW(SECTION, KEY, members of struct directive...)
 *   ALIAS(SECTION, NAME, "KEY", members...)   for a key that is no name in C
 */
#pragma once

#define ROW(section, key, ...) D_##section##_##key,
#define ALIAS(section, name, key, ...) D_##section##_##name,
enum directive_id {
#include "compile/unit/rows.def"
	DIRECTIVES /* their number */
};
#undef ROW
#undef ALIAS
