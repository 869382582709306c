/* SPDX-License-Identifier: MIT
 * A service, the machine, and the outcome of a request, as records of ctl/proto.h.
 */
#pragma once
#include "pid1/state.h"

void describe_service(const struct pid1 *s, const struct plan *p, uint32_t service,
	struct proto_service *out);
/* Only root is told whether the console opens without a password. */
void describe_machine(const struct pid1 *s, const struct plan *p, uint32_t uid,
	struct proto_machine *out);
/* 0 if the service is in the state that the client asked for, else a negative errno. */
int describe_refreshed(const struct pid1 *s, const struct client *c); /* of PROTO_REFRESH */
int describe_outcome(const struct pid1 *s, const struct client *c);
/* Writes a text about the outcome to `text`. */
void describe_result(const struct pid1 *s, const struct plan *p, const struct client *c, char *text,
	size_t cap);
/* Sends a signal to the service's own process, not to its cell. 0 or -errno. */
int describe_kill_main(const struct pid1 *s, uint32_t service, int sig);
