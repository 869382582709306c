/* SPDX-License-Identifier: MIT
 * What every wall's apply half looks like: it raises one wall from its part of the plan, in the calling process, and returns 0 or a
 * negative errno. On failure it says in *why what it was about (a path, a limit's name), cut to fit. It never allocates,
 * never prints, and treats the plan's bytes as untrusted.
 */
#pragma once
#include "plan/plan.h"

struct wall_why {
	char text[96];
};

/* Both halves of the idiom `return wall_failed(why, -EPERM, "/proc");` */
int wall_failed(struct wall_why *why, int err, const char *what);
int wall_failed2(struct wall_why *why, int err, const char *what, const char *about); /* "what about" */
