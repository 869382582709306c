/* SPDX-License-Identifier: MIT
 * The services' readiness sockets (engine/readiness.h). A message that is too long, or whose sender
 * may not notify, is reported once.
 */
#pragma once
#include "pid1/state.h"

struct wall_why;
/* Called before a process of the service is started: opens the socket, which stays open as long as
 * the service is known. `life`: a new life begins, and messages of an earlier one are dropped. 0,
 * also if the service has no such socket; or -errno with *why. */
int notify_prepare(struct pid1 *s, const struct plan *p, uint32_t service, bool life,
	struct wall_why *why);
/* Reads a bounded number of messages. */
void notify_read(struct pid1 *s, const struct plan *p, uint32_t service);
/* Reads all messages that have come, and NotificationFD. */
void notify_hear(struct pid1 *s, const struct plan *p, uint32_t service);
/* Reads NotificationFD of one slot. */
void notify_line(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot);
