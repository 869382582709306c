/* SPDX-License-Identifier: MIT
 * Starting programs that are not services.
 */
#pragma once
#include "engine/start.h"
#include "pid1/state.h"

#define CELL_PROGRAM "/usr/lib/bulkhead/bulkhead-cell"

/* start_run() with a child that shares PID 1's memory; waits until its execve. */
long spawn_child(struct start *c, struct clone_args *args);
/* Runs a program (bulkhead-compile) outside of any service, with `out` and `err` as descriptors 1
 * and 2. Returns its pidfd, which is the caller's, or -errno; *pid is set before it runs. */
int spawn_tool(const char *path, const char *const *argv, int out, int err, int32_t *pid);
/* The same with four descriptors. */
int spawn_tool_on(const char *path, const char *const *argv, const int on[4], int32_t *pid);
/* Runs a program as a new session on a terminal, which becomes its descriptors 0 to 2 and gets
 * default settings. 0, with *pid set before it runs; or -errno with *pid = 0. Its only wall is the
 * SELinux domain that the policy gives it. */
int spawn_on_terminal(const char *path, const char *const *argv, int terminal, int32_t *pid);
/* Runs bulkhead-cell outside of any service to move the interfaces of `service` from its namespace
 * `network` back to the host. 0 or -errno. Does not wait for its end. */
int spawn_return_netdevs(struct pid1 *s, uint32_t service, int network, int out, int32_t *pid);
/* The same to empty the service's own directories below /run. */
int spawn_clean(struct pid1 *s, uint32_t service, int32_t *pid);
