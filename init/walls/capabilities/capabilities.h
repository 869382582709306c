/* SPDX-License-Identifier: MIT
 * [Capabilities]: what is left of root's power (capabilities(7)). Default: none, in no set, and no
 * way back.
 */
#pragma once
#include <stdint.h>
#include "walls/apply.h"

enum capabilities_flags { CAPS_NO_NEW_PRIVS = 1 };

struct capabilities_plan {
	uint64_t bounding; /* kept in the bounding set */
	uint64_t ambient;  /* raised for the service; also permitted, effective, inheritable */
	/* of both, those that the file names: a kernel that does not have one refuses the service */
	uint64_t named;
	uint32_t securebits;
	uint32_t flags;
};

/* Apply half, in this order around the change of ids. */
/* bounding set, securebits, keep-caps if ambient */
int capabilities_bound(const struct capabilities_plan *c, struct wall_why *why);
/* the other sets, ambient, securebits locked */
int capabilities_finish(const struct capabilities_plan *c, struct wall_why *why);
int capabilities_no_new_privs(const struct capabilities_plan *c, struct wall_why *why);
