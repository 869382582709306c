/* SPDX-License-Identifier: MIT
 * Which options this build has: see feature.h.
 */
#include "base/feature.h"

#define ROW(option) [FEATURE_##option] = "CONFIG_" #option,
static const char *const names[FEATURE_COUNT] = {
	[FEATURE_NONE] = "nothing",
#include "base/feature.def"
};
#undef ROW

#define ROW(option) | (uint32_t)CONFIG_##option << FEATURE_##option
static const uint32_t built = 1u << FEATURE_NONE
#include "base/feature.def"
	;
#undef ROW

bool feature_is_built(unsigned feature)
{
	return feature < FEATURE_COUNT && built >> feature & 1;
}

const char *feature_name(unsigned feature)
{
	return feature < FEATURE_COUNT ? names[feature] : "an option that it does not know yet";
}

uint32_t feature_lacking(uint32_t needs)
{
	return needs & ~built;
}

const char *feature_first(uint32_t lacking)
{
	return lacking ? feature_name((unsigned)__builtin_ctz(lacking)) : NULL;
}
