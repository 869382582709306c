/* SPDX-License-Identifier: MIT
 * Words of the kernel's command line, split as the kernel does it: blanks separate words except
 * inside "...", and quotes around a word or its value are removed. So the text of a quoted value is
 * never taken for a word. Pure.
 */
#pragma once
#include "base/span.h"

struct cmdline_word {
	struct span whole; /* without the quotes around it */
	struct span name;  /* up to the first '=', or all */
	struct span value; /* without the quotes around it */
	bool has_value;
};

/* takes the next word off *rest; false: none is left */
bool cmdline_next(struct span *rest, struct cmdline_word *word);
/* `wanted` is "name": whether there is a word of that name, with or without a value; or
 * "name=value": whether there is exactly this word. */
bool cmdline_has(struct span line, const char *wanted);
/* The same, but of several words of that name the last one alone counts. */
bool cmdline_says(struct span line, const char *wanted);
/* The last word of that name, which is the one that counts, as in the kernel; false: there is
 * none. */
bool cmdline_last(struct span line, const char *name, struct cmdline_word *word);
