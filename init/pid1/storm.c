/* SPDX-License-Identifier: MIT
 * Bursts of lines: see storm.h. */
#include "pid1/storm.h"

bool storm_may_say(struct storm *st, uint64_t now)
{
	if (!st->left_out && now - st->since_ms >= STORM_MS) {
		st->since_ms = now;
		st->said = 0;
	}
	if (st->said < STORM_BURST && !st->left_out) {
		st->said++;
		return true;
	}
	if (st->left_out < UINT32_MAX)
		st->left_out++;
	return false;
}

uint64_t storm_deadline(const struct storm *st)
{
	return st->left_out ? st->since_ms + STORM_MS : STORM_NEVER;
}

uint32_t storm_due(struct storm *st, uint64_t now)
{
	uint32_t n = st->left_out;
	if (now < storm_deadline(st))
		return 0;
	st->since_ms = now;
	/* it goes on: the next interval has its one line again */
	st->said = n > STORM_BURST ? STORM_BURST : 0;
	st->left_out = 0;
	return n;
}
