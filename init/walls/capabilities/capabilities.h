/* SPDX-License-Identifier: MIT
 * [Capabilities]: the parts of root's power that the service keeps (capabilities(7)). By default
 * none, in no set, and no way to regain one.
 */
#pragma once
#include <stdint.h>
#include "walls/apply.h"

enum capabilities_flags { CAPS_NO_NEW_PRIVS = 1 };

struct capabilities_plan {
	uint64_t bounding; /* kept in the bounding set */
	uint64_t ambient;  /* raised for the service; also permitted, effective, inheritable */
	/* those of both that the file names: a kernel that does not have one refuses the service */
	uint64_t named;
	uint32_t securebits;
	uint32_t flags;
};

/* Apply half. capabilities_bound() comes before the change of ids, capabilities_finish() after
 * it. */
/* Bounding set, securebits, keep-caps if there are ambient ones. */
int capabilities_bound(const struct capabilities_plan *c, struct wall_why *why);
/* The other sets, ambient ones included; locks the securebits. */
int capabilities_finish(const struct capabilities_plan *c, struct wall_why *why);
int capabilities_no_new_privs(const struct capabilities_plan *c, struct wall_why *why);
