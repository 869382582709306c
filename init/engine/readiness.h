/* SPDX-License-Identifier: MIT
 * Readiness: datagrams of sd_notify(3) on a socket of each service's own, so that a flood of
 * one does not delay another, and newlines on NotificationFD (s6's protocol). A service wrote these
 * bytes: only whole known assignments are taken, everything else is passed over.
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
#include "base/span.h"
#include "engine/receive.h"
#include "plan/plan.h"

#define READINESS_MAX 4096 /* bytes of a message, as with systemd; a longer one is not heard */

struct readiness_claim { /* what is known of a sender */
	uint32_t service;    /* whose socket it is */
	int whose;           /* as procfs_service() says it of the sender */
	int cell, main;      /* pids of the service's cell and of its main process, 0 = unknown */
};

enum readiness_word {
	READINESS_END, /* of the message */
	READINESS_READY,
	READINESS_PING,
	READINESS_STATUS, /* with a text */
};

int readiness_places(void); /* the directories, once; 0 or -errno */
/* The service's socket, bound there in place of a former one: the caller's descriptor, whose
 * messages name their senders, or -errno. */
int readiness_socket(const struct plan *p, const struct plan_service *ps);
/* NULL: the sender may speak for the service (NotifyAccess). Else why not, "" if that is nothing to
 * be said; the words go on with *err, if it is set. */
const char *readiness_doubt(const struct plan *p, const struct readiness_claim *claim,
	const struct sender *from, int *err);
struct span readiness_message(const char *bytes, size_t n); /* the words of a datagram */
/* Takes the next known word off *message. */
enum readiness_word readiness_next(struct span *message, struct span *text);
/* A text as it can be printed on a terminal, cut to `cap` with its NUL. */
void readiness_text(char *buf, size_t cap, struct span text);
/* What receive_look found on NotificationFD: nothing more is expected of it. *ready: a newline has
 * come. What comes before it does not matter (s6). */
bool readiness_is_over(const char *bytes, ssize_t len, const struct sender *from, bool *ready);
