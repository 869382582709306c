/* SPDX-License-Identifier: MIT
 * Which options this build has: see feature.h.
 */
#include "base/feature.h"

#define ROW(option) [FEATURE_##option] = {"CONFIG_" #option, CONFIG_##option}

static const struct {
	const char *name;
	bool built;
} features[FEATURE_COUNT] = {
	[FEATURE_NONE] = {"nothing", true},
	ROW(INTERFACES),
	ROW(LANDLOCK),
	ROW(SELINUX),
	ROW(SELINUX_MODULES),
	ROW(CGROUP_BPF),
	ROW(CGROUP_IO),
	ROW(ROOT_IMAGE),
	ROW(OLD_MOUNT),
	ROW(CONDITIONS),
	ROW(MODULES),
	ROW(WATCHDOG),
	ROW(COMPILER),
	ROW(EXPLAIN),
	ROW(IN_FORCE),
	ROW(SECURITY),
	ROW(TRY),
	ROW(LEARN),
	ROW(KERNEL_CHECK),
	ROW(JSON),
	ROW(PLAN_DUMP),
	ROW(MANUAL),
	ROW(ERROR_TEXT),
	ROW(SOCKETS),
	ROW(STORAGE),
};

bool feature_is_built(unsigned feature)
{
	return feature < FEATURE_COUNT && features[feature].built;
}

const char *feature_name(unsigned feature)
{
	return feature < FEATURE_COUNT ? features[feature].name : "an option that it does not know yet";
}

uint32_t feature_lacking(uint32_t needs)
{
	for (unsigned f = 0; f < FEATURE_COUNT; f++)
		needs &= features[f].built ? ~(1u << f) : ~0u;
	return needs;
}

const char *feature_first(uint32_t lacking)
{
	return lacking ? feature_name((unsigned)__builtin_ctz(lacking)) : NULL;
}
