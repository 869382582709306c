/* SPDX-License-Identifier: MIT
 * Who says much is cut short: a burst of lines, and after it one line an interval that counts the
 * others, until an interval has no more than a burst. Pure, so that a night of restarts is run in a
 * moment.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define STORM_BURST 40u
#define STORM_MS 60000u
#define STORM_NEVER UINT64_MAX

/* counted apart: an error is not left out for a hundred restarts */
enum storm_kind { STORM_COURSE, STORM_ERRORS, STORM_KINDS };

struct storm {
	uint64_t since_ms; /* when the interval began */
	uint32_t said;     /* in it */
	uint32_t left_out; /* in it */
};

bool storm_may_say(struct storm *st, uint64_t now); /* false: the line is counted instead */
/* when storm_due has something to say, STORM_NEVER = nothing */
uint64_t storm_deadline(const struct storm *st);
/* lines that were left out and are to be told now, 0 = none */
uint32_t storm_due(struct storm *st, uint64_t now);
