/* SPDX-License-Identifier: MIT
 * What /proc knows of a process that somebody else named: whose it is. Two short reads, no waiting.
 */
#pragma once
#include "plan/plan.h"

int process_service(const struct plan *p, int pid); /* the service whose cgroup holds it, or -1 */
int process_group_service(const struct plan *p,
	const char *text);       /* the same by the text of /proc/PID/cgroup: "0::/NAME", "0::/SLICE/NAME", and below */
int process_parent(int pid); /* its parent's pid, 0 if unknown */
