/* SPDX-License-Identifier: MIT
 * [SELinux]: the service's security context, set for the next execve through
 * /proc/thread-self/attr/exec (no libselinux), and the label of what is made for it. In a kernel
 * without a policy in force both are left out, and the report says so (why->absent).
 */
#pragma once
#include <stdint.h>
#include "walls/apply.h"

enum selinux_flags { SELINUX_REQUIRED = 1 };

struct selinux_plan {
	plan_str context; /* "" = none asked for: the policy's own transition decides */
	/* of the directories and tmpfs that the cell makes for the service; "" = what the policy
	 * says */
	plan_str directory;
	uint32_t flags;
};

/* Whether a policy is in force: 1 or 0 (then no label means anything), or -errno. `proc`: a
 * descriptor of the host's /proc. */
int selinux_in_force(int proc, struct wall_why *why);
/* The label of what is made for the service, NULL if none is to be set. */
const char *selinux_directory_label(const struct plan *p, const struct selinux_plan *s);

/* The descriptor of the attr/exec file, opened before the mounts change (`proc`: a descriptor of
 * the host's /proc), or -errno; -ENOENT where the kernel has no SELinux in force. Must be opened
 * by the task that will execve. */
int selinux_open(int proc, struct wall_why *why);
int selinux_apply(const struct plan *p, const struct selinux_plan *s, int attr_exec,
	struct wall_why *why);
