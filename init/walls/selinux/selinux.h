/* SPDX-License-Identifier: MIT
 * [SELinux]: the service's security context, set for the next execve through
 * /proc/thread-self/attr/exec (no libselinux), and the label of files that are made for it. If no
 * policy is loaded both are left out, which is reported (why->absent).
 */
#pragma once
#include <stdint.h>
#include "walls/apply.h"

enum selinux_flags { SELINUX_REQUIRED = 1 };

struct selinux_plan {
	plan_str context; /* "" = not set: the policy's transition decides */
	/* of the directories and tmpfs that the cell makes for the service; "" = the policy decides */
	plan_str directory;
	uint32_t flags;
};

/* Whether a policy is loaded: 1, 0 (labels mean nothing then), or -errno. `proc`: a descriptor of
 * the host's /proc. */
int selinux_in_force(int proc, struct wall_why *why);
/* The label for files that are made for the service; NULL: none is to be set. */
const char *selinux_directory_label(const struct plan *p, const struct selinux_plan *s);

/* Opens attr/exec, before the mounts change. `proc`: a descriptor of the host's /proc. Returns a
 * descriptor, which is the caller's, or -errno; -ENOENT if no policy is loaded. Must be called by
 * the task that will execve. */
int selinux_open(int proc, struct wall_why *why);
int selinux_apply(const struct plan *p, const struct selinux_plan *s, int attr_exec,
	struct wall_why *why);
