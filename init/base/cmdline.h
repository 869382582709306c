/* SPDX-License-Identifier: MIT
 * Words of the kernel's command line, taken apart as the kernel does: blanks separate but inside
 * "...", and quotes around a word or its value are no part of it. So what stands in a quoted value
 * is never taken for a word. Pure.
 */
#pragma once
#include "base/span.h"

struct cmdline_word {
	struct span whole; /* without the quotes around it */
	struct span name;  /* up to the first '=', if there is one */
	struct span value; /* without the quotes around it */
	bool has_value;
};

bool cmdline_next(struct span *rest, struct cmdline_word *word); /* false: none is left */
/* "name": is there a word of that name, with a value or without? "name=value": is there this
 * very word? */
bool cmdline_has(struct span line, const char *wanted);
/* The last word of that name, as the kernel lets the last one win. */
bool cmdline_last(struct span line, const char *name, struct cmdline_word *word);
