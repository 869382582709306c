/* SPDX-License-Identifier: MIT
 * For the walls: text on standard output. See walls/report.h.
 */
#include "walls/report.h"
#include <stdarg.h>
#include <stdio.h>

int explain_text(struct explain *e, const char *format, ...)
{
	va_list args;
	int n = 0;
	va_start(args, format);
	if (e->text)
		n = vprintf(format, args);
	va_end(args);
	return n;
}

void explain_line(struct explain *e, const char *label, const char *format, ...)
{
	va_list args;
	if (!e->text)
		return;
	printf(EXPLAIN_LABEL, label);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}
