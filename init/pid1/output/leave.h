/* SPDX-License-Identifier: MIT
 * A bulkhead-log that cannot end: one of its threads waits for the lock of a pipe, which a service
 * can hold for any time (log/guard.c), and no signal ends that wait. It executes no further
 * instruction of its own. So it counts as gone, and its successor starts at once beside it, in the
 * same group.
 */
#pragma once
#include "pid1/state.h"

/* Called at leave_deadline(). True: it was killed, and what is left should count as gone. */
bool leave_look(struct pid1 *s, const struct plan *p);
uint64_t leave_deadline(const struct pid1 *s, const struct plan *p);
