/* SPDX-License-Identifier: MIT
 * Options of the tools: see option.h.
 */
#include "base/option.h"
#include <string.h>

const char *option_shortened(const struct option *o, char *const *next, const char *value)
{
	const char *word = next[-1];
	if (o->has_arg != no_argument && value == word)
		word = next[-2]; /* its value is a word of its own */
	size_t n = strcspn(word, "=");
	return n == strlen(o->name) + 2 ? NULL : word;
}
