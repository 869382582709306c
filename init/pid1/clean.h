/* SPDX-License-Identifier: MIT
 * ACT_CLEAN: what a service has left in its directories below /run (RuntimeDirectoryPreserve) is
 * removed by a process in no service's group, bulkhead-cell with CELL_CLEAN, since a million names
 * take a while. It has a time of its own, and is given up after that; the core hears EV_CLEANED in
 * any case, and starts the service no sooner.
 */
#pragma once
#include "pid1/state.h"

void clean_begin(struct pid1 *s, const struct plan *p, uint32_t service);
/* A child has ended: was it one of those? */
bool clean_ended(struct pid1 *s, const struct plan *p, int pid, int status);
void clean_look(struct pid1 *s, const struct plan *p);
uint64_t clean_deadline(const struct pid1 *s);
/* After a crash, once children were reaped. */
void clean_adopt(struct pid1 *s, const struct plan *p, uint32_t service);
