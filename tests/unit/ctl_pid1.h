/* SPDX-License-Identifier: MIT
 * A PID 1 that is a child of the test and says what the test wants, on the socket of ctl_run.h. Its
 * services: boot broken flaky net web; the names "denied" and "silent" get answers of their own.
 */
#pragma once
#include "ctl/proto.h"
#include <stdbool.h>

extern struct shared {
	uint32_t requests;
	struct proto_request last;
	bool no_plan, not_root, hang_up;
	uint64_t since_ms; /* of every service */
} * shared;

int ctl_pid1_start(void **state);
int ctl_pid1_stop(void **state);
