/* SPDX-License-Identifier: MIT
 * Control groups of the services: made in the slice's group or in the root, kept while the service
 * is restarted, removed afterwards. Limits that the kernel does not report are polled each second:
 * kernel memory (KernelMemoryMax) and OOM kills (OOMPolicy = stop).
 */
#pragma once
#include <stdbool.h>
#include "pid1/state.h"
#include "walls/apply.h"

int group_open_root(void); /* /sys/fs/cgroup; or -errno */
/* A group that hands on controllers has no process itself; of this the kernel's own root alone is
 * excepted. The caller leaves any other `root` for a group of its own below it. 0 or -errno. */
int group_leave_root(int root);
/* Makes the group with its limits if there is none, sets runtime.group, and makes it ready for a
 * process. *join: see group_ready(). 0, or -errno with *why. */
int group_prepare(struct pid1 *s, const struct plan *p, uint32_t service, bool *join,
	struct wall_why *why);
/* Removes the group, and the slice's group once that is empty. */
void group_release(struct pid1 *s, const struct plan *p, uint32_t service);
/* when group_look() is due, CORE_NEVER = no need */
uint64_t group_deadline(const struct pid1 *s);
/* Checks the limits that are polled, and posts EV_LIMIT. */
void group_look(struct pid1 *s, const struct plan *p);
/* Asks for a look soon: a group that should become empty could not be watched. */
void group_look_soon(struct pid1 *s);
