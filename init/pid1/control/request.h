/* SPDX-License-Identifier: MIT
 * Requests of the control socket. Permission is decided here, by the uid that the kernel reports
 * (SO_PEERCRED).
 */
#pragma once
#include "pid1/state.h"

#define CLIENT_MS 10000u /* ms to send a request, and to read each record of the answer */

/* Carries out a request. The client is then to be answered (CLIENT_LISTING, CLIENT_ENDING), or
 * waits. */
void request_obey(struct pid1 *s, const struct plan *p, struct client *c, struct proto_request *r);
/* Ends a request with this result: 0 or a negative errno. */
void request_end(struct client *c, int result);
