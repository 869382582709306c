/* SPDX-License-Identifier: MIT
 * A service's lines and the options of Kconfig: see load.h.
 */
#include "compile/read/load.h"
#include "compile/unit/directives.h"
#include "plan/plan.h"
#include <stdio.h>
#include <string.h>

void options_apply(struct service *s)
{
	for (size_t i = 0; i < s->set_count; i++) {
		const struct assignment *a = &s->set[i];
		const struct directive *t = &directives[a->directive];
		uint32_t walls = plan_option_walls(t->option);
		if (!load_counts(s, a) ||
			(a->layer == LAYER_DEFAULTS && s->unit.type == TYPE_GROUP &&
				strcmp(t->section, "Cgroup") == 0))
			continue;
		if (!t->left_out) {
			s->needs |= 1u << t->option;
		} else if (walls && (walls & s->unit.optional_walls) == walls) {
			s->absent |= walls;
		} else {
			diag_place(&s->diag, a->place.file, a->place.line,
				a->layer == LAYER_DEFAULTS ? "Defaults" : t->section, t->key);
			directive_left_out(t, &s->diag);
		}
	}
	s->needs &= ~(1u << FEATURE_NONE);
}

bool options_say_lacking(const struct options_asked *asked, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!asked[i].asked || feature_is_built(asked[i].option))
			continue;
		fprintf(stderr, "bulkhead-compile: " FEATURE_WITHOUT " %s\n",
			feature_name(asked[i].option));
		return false;
	}
	return true;
}
