/* SPDX-License-Identifier: MIT
 * Strings as JSON: see json.h.
 */
#include "print/json.h"
#include <stdio.h>

void json_span(struct span s)
{
	putchar('"');
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\t')
			printf("\\t");
		else if ((unsigned char)s.p[i] < ' ')
			printf("\\u%04x", (unsigned)s.p[i]);
		else
			printf(s.p[i] == '"' || s.p[i] == '\\' ? "\\%c" : "%c", s.p[i]);
	putchar('"');
}

void json_text(const char *text)
{
	json_span(span_of(text));
}
