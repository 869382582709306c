/* SPDX-License-Identifier: MIT
 * The client's half of ctl/proto.h, for bulkctl and for PID 1's program when it is called poweroff,
 * reboot, halt or shutdown. No stdio, no allocation. Functions return 0 (or what is said) or
 * -errno.
 */
#pragma once
#include "ctl/proto.h"
#include <stdbool.h>

#define REQUEST_TIMEOUT_MS 5000 /* for what PID 1 answers at once */
#define REQUEST_FOREVER (-1)    /* for what it answers when a service has settled */

/* A connection to the control socket at `path`: a descriptor, or -errno. Gives up after
 * REQUEST_TIMEOUT_MS. */
int ctl_request_open(const char *path);
/* `service` may be NULL. -ENAMETOOLONG if it cannot be the name of a service. Where PID 1 has hung
 * up, ctl_request_next tells. */
int ctl_request_send(int fd, enum proto_verb verb, int value, const char *service);
/* The next record. Its texts end with a NUL, whatever came. `passed` (may be NULL) is set to the
 * descriptor that came along, or -1. -ETIMEDOUT;
 * -ECONNRESET if PID 1 hung up; -EPROTO for a record that is none. */
int ctl_request_next(int fd, struct proto_reply *reply, int *passed, int timeout_ms);
/* Whether to ask anew, after a pause: PID 1 had no place, and has read nothing. *tries begins as
 * 0. */
bool ctl_request_again(unsigned *tries, int err);
/* Asks for the end of the machine, `kind` of enum plan_final: 0 once PID 1 has agreed. */
int ctl_request_final(int kind);
