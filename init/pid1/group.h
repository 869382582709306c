/* SPDX-License-Identifier: MIT
 * Services' control groups over their lives: made in the slice's group or in the root, kept while
 * the service comes back, removed; and a look at them every second where the kernel tells nobody:
 * kernel memory (KernelMemoryMax), OOM kills (OOMPolicy = stop).
 */
#pragma once
#include <stdbool.h>
#include "pid1/state.h"
#include "walls/apply.h"

int group_open_root(void); /* the root of all; or -errno */
/* The group stands with its limits, runtime.group is its descriptor. *join: see group_ready().
 * -errno, with *why. */
int group_prepare(struct pid1 *s, const struct plan *p, uint32_t service, bool *join,
	struct wall_why *why);
void group_release(struct pid1 *s, const struct plan *p, uint32_t service);
/* of the next look, CORE_NEVER = nothing asks for one */
uint64_t group_deadline(const struct pid1 *s);
void group_look(struct pid1 *s, const struct plan *p);
/* somebody waits for a group to become empty and could not watch it */
void group_look_soon(struct pid1 *s);
