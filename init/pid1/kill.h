/* SPDX-License-Identifier: MIT
 * Signals to a service's processes.
 */
#pragma once
#include "pid1/state.h"

/* To the cell, by its number, which is ours until we have waited for it, and the slot is emptied
 * before that. 0, also if it has just ended, or -errno. */
int kill_slot(const struct slot *sl, int sig);
/* SIGKILL to whatever of the service runs. */
void kill_all(struct pid1 *s, uint32_t service);
