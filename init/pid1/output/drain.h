/* SPDX-License-Identifier: MIT
 * Making room in full pipes while bulkhead-log is away: a child reads the older half of each, so
 * that no service waits in write(2), and counts the bytes. PID 1 reads no pipe that a service has,
 * because the service can hold its lock (log/guard.c). Then the child waits for the lock, and is
 * given up.
 */
#pragma once
#include "pid1/state.h"

bool drain_begin(struct pid1 *s); /* false: no pipe is full, or no child can be started */
/* *dropped: bytes that the child has dropped since the last call. True if it has ended or was given
 * up; then *held is the service at whose pipe it was stuck, or core.count. */
bool drain_ended(struct pid1 *s, uint32_t *dropped, uint32_t *held);
