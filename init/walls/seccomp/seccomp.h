/* SPDX-License-Identifier: MIT
 * [Seccomp]: the list of system calls the service may make (seccomp(2), SECCOMP_SET_MODE_FILTER). Compiled with libseccomp, kept in the plan as a
 * classic BPF program, equal ones once; applied as the last step before execve.
 */
#pragma once
#include <stdint.h>
#include "walls/apply.h"

enum seccomp_memory {
	SECCOMP_NO_EXEC_GAIN = 1, /* PR_SET_MDWE (6.3): the kernel itself keeps what is written from being run, by whatever call */
};

struct seccomp_plan {
	uint32_t flags;          /* SECCOMP_FILTER_FLAG_* for seccomp(2) */
	uint32_t memory;         /* enum seccomp_memory */
	struct plan_list filter; /* of struct sock_filter; empty = no filter was asked for */
};

int seccomp_wall_apply(const struct plan *p, const struct seccomp_plan *s, struct wall_why *why);
