/* SPDX-License-Identifier: MIT
 * Where the plan comes from: made ahead by the firmware build while it matches the service files,
 * compiled at boot otherwise, and the built-in rescue plan where neither is to be had. Always ends
 * as a sealed memfd.
 */
#pragma once
#include "pid1/state.h"

#define PLAN_AHEAD "/usr/lib/bulkhead/plan"
#define PLAN_COMPILER "/usr/lib/bulkhead/bulkhead-compile"
#define PLAN_REFUSED "/run/bulkhead/refused" /* what the compiler said */

enum plan_source { PLAN_COMPILED, PLAN_WAS_AHEAD, PLAN_RESCUE };

/* s->plan_fd, s->plan_size, s->plan_source and *plan. Never fails: at worst it is the rescue
 * plan. */
void planfile_load(struct pid1 *s, struct plan *plan);
bool planfile_load_ahead(struct pid1 *s, struct plan *plan); /* the build's, or none */
void planfile_drop(struct pid1 *s, struct plan *plan);       /* closes it, to load another */
/* the rescue plan, in place of the one in use */
void planfile_rescue(struct pid1 *s, struct plan *plan);
/* the plan of s->plan_fd, after a re-execution */
bool planfile_map(struct pid1 *s, struct plan *plan);
