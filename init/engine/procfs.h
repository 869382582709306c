/* SPDX-License-Identifier: MIT
 * What /proc knows of a process that somebody else named: whose it is. Two short reads, no waiting.
 */
#pragma once
#include "plan/plan.h"

#define PROCFS_NONE (-1)
/* The service whose cgroup holds it, or PROCFS_NONE; or another -errno: -ENOENT, -ESRCH: it is
 * gone, else /proc does not say. */
int procfs_service(const struct plan *p, int pid);
/* the same by the text of /proc/PID/cgroup: "0::/NAME", "0::/SLICE/NAME", and below */
int procfs_group_service(const struct plan *p, const char *text);
/* Whether a group of this name holds it, or one below: 1, 0, or -errno. */
int procfs_in_group(int pid, const char *name);
bool procfs_group_is(const char *text, const char *name); /* by that text */
enum procfs_end {
	PROCFS_LIVES,       /* or is gone, or /proc does not say */
	PROCFS_LED_BY_NONE, /* its first thread has ended; others may go on, or be on their way */
	PROCFS_DIES,        /* its first thread has been told to, and has not got there */
};
enum procfs_end procfs_end(int pid);
/* Its parent's pid, 0 if that is none of ours, or -errno: -ENOENT, -ESRCH: it is gone. */
int procfs_parent(int pid);
