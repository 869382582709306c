/* SPDX-License-Identifier: MIT
 * A limit for lines about one service: a burst, then one line per interval that counts the others,
 * until an interval has no more lines than a burst. Pure, so that a test can run a night of
 * restarts in a moment.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define STORM_BURST 40u
#define STORM_MS 60000u
#define STORM_NEVER UINT64_MAX

/* Counted separately, so that restarts do not displace errors. */
enum storm_kind { STORM_COURSE, STORM_ERRORS, STORM_KINDS };

struct storm {
	uint64_t since_ms; /* when the interval began */
	uint32_t said;     /* in it */
	uint32_t left_out; /* in it */
};

bool storm_may_say(struct storm *st, uint64_t now); /* false: the line is counted instead */
/* When storm_due() has something to report, STORM_NEVER = nothing. */
uint64_t storm_deadline(const struct storm *st);
/* The number of lines left out, to be reported now; 0 = none. */
uint32_t storm_due(struct storm *st, uint64_t now);
