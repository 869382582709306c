/* SPDX-License-Identifier: MIT
 * The services' output: a pipe each, both ends held here, the reading end handed to bulkhead-log over its channel (base/channel.h).
 */
#pragma once
#include "pid1/state.h"

void logs_prepare(struct pid1 *s, const struct plan *p,
	uint32_t service);                /* its pipe exists; without one (no descriptors) its output is lost, which is said */
int logs_new_channel(struct pid1 *s); /* for a new bulkhead-log: its end of the channel (the caller closes it), or -1 */
void logs_flush(
	struct pid1 *s, const struct plan *p); /* hands over what bulkhead-log has not got yet; also sees the channel close */
