/* SPDX-License-Identifier: MIT
 * The apply half of a wall. It raises the wall from its part of the plan, in the calling process,
 * and returns 0 or a negative errno. On failure *why names the object (a path, a limit), cut to
 * fit. It never allocates or prints, and does not trust the plan's bytes.
 */
#pragma once
#include "plan/plan.h"

/* The ids of a private service on the host. Names are hashed into the first ID_SLOTS ranges. The
 * ID_PINS ranges above them are for pinned ids only, so that no name is ever hashed onto one. They
 * end at 2^31, above which old tools see a negative number. */
#define ID_RANGE 65536u
/* ranges below hold the host's own ids and those that distributions use */
#define ID_FIRST 16u
#define ID_SLOTS 16384u
#define ID_PINS (32768u - ID_FIRST - ID_SLOTS)

struct wall_why {
	char text[96];
	/* in: OptionalWalls, bits of enum plan_optional: this kernel may lack these */
	uint32_t optional;
	uint32_t absent; /* out: those of them that it lacks */
};

/* Writes `what` to *why and returns err: `return wall_failed(why, -EPERM, "/proc");` */
int wall_failed(struct wall_why *why, int err, const char *what);
/* The same with the text "what about". */
int wall_failed2(struct wall_why *why, int err, const char *what, const char *about);
/* For a feature that the kernel does not have (not for a call that it refused), when nothing of it
 * was done. Returns 0 and notes `bit` in why->absent if the service's file allows it to be missing;
 * else the same as wall_failed(). */
int wall_lacking(struct wall_why *why, uint32_t bit, int err, const char *what);
/* The same for a feature that this build leaves out: `option` is "CONFIG_...". Bit 0: it is never
 * optional. */
int wall_left_out(struct wall_why *why, uint32_t bit, const char *option);
