/* SPDX-License-Identifier: MIT
 * The lines of init.ini, for diagnostics when all is read.
 */
#include "compile/machine/machine.h"

struct diag *machine_at(struct machine *m, enum machine_directive directive)
{
	const struct directive *t = &machine_directives[directive];
	diag_place(&m->diag, MACHINE_FILE, m->line[directive], t->section, t->key);
	return &m->diag;
}

int machine_service(struct machine *m, const struct set *set, enum machine_directive directive,
	struct span name, const char *instead)
{
	struct nearest near;
	struct diag *d = machine_at(m, directive);
	int index = set_index(set, name);
	if (index < 0)
		diag_error(d, "there is no service \"%.*s\"%s%s", SPAN_ARGS(name),
			set_hint(set, name, &near), instead);
	else if (set->service[index]->diag.errors > 0)
		diag_error(d, "%s is refused%s", set->service[index]->name, instead);
	else
		return index;
	return -1;
}
