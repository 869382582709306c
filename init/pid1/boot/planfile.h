/* SPDX-License-Identifier: MIT
 * Where the plan comes from: the one made by the firmware build if it matches the service files;
 * else one compiled at boot; else the built-in rescue plan. It always ends up as a sealed memfd.
 */
#pragma once
#include "pid1/state.h"

#define PLAN_AHEAD "/usr/lib/bulkhead/plan"
#define PLAN_COMPILER "/usr/lib/bulkhead/bulkhead-compile"
#define PLAN_REFUSED "/run/bulkhead/refused" /* messages of the compiler */

enum plan_source { PLAN_COMPILED, PLAN_WAS_AHEAD, PLAN_RESCUE };

/* Sets s->plan_fd, s->plan_size, s->plan_source and *plan. Never fails: it falls back to the rescue
 * plan. */
void planfile_load(struct pid1 *s, struct plan *plan);
/* the build's plan; false: none that can be used */
bool planfile_load_ahead(struct pid1 *s, struct plan *plan);
/* closes the plan, before another is loaded */
void planfile_drop(struct pid1 *s, struct plan *plan);
/* Replaces the plan in use by the rescue plan. */
void planfile_rescue(struct pid1 *s, struct plan *plan);
/* Seals a memfd with a plan, maps it and checks every byte. Returns a descriptor for reading alone;
 * -1: it is no plan that can be used, which has been said. `fd` is closed or returned. */
int planfile_take(struct pid1 *s, struct plan *plan, int fd, const char *whence);
/* Maps the sealed plan of a descriptor again; false if it is not valid. */
bool planfile_map_again(int fd, struct plan *plan);
/* Maps the plan of s->plan_fd after a re-execution; false if it is not valid. */
bool planfile_map(struct pid1 *s, struct plan *plan);
