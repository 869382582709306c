/* SPDX-License-Identifier: MIT
 * Readiness: datagrams of sd_notify(3) on a socket of each service's own, so that nobody's flood
 * delays another's word; the kernel names the sender (SCM_CREDENTIALS, unix(7)), and newlines on
 * NotificationFD (s6's protocol). A service wrote these bytes: only whole known assignments are
 * taken, everything else is passed over, and a message that is too long is said.
 *
 * NotificationFD is a socket of a pair. Not a pipe: whoever has the other end can hold a pipe's
 * lock for as long as it likes (splice(2) from a socket on which nothing comes, a write from memory
 * that is slow to come), and with it read(2) and close(2) of a pipe that does not block: they wait
 * for the lock, and no signal ends that.
 *
 * Strangers do not reach a socket. The mode of its file cannot see to that where a service has many
 * users (a range of ids, a daemon that drops root), so its directory does: root's alone, and the
 * cell binds the socket into the service's own view, where all who are in the cell reach it. A
 * service with the host's mounts ([Namespaces] Mount = host) has no view: there the file is its
 * user's alone (0600), unless it may change its user (CAP_SETUID in its bounding set), which leaves
 * it open to all (0666).
 *
 * What is said of a sender is what SCM_CREDENTIALS says, and /proc while it lives. SCM_PIDFD (Linux
 * 6.5) would name it beyond the reuse of its pid, but it would install a descriptor in PID 1 for
 * each message, and of one that is gone it tells nothing before Linux 6.16. Nothing is gained by
 * it: a dead sender is believed by its user, and a user of this service's alone is this service,
 * whichever process of it the pid is by now.
 */
#pragma once
#include "pid1/state.h"

int notify_places(void); /* once, at boot; 0 or -errno */
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
