/* SPDX-License-Identifier: MIT
 * What every wall's apply half looks like: it raises one wall from its part of the plan, in the
 * calling process, and returns 0 or a negative errno. On failure it says in *why what it was about
 * (a path, a limit's name), cut to fit. It never allocates, never prints, and treats the plan's
 * bytes as untrusted.
 */
#pragma once
#include "plan/plan.h"

/* A private service's ids on the host. Names are hashed into the first ID_SLOTS ranges; only a pin
 * is in the ID_PINS above, so that no name that is ever thought of meets one there. Above all is
 * 2^31, where old tools see a sign. */
#define ID_RANGE 65536u
/* ranges below hold the host's own ids and those that distributions hand out */
#define ID_FIRST 16u
#define ID_SLOTS 16384u
#define ID_PINS (32768u - ID_FIRST - ID_SLOTS)

struct wall_why {
	char text[96];
	/* in: OptionalWalls, bits of enum plan_optional: these may be missing in this kernel */
	uint32_t optional;
	uint32_t absent; /* out: those of them that were */
};

/* Both halves of the idiom `return wall_failed(why, -EPERM, "/proc");` */
int wall_failed(struct wall_why *why, int err, const char *what);
/* "what about" */
int wall_failed2(struct wall_why *why, int err, const char *what, const char *about);
/* For a kernel that does not have a thing at all (never for a call that it refused): 0 and noted if
 * the service's file says that this `bit` may be missing, else as wall_failed. Whoever calls it
 * has found out that nothing of it was done. */
int wall_lacking(struct wall_why *why, uint32_t bit, int err, const char *what);
/* The same for what this build leaves out: an option's name, "CONFIG_...". A bit of 0: nobody
 * may be without it. */
int wall_left_out(struct wall_why *why, uint32_t bit, const char *option);
