/* SPDX-License-Identifier: MIT
 * Starting a service's process: its cgroup with its limits, its pipes, and clone3 into it with the
 * exec of bulkhead-cell, which does the rest.
 */
#pragma once
#include "pid1/state.h"

#define CELL_PROGRAM "/usr/lib/bulkhead/bulkhead-cell"

/* Whether this build can run the service and its conditions hold; asked before a life begins, and
 * before it listens. If not, the core has been told, or the action comes again once the
 * conditions are known. */
bool spawn_may_begin(struct pid1 *s, const struct plan *p, const struct core_action *a);
/* Carries out ACT_SPAWN. What fails is told to the core as EV_FAILED, with runtime.why saying
 * which wall. */
void spawn_service(struct pid1 *s, const struct plan *p, const struct core_action *a);
/* Runs a program outside any service (bulkhead-compile), with `out` and `err` as descriptors 1
 * and 2; its pidfd, or -errno. */
int spawn_tool(const char *path, const char *const *argv, int out, int err, int32_t *pid);
/* Runs a program as a session of its own on a terminal, which is its descriptors 0, 1 and 2, and
 * has the settings of a new one. 0 and its pid, which is in *pid before it runs; or -errno and 0.
 * Behind no wall but the SELinux domain that the policy sends it to. */
int spawn_on_terminal(const char *path, const char *const *argv, int terminal, int32_t *pid);
/* Runs bulkhead-cell outside any service, to move the interfaces of `service` from its namespace
 * `network` back to the host. 0 or -errno; never waits. */
int spawn_return_netdevs(struct pid1 *s, uint32_t service, int network, int out, int32_t *pid);
/* The same, to empty the directories below /run that are the service's own. */
int spawn_clean(struct pid1 *s, uint32_t service, int32_t *pid);
