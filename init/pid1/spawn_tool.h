/* SPDX-License-Identifier: MIT
 * Starting programs that are no service.
 */
#pragma once
#include "engine/start.h"
#include "pid1/state.h"

#define CELL_PROGRAM "/usr/lib/bulkhead/bulkhead-cell"

/* start_run of a child that shares PID 1's memory until its execve, which is waited for. */
long spawn_child(struct start *c, struct clone_args *args);
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
