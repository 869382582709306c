/* SPDX-License-Identifier: MIT
 * The client's half of ctl/proto.h, for bulkctl, and for PID 1's program when it is called
 * poweroff, reboot, halt or shutdown. No stdio, no allocation. Functions return 0 (or as described)
 * or -errno.
 */
#pragma once
#include "ctl/proto.h"
#include <stdbool.h>

#define REQUEST_TIMEOUT_MS 5000 /* for requests that are answered at once */
#define REQUEST_FOREVER (-1)    /* for requests that are answered when a service has settled */

/* Connects to the control socket at `path`. Returns a descriptor, which the caller closes, or
 * -errno. Gives up after REQUEST_TIMEOUT_MS. */
int ctl_request_open(const char *path);
/* Sends a request; `service` may be NULL. -ENAMETOOLONG: it cannot be the name of a service. If PID
 * 1 has closed the connection, ctl_request_next() reports that. */
int ctl_request_send(int fd, enum proto_verb verb, int value, const char *service);
/* Reads the next record. Its texts are NUL-terminated here. *passed (may be NULL) is the descriptor
 * that came with it, or -1. -ETIMEDOUT; -ECONNRESET: PID 1 closed the connection; -EPROTO: not a
 * record. */
int ctl_request_next(int fd, struct proto_reply *reply, int *passed, int timeout_ms);
/* Whether to send the request again: PID 1 had no place for us and has read nothing. Pauses before
 * it returns true. *tries starts at 0. */
bool ctl_request_again(unsigned *tries, int err);
/* Asks PID 1 to end the machine, `kind` of enum plan_final. 0: PID 1 has agreed. */
int ctl_request_final(int kind);
