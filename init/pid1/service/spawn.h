/* SPDX-License-Identifier: MIT
 * Starting a service's process: its cgroup with the limits, its pipes, and clone3(2) into the group
 * with the execve of bulkhead-cell, which does the rest.
 */
#pragma once
#include "pid1/state.h"

/* Whether this build can run the service and its conditions hold. Called before a life begins or
 * the service listens. If false, the core has been told, or the action comes again once the
 * conditions are known. */
bool spawn_may_begin(struct pid1 *s, const struct plan *p, const struct core_action *a);
/* Carries out ACT_SPAWN. A failure is posted to the core as EV_FAILED, with the wall in
 * runtime.why. */
void spawn_service(struct pid1 *s, const struct plan *p, const struct core_action *a);
