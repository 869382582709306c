/* SPDX-License-Identifier: MIT
 * Looking things up in the directive table, and what is said when they are not there.
 */
#include "compile/unit/directives.h"
#include "plan/names.h"
#include "plan/plan.h"
#include <stdio.h>
#include <string.h>

/* Part of the format, but not of this version: an error like an unknown name, with another
 * reason. */
static const char *const later_keys[] = {
	"ConditionFirmware",
	"ConditionVirtualization",
	"LoadCredential",
	"LogRateLimitBurst",
	"LogRateLimitIntervalSec",
	NULL,
};

int directive_find(const struct directive *table, struct span section, struct span key)
{
	for (int i = 0; table[i].section; i++)
		if (span_is(section, table[i].section) && span_is(key, table[i].key))
			return i;
	return -1;
}

bool directive_section_known(const struct directive *table, struct span section)
{
	for (; table->section; table++)
		if (span_is(section, table->section))
			return true;
	return false;
}

bool directive_line_counts(const struct directive *t, struct span value, unsigned first,
	struct diag *d)
{
	if (t->flags & LIST)
		return true;
	if (first)
		diag_error(d, "is given twice, first in line %u", first);
	else if (value.n == 0)
		diag_error(d, "has no value");
	return !first && value.n > 0;
}

void directive_unknown_section(struct span section, struct diag *d)
{
	struct nearest near;
	nearest_begin(&near, section);
	for (int i = 0; directives[i].section; i++)
		nearest_try(&near, span_of(directives[i].section));
	/* systemd's name of the file's first part. */
	diag_error(d, "unknown section [%.*s]%s", SPAN_ARGS(section),
		span_is(section, "Unit") || span_is(section, "Install")
			? ": its directives belong in [Service] here"
			: nearest_hint(&near));
}

void directive_unknown_key(struct span section, struct span key, struct diag *d)
{
	const char *instead = directive_instead_of(key);
	if (span_index(key, later_keys) >= 0)
		diag_error(d, "%.*s is not supported by this version%s%s", SPAN_ARGS(key),
			instead ? ": " : "", instead ? instead : "");
	else if (instead)
		diag_error(d, "unknown directive \"%.*s\": %s", SPAN_ARGS(key), instead);
	else
		directive_unknown_in(directives, section, key, d);
}

void directive_unknown_in(const struct directive *table, struct span section, struct span key,
	struct diag *d)
{
	struct nearest near;
	const char *elsewhere = NULL;
	nearest_begin(&near, key);
	for (; table->section; table++)
		if (section.n == 0 || span_is(section, table->section)) /* [Defaults] has them all */
			nearest_try(&near, span_of(table->key));
		else if (!elsewhere && span_is(key, table->key))
			elsewhere = table->section;
	if (elsewhere)
		diag_error(d, "unknown directive \"%.*s\": it belongs in [%s]", SPAN_ARGS(key), elsewhere);
	else
		diag_error(d, "unknown directive \"%.*s\"%s", SPAN_ARGS(key), nearest_hint(&near));
}

void directive_left_out(const struct directive *t, struct diag *d)
{
	uint32_t walls = plan_option_walls(t->option);
	char names[64];
	size_t n = 0;
	for (unsigned i = 0; plan_optional_walls[i]; i++) {
		if (walls >> i & 1)
			n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", n ? " " : "",
				plan_optional_walls[i]);
	}
	if (walls)
		diag_error(d, FEATURE_WITHOUT " %s, and OptionalWalls does not let %s be missing",
			feature_name(t->option), names);
	else
		diag_error(d, FEATURE_WITHOUT " %s: leave the line out", feature_name(t->option));
}
