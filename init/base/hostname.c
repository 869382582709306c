/* SPDX-License-Identifier: MIT
 * The device's name: see hostname.h.
 */
#include "base/hostname.h"
#include <string.h>

static bool is_label(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		(c && strchr("-_@", c));
}

bool hostname_valid(struct span name)
{
	char before = '.';
	if (name.n == 0 || name.n > HOSTNAME_BYTES || name.p[0] == '-')
		return false;
	for (size_t i = 0; i < name.n; before = name.p[i++])
		if (!is_label(name.p[i]) && (name.p[i] != '.' || before == '.'))
			return false;
	return before != '.';
}

bool hostname_find(struct span text, struct span *name)
{
	struct span line;
	text = span_text(text);
	while (span_text_line(&text, &line))
		if (span_word(&line, name) && name->p[0] != '#')
			return true;
	*name = (struct span){"", 0};
	return false;
}
