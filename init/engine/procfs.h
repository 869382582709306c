/* SPDX-License-Identifier: MIT
 * What /proc says of a process by its pid: its control group, its parent, whether it is dying. Each
 * call reads one short file and does not wait.
 */
#pragma once
#include "plan/plan.h"

#define PROCFS_NONE (-1)
/* The service whose control group the process is in; PROCFS_NONE if it is in none; or another
 * -errno. -ENOENT and -ESRCH mean that the process is gone. */
int procfs_service(const struct plan *p, int pid);
/* The same from the text of /proc/PID/cgroup: "0::/NAME" or "0::/SLICE/NAME", or a group below. */
int procfs_group_service(const struct plan *p, const char *text);
/* Whether the process is in a group of this name or below one: 1, 0, or -errno. */
int procfs_in_group(int pid, const char *name);
bool procfs_group_is(const char *text, const char *name); /* the same from the text */
enum procfs_end {
	PROCFS_LIVES,       /* it lives, or is gone, or /proc cannot be read */
	PROCFS_LED_BY_NONE, /* its first thread has ended; other threads may still run */
	PROCFS_DIES,        /* SIGKILL is pending for it */
};
enum procfs_end procfs_end(int pid);
/* The parent's pid; 0 if it is outside this PID namespace; or -errno. -ENOENT and -ESRCH mean that
 * the process is gone. */
int procfs_parent(int pid);
