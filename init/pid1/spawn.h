/* SPDX-License-Identifier: MIT
 * Starting a service's process: its cgroup with its limits, its pipes, and clone3 into it with the
 * exec of bulkhead-cell, which does the rest.
 */
#pragma once
#include "pid1/state.h"

/* Whether this build can run the service and its conditions hold; asked before a life begins, and
 * before it listens. If not, the core has been told, or the action comes again once the
 * conditions are known. */
bool spawn_may_begin(struct pid1 *s, const struct plan *p, const struct core_action *a);
/* Carries out ACT_SPAWN. What fails is told to the core as EV_FAILED, with runtime.why saying
 * which wall. */
void spawn_service(struct pid1 *s, const struct plan *p, const struct core_action *a);
