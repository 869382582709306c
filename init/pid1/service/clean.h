/* SPDX-License-Identifier: MIT
 * ACT_CLEAN: removes what a service has left in its directories below /run
 * (RuntimeDirectoryPreserve). A million names take a while, so bulkhead-cell with CELL_CLEAN does
 * it, in no service's group. It has a time limit and is given up after it. The core gets EV_CLEANED
 * in any case, and does not start the service before that.
 */
#pragma once
#include "pid1/state.h"

/* Starts the removal. A failure is reported on the console. */
void clean_begin(struct pid1 *s, const struct plan *p, uint32_t service);
/* Handles the end of a child; false if the pid is not one of these. */
bool clean_ended(struct pid1 *s, const struct plan *p, int pid, int status);
/* Kills a process that is late, then gives it up. */
void clean_look(struct pid1 *s, const struct plan *p);
/* The next time clean_look() is due, CORE_NEVER = none. */
uint64_t clean_deadline(const struct pid1 *s);
/* After a crash, once children were reaped: starts a removal that was decided and is not
 * running. */
void clean_adopt(struct pid1 *s, const struct plan *p, uint32_t service);
