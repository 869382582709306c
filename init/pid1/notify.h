/* SPDX-License-Identifier: MIT
 * Services' readiness sockets over their lives: engine/readiness.h. A message that is too long, or
 * whose sender is not believed, is said once.
 */
#pragma once
#include "pid1/state.h"

struct wall_why;
/* Before a process of the service is started: the socket stands, for as long as the service is
 * known. `life` = a new life begins, to which what lies in the socket does not belong. 0 or
 * -errno with *why; 0 too for a service that has none. */
int notify_prepare(struct pid1 *s, const struct plan *p, uint32_t service, bool life,
	struct wall_why *why);
void notify_read(struct pid1 *s, const struct plan *p, uint32_t service);
/* all that it has said until now */
void notify_hear(struct pid1 *s, const struct plan *p, uint32_t service);
/* from NotificationFD */
void notify_line(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot);
