/* SPDX-License-Identifier: MIT
 * The services' output: a pipe each, both ends held here, the reading end handed to bulkhead-log
 * over its channel (base/channel.h).
 */
#pragma once
#include "pid1/state.h"

/* its pipe exists; without one (no descriptors) its output is lost, which is said */
void logs_prepare(struct pid1 *s, const struct plan *p, uint32_t service);
/* While bulkhead-log is there: whether it answers. If not (it is stopped, say) its successor will.
 * While it is not: full pipes are emptied by half, so that nobody waits in write(2), and what is
 * dropped is counted (drain.h). */
void logs_look(struct pid1 *s, const struct plan *p);
/* by the service itself: killed, and it is said */
void logs_held(struct pid1 *s, const struct plan *p, uint32_t service);
uint64_t logs_deadline(const struct pid1 *s);
/* bulkhead-log's place, or core.count */
uint32_t logs_logger(const struct pid1 *s, const struct plan *p);
/* for a new bulkhead-log: its end of the channel (the caller closes it), or -1 */
int logs_new_channel(struct pid1 *s);
/* hands over what bulkhead-log has not got yet; also sees the channel close */
void logs_flush(struct pid1 *s, const struct plan *p);
