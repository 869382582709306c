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
/* The group stands with its limits, runtime.group is its descriptor. *join: the child is not to be
 * cloned into it but to enter it, since others run in it, which may be held up or divide it; or
 * since it has been killed by cgroup.kill: kernels that count the kills (6.1.176 does) compare
 * the group's count with that of the group we are in ourselves, and kill whatever is cloned into
 * it from then on. -errno, with *why. */
int group_prepare(struct pid1 *s, const struct plan *p, uint32_t service, bool *join,
	struct wall_why *why);
void group_release(struct pid1 *s, const struct plan *p, uint32_t service);
/* of the next look, CORE_NEVER = nothing asks for one */
uint64_t group_deadline(const struct pid1 *s);
void group_look(struct pid1 *s, const struct plan *p);
/* somebody waits for a group to become empty and could not watch it */
void group_look_soon(struct pid1 *s);
