/* SPDX-License-Identifier: MIT
 * For the rows: an opening and its line. See walls/report.h.
 */
#include "compile/read/load.h"
#include "compile/unit/directives.h"
#include "report/security/security.h"
#include <stdarg.h>
#include <stdio.h>

const struct place *security_place(const struct service *s, enum directive_id directive)
{
	for (size_t i = s->set_count; i-- > 0;)
		if (s->set[i].directive == (int)directive && load_counts(s, &s->set[i]))
			return &s->set[i].place;
	return NULL;
}

const char *security_key(const struct security_row *row)
{
	return directives[row->directive].key;
}

void security_opens(const struct security_look *l, const struct security_row *row, unsigned weight,
	const char *format, ...)
{
	struct security *f = l->found;
	struct security_opening *o = &f->opening[f->count];
	va_list args;
	if (f->count == SECURITY_MAX_OPENINGS)
		return;
	va_start(args, format);
	vsnprintf(o->what, sizeof(o->what), format, args);
	va_end(args);
	o->why = row->why;
	o->weight = weight;
	o->place = security_place(f->service, row->directive);
	f->count++;
}

static bool flag_of(const struct security_look *l, const struct security_row *row)
{
	return *(const bool *)((const char *)l->conf + row->value);
}

void security_unless(const struct security_look *l, const struct security_row *row)
{
	if (!flag_of(l, row))
		security_opens(l, row, row->weight, "%s", row->what);
}

void security_if(const struct security_look *l, const struct security_row *row)
{
	if (flag_of(l, row))
		security_opens(l, row, row->weight, "%s", row->what);
}
