/* SPDX-License-Identifier: MIT
 * Services' readiness sockets over their lives, and whose words are taken: the kernel names the
 * sender of a message (SCM_CREDENTIALS, unix(7)). What a message may say: engine/readiness.h. One
 * that is too long is said.
 *
 * What is said of a sender is what SCM_CREDENTIALS says, and /proc while it lives. SCM_PIDFD (Linux
 * 6.5) would name it beyond the reuse of its pid, but it would install a descriptor in PID 1 for
 * each message, and of one that is gone it tells nothing before Linux 6.16. Nothing is gained by
 * it: a dead sender is believed by its user, and a user of this service's alone is this service,
 * whichever process of it the pid is by now.
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
