/* SPDX-License-Identifier: MIT
 * Readiness: datagrams of sd_notify(3), and newlines on NotificationFD (the protocol of s6). Each
 * service has a socket of its own, so that a flood from one service does not delay another. The
 * bytes are not trusted: only complete assignments that are known are used, all others are skipped.
 *
 * NotificationFD is one end of a socket pair, not a pipe. A process that has a pipe open can hold
 * its lock for any time, by splice(2) from an idle socket or by a write(2) from memory that is slow
 * to fault in. A read(2) or close(2) of a non-blocking pipe then waits for the lock, and no signal
 * ends that wait.
 *
 * Access to a socket is limited by its directory, which only root can enter; the mode of the file
 * is not enough where a service uses several users (a range of ids, a daemon that drops root). The
 * cell binds the socket into the service's own view of the file system, where every process of the
 * service can reach it. A service with the host's mounts ([Namespaces] Mount = host) has no such
 * view. There the file belongs to the service's user with mode 0600, or has mode 0666 if the
 * service may change its user (CAP_SETUID in its bounding set).
 *
 * A sender is identified by SCM_CREDENTIALS, and by /proc while it lives. SCM_PIDFD (Linux 6.5)
 * would be safe against reuse of the pid, but it installs a descriptor in PID 1 for each message,
 * and before Linux 6.16 it says nothing about a process that has ended. It is not needed: a sender
 * that has ended is judged by its user, and a user that only this service has identifies the
 * service, whichever process has the pid now.
 */
#pragma once
#include "base/span.h"
#include "engine/receive.h"
#include "plan/plan.h"

#define READINESS_MAX 4096 /* bytes of a message, as in systemd; a longer one is dropped */

struct readiness_claim { /* what is known of a message and its sender */
	uint32_t service;    /* the service whose socket it came to */
	int whose;           /* procfs_service() of the sender */
	int cell, main;      /* pids of the service's cell and main process; 0 = unknown */
};

enum readiness_word {
	READINESS_END, /* end of the message */
	READINESS_READY,
	READINESS_PING,
	READINESS_RELOADING,
	READINESS_MONOTONIC, /* with a text: microseconds of CLOCK_MONOTONIC */
	READINESS_STATUS,    /* with a text */
	/* a word of sd_notify(3) that means something there and nothing here; the text is its name, a
	 * static string */
	READINESS_VAIN,
};

int readiness_places(void); /* makes the sockets' directories, once; 0 or -errno */
/* Makes and binds the service's socket, replacing an earlier one. Returns a descriptor, which the
 * caller owns and whose messages carry credentials, or -errno. */
int readiness_socket(const struct plan *p, const struct plan_service *ps);
/* NULL if the sender may notify for the service (NotifyAccess). Otherwise the reason as a static
 * string, or "" if there is nothing to report (NotifyAccess = none). *err is set to an -errno that
 * completes the reason, or is left alone. */
const char *readiness_doubt(const struct plan *p, const struct readiness_claim *claim,
	const struct sender *from, int *err);
struct span readiness_message(const char *bytes, size_t n); /* the datagram as lines */
/* Takes the next known assignment off *message. *text is set for READINESS_STATUS
 * and READINESS_VAIN. */
enum readiness_word readiness_next(struct span *message, struct span *text);
/* Copies a text into `buf` (`cap` bytes with the NUL), cut to fit, with '?' for all but printable
 * ASCII. */
void readiness_text(char *buf, size_t cap, struct span text);
/* Whether NotificationFD is finished, from what receive_look() returned. *ready: a newline has
 * come; bytes before it do not matter, as in s6. */
bool readiness_is_over(const char *bytes, ssize_t len, const struct sender *from, bool *ready);
