/* SPDX-License-Identifier: MIT
 * Looking services up by name.
 */
#include "compile/unit/service.h"
#include "base/nearest.h"

int set_index(const struct set *set, struct span name)
{
	for (size_t i = 0; i < set->count; i++)
		if (span_is(name, set->service[i]->name))
			return (int)i;
	return -1;
}

struct service *set_find(const struct set *set, struct span name)
{
	int index = set_index(set, name);
	return index < 0 ? NULL : set->service[index];
}

const char *set_hint(const struct set *set, struct span name, struct nearest *near)
{
	nearest_begin(near, name);
	for (size_t i = 0; i < set->count; i++)
		nearest_try(near, span_of(set->service[i]->name));
	return nearest_hint(near);
}
