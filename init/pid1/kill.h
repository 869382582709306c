/* SPDX-License-Identifier: MIT
 * Signals to a service's processes.
 */
#pragma once
#include "pid1/state.h"

/* Sends a signal to the cell. Its pid is safe to use: it is not reaped before the slot is emptied.
 * 0, also if the cell has just ended, or -errno. */
int kill_slot(const struct slot *sl, int sig);
/* Asks the service's processes to end: the cells pass the signal on; what a main process has left
 * is sent it one by one. 0 or the first -errno. */
int kill_gently(struct pid1 *s, const struct plan *p, uint32_t service, int sig);
/* Sends SIGKILL to all processes of the service. */
void kill_all(struct pid1 *s, uint32_t service);
