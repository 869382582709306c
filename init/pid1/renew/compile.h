/* SPDX-License-Identifier: MIT
 * The compiler, run while the services do.
 */
#pragma once
#include "pid1/state.h"

#define RELOAD_MESSAGES "/run/bulkhead/reload" /* what the compiler says */

/* Whether service i is among those that are to get their new definition. */
bool reload_applies(const struct reload *r, uint32_t i);
/* Starts it: 0, with reload.pid, plan_fd (where it writes the plan) and due_ms; or -errno. Running
 * services are marked, so that it keeps them as they are; those that are applied are not. */
int reload_compile(struct pid1 *s);
void reload_compile_kill(struct pid1 *s); /* if it runs */
