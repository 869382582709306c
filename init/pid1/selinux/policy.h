/* SPDX-License-Identifier: MIT
 * SELinux without libselinux: PID 1 loads the policy itself, before anything else, and re-executes
 * so that the policy's own transition puts it into its domain. Afterwards selinuxfs is mounted on
 * POLICY_FS exactly if a policy is in force: whoever needs to know (the cell, bulkctl) looks for
 * POLICY_FS "/enforce". No allocation, no stdio.
 */
#pragma once
#include <stdbool.h>

#define POLICY_FS "/sys/fs/selinux"
#define POLICY_DIRECTORY "/etc/selinux"
/* POLICY_DIRECTORY/TYPE/init_contexts: what policy_relabel labels */
#define POLICY_LABELS "init_contexts"

enum policy_mode { POLICY_OFF, POLICY_PERMISSIVE, POLICY_ENFORCING }; /* as proto_machine.selinux */

enum policy_outcome {
	POLICY_LOADED,       /* by this call: re-execute */
	POLICY_ALREADY,      /* by an earlier life of PID 1, or by the initramfs */
	POLICY_NO_KERNEL,    /* the kernel has no SELinux, or does not use it (lsm=, security=) */
	POLICY_SWITCHED_OFF, /* selinux=0 */
	POLICY_DISABLED,     /* SELINUX=disabled */
	POLICY_NO_CONFIG,    /* no /etc/selinux/config: nobody asked for SELinux */
	POLICY_BAD_CONFIG,   /* it cannot be read, or a line of it makes no sense */
	POLICY_NO_FS,        /* selinuxfs cannot be mounted or read */
	POLICY_NO_MODE,      /* the kernel rejected the mode */
	POLICY_MISSING,      /* no policy file */
	POLICY_TOO_NEW,      /* only policies of versions that this kernel does not read */
	POLICY_UNREADABLE,   /* the file cannot be opened or mapped */
	POLICY_CORRUPT,      /* the kernel refuses what the file says */
	POLICY_LEFT_OUT,     /* CONFIG_SELINUX is off, and there is a policy */
	POLICY_OUTCOME_COUNT
};

struct policy_result {
	enum policy_outcome outcome;
	enum policy_mode mode; /* in force now */
	/* enforcing was asked for and is not possible: nothing may be started but a rescue shell */
	bool must_stop;
	int err;          /* errno (positive) of what failed, or 0 */
	unsigned version; /* of the policy, or 0 */
	char text[256];   /* one line for the console, without a prefix */
};

/* Needs /proc and /sys. `cmdline` is the text of /proc/cmdline. Returns out->mode. *needs_reexec:
 * execute /sbin/init again, at once. The second life calls this again and gets POLICY_ALREADY. */
enum policy_mode policy_load(const char *cmdline, int *needs_reexec, struct policy_result *out);

/* Labels what the policy's own transitions cannot reach, from the table POLICY_LABELS: device nodes
 * made before the load, roots of file systems that PID 1 mounts. policy_load does it for /dev, in
 * the kernel's domain; PID 1 does it for all after its mounts. What is absent, right already or
 * read-only is left alone. 0, or -errno of the first that failed (appended to out->text). */
int policy_relabel(struct policy_result *out);
