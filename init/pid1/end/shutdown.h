/* SPDX-License-Identifier: MIT
 * The end of a shutdown, when every service is down: what is left is killed, file systems are
 * unmounted, and the machine is powered off, rebooted, halted, or given a rescue shell.
 */
#pragma once
#include "pid1/state.h"

/* Returns only for FINAL_RESCUE, with the rescue plan in *p. */
void shutdown_run(struct pid1 *s, struct plan *p);
