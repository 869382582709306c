/* SPDX-License-Identifier: MIT
 * How well a state is, and its colour.
 */
#include "core/core.h"
#include "ctl/ctl.h"

enum ctl_mood ctl_mood_of(uint32_t state)
{
	if (state >= SVC_STATE_COUNT || core_state_is(state, STATE_BAD))
		return MOOD_BAD;
	if (core_state_is(state, STATE_READY))
		return MOOD_GOOD;
	return core_state_is(state, STATE_AT_REST) ? MOOD_QUIET : MOOD_BUSY;
}

const char *ctl_colour(const struct ctl *c, uint32_t state)
{
	static const char *const colours[] = {[MOOD_QUIET] = "\033[2m",
		[MOOD_GOOD] = "\033[32m",
		[MOOD_BUSY] = "\033[33m",
		[MOOD_BAD] = "\033[1;31m"};
	return c->colour && state < SVC_STATE_COUNT ? colours[ctl_mood_of(state)] : "";
}

const char *ctl_colour_end(const struct ctl *c)
{
	return c->colour ? "\033[0m" : "";
}
