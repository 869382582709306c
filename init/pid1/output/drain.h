/* SPDX-License-Identifier: MIT
 * Full pipes that nobody reads, as bulkhead-log is not there: a child takes the older half out of
 * each, so that nobody waits in write(2), and counts. PID 1 touches no pipe that a service has: a
 * service can hold its lock (log/guard.c), and then it is the child that waits, and is given up.
 */
#pragma once
#include "pid1/state.h"

bool drain_begin(struct pid1 *s); /* false: no pipe is full, or no child is to be had */
/* What the child has counted since this was last asked: the bytes that it has dropped. True: it is
 * done, or given up. Then *held is the service whose pipe it was stuck at, or core.count. */
bool drain_ended(struct pid1 *s, uint32_t *dropped, uint32_t *held);
