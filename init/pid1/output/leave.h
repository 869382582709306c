/* SPDX-License-Identifier: MIT
 * bulkhead-log is left behind where it ends and cannot: one of its threads waits for the lock of a
 * pipe, which a service may hold for as long as it likes (log/guard.c), and no signal ends that
 * wait. What is left runs no instruction of its own any more. So it counts as gone, and its
 * successor starts at once, in the same group, beside it.
 */
#pragma once
#include "pid1/state.h"

/* At leave_deadline. True: it has been killed, and what is left of it should count as gone. */
bool leave_look(struct pid1 *s, const struct plan *p);
uint64_t leave_deadline(const struct pid1 *s, const struct plan *p);
