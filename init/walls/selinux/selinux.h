/* SPDX-License-Identifier: MIT
 * [SELinux]: the service's security context, set for the next execve through /proc/thread-self/attr/exec (no libselinux).
 */
#pragma once
#include <stdint.h>
#include "walls/apply.h"

enum selinux_flags { SELINUX_REQUIRED = 1 };

struct selinux_plan {
	plan_str context; /* "" = none asked for: the policy's own transition decides */
	uint32_t flags;
};

/* The descriptor of the attr/exec file, opened before the mounts change (`proc`: a descriptor of the host's /proc), or -errno; -ENOENT where the
 * kernel has no SELinux in force. Must be opened by the task that will execve. */
int selinux_open(int proc, struct wall_why *why);
int selinux_apply(const struct plan *p, const struct selinux_plan *s, int attr_exec, struct wall_why *why);
