/* SPDX-License-Identifier: MIT
 * The services' output: one pipe each. PID 1 holds both ends, and passes the reading end to
 * bulkhead-log over its channel (base/channel.h).
 */
#pragma once
#include "pid1/state.h"

/* Makes the service's pipe if there is none. If that fails (no descriptors), its output is lost,
 * which is reported. */
void logs_prepare(struct pid1 *s, const struct plan *p, uint32_t service);
/* While bulkhead-log runs: checks that it answers, and kills it if it does not (it may be stopped),
 * for its successor to start. While it is away: has full pipes emptied by half, and counts what is
 * dropped (drain.h). */
void logs_look(struct pid1 *s, const struct plan *p);
/* The service holds its own pipe: kills it, and reports that. */
void logs_held(struct pid1 *s, const struct plan *p, uint32_t service);
/* When logs_look() is due, CORE_NEVER = no need. */
uint64_t logs_deadline(const struct pid1 *s);
/* The index of bulkhead-log, or core.count. */
uint32_t logs_logger(const struct pid1 *s, const struct plan *p);
/* Makes a channel for a new bulkhead-log. Returns the other end, which the caller closes, or -1. */
int logs_new_channel(struct pid1 *s);
/* Processes of the service have ended: bulkhead-log stores their last line, also without a newline,
 * unless the next process begins before it can be told. */
void logs_over(struct pid1 *s, const struct plan *p, uint32_t service);
/* Passes the pipes that bulkhead-log has not got yet, and reads what it has sent. Closes the
 * channel if bulkhead-log has closed it. */
void logs_flush(struct pid1 *s, const struct plan *p);
