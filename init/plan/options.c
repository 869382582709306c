/* SPDX-License-Identifier: MIT
 * A plan and the options of Kconfig: the compiler may have more of them than the program that uses
 * its plan.
 */
#include "base/count.h"
#include "base/feature.h"
#include "plan/plan.h"

uint32_t plan_option_walls(unsigned option)
{
	static const struct {
		uint32_t option, walls;
	} table[] = {
		{OF(LANDLOCK), OPTIONAL_LANDLOCK},
		{OF(SELINUX), OPTIONAL_SELINUX},
		{OF(CGROUP_IO), OPTIONAL_IO},
		{OF(CGROUP_BPF), OPTIONAL_DEVICES | OPTIONAL_IP},
	};
	for (size_t i = 0; i < COUNT(table); i++)
		if (table[i].option == option)
			return table[i].walls;
	return 0;
}

const char *plan_lacks(const struct plan_service *s, uint32_t *absent)
{
	uint32_t lacking = feature_lacking(s->needs), fatal = 0;
	*absent |= s->absent;
	for (unsigned option = 0; option < 32; option++) {
		uint32_t walls = plan_option_walls(option);
		if (!(lacking >> option & 1))
			continue;
		if (walls && (walls & s->optional_walls) == walls)
			*absent |= walls;
		else
			fatal |= 1u << option;
	}
	return feature_first(fatal);
}
