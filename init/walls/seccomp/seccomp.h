/* SPDX-License-Identifier: MIT
 * [Seccomp]: the system calls that the service may make (seccomp(2), SECCOMP_SET_MODE_FILTER).
 * Compiled with libseccomp's tables and kept in the plan as a classic BPF program, equal ones once.
 * Applied as the last step before execve.
 */
#pragma once
#include <stdint.h>
#include "walls/apply.h"

struct seccomp_plan {
	uint32_t flags; /* SECCOMP_FILTER_FLAG_* for seccomp(2) */
	uint32_t reserved;
	struct plan_list filter; /* of struct sock_filter; empty = no filter was asked for */
};

/* SERVICE_MDWE: PR_SET_MDWE (6.3), inherited by all processes of the service. The filter's rules
 * apply as well: they hold if the kernel or the processor does not have it (EINVAL). It covers what
 * a filter cannot see, since a filter sees numbers only. */
int seccomp_deny_exec_gain(struct wall_why *why);
int seccomp_wall_apply(const struct plan *p, const struct seccomp_plan *s, struct wall_why *why);
