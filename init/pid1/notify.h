/* SPDX-License-Identifier: MIT
 * Readiness: datagrams of sd_notify(3) on a socket of each service's own, so that nobody's flood delays another's word; the kernel names the sender (SCM_CREDENTIALS, unix(7)), and newlines on a NotificationFD
 * pipe (s6's protocol). A service wrote these bytes: only whole known assignments are taken, everything else is passed over.
 */
#pragma once
#include "pid1/state.h"

#define NOTIFY_DIRECTORY "/run/bulkhead/notify.d"
#define NOTIFY_PATH "/run/bulkhead/notify" /* where a service with a view of its own finds its socket: here an empty file */

int notify_places(void); /* once, at boot; 0 or -errno */
struct wall_why;
/* Before a process of the service is started: the socket stands, for as long as the service is known. `life` = a new life begins, to which what lies in
 * the socket does not belong. 0 or -errno with *why; 0 too for a service that has none. */
int notify_prepare(struct pid1 *s, const struct plan *p, uint32_t service, bool life, struct wall_why *why);
void notify_read(struct pid1 *s, const struct plan *p, uint32_t service);
void notify_hear(struct pid1 *s, const struct plan *p, uint32_t service); /* all that it has said until now */
void notify_pipe(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot);
