/* SPDX-License-Identifier: MIT
 * The compiler, run while the services do.
 */
#pragma once
#include "pid1/state.h"

#define RELOAD_MESSAGES "/run/bulkhead/reload" /* what the compiler says */

/* Starts it: 0, with reload.pid, plan_fd (where it writes the plan) and due_ms; or -errno. Running
 * services are marked, so that it keeps them as they are; those that are applied are not. */
int reload_compile(struct pid1 *s);
void reload_compile_kill(struct pid1 *s); /* if it runs */
