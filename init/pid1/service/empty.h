/* SPDX-License-Identifier: MIT
 * EV_EMPTY, which the core waits for after ACT_KILL: no process of the service runs, and the
 * interfaces that it had belong to the host again.
 */
#pragma once
#include "pid1/state.h"

/* Posts EV_EMPTY if that is so; else watches the group. */
void empty_check(struct pid1 *s, const struct plan *p, uint32_t service);
/* Checks the groups that could not be watched. Called when group_look() is due, before it. */
void empty_look(struct pid1 *s, const struct plan *p);
