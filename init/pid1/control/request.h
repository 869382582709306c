/* SPDX-License-Identifier: MIT
 * What a request of the control socket asks for. What it may do is decided here, by the uid the
 * kernel vouches for.
 */
#pragma once
#include "pid1/state.h"

#define CLIENT_MS 10000u /* to send a request, and to take each record of the answer */

/* The client is then answered (CLIENT_LISTING, CLIENT_ENDING), or waits. */
void request_obey(struct pid1 *s, const struct plan *p, struct client *c, struct proto_request *r);
/* It is to be told this result: 0 or a negative errno. */
void request_end(struct client *c, int result);
