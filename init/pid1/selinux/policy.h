/* SPDX-License-Identifier: MIT
 * SELinux without libselinux. PID 1 loads the policy before anything else and re-executes itself,
 * so that the policy's own transition puts it into its domain. From then on selinuxfs is mounted on
 * POLICY_FS if and only if a policy is loaded: the cell and bulkctl look for POLICY_FS "/enforce".
 * No allocation, no stdio.
 */
#pragma once
#include <stdbool.h>

#define POLICY_FS "/sys/fs/selinux"
#define POLICY_DIRECTORY "/etc/selinux"
/* POLICY_DIRECTORY/TYPE/init_contexts: the table of policy_relabel() */
#define POLICY_LABELS "init_contexts"

/* as in proto_machine.selinux */
enum policy_mode { POLICY_OFF, POLICY_PERMISSIVE, POLICY_ENFORCING };

enum policy_outcome {
	POLICY_LOADED,       /* by this call: re-execute */
	POLICY_ALREADY,      /* by an earlier life of PID 1, or by the initramfs */
	POLICY_NO_KERNEL,    /* the kernel has no SELinux, or it is not enabled (lsm=, security=) */
	POLICY_SWITCHED_OFF, /* selinux=0 */
	POLICY_DISABLED,     /* SELINUX=disabled */
	POLICY_NO_CONFIG,    /* no /etc/selinux/config: SELinux is not wanted */
	POLICY_BAD_CONFIG,   /* the config cannot be read, or a line is invalid */
	POLICY_NO_FS,        /* selinuxfs cannot be mounted or read */
	POLICY_NO_MODE,      /* the kernel rejected the mode */
	POLICY_MISSING,      /* no policy file */
	POLICY_TOO_NEW,      /* all policies have versions that this kernel does not read */
	POLICY_UNREADABLE,   /* the file cannot be opened or mapped */
	POLICY_CORRUPT,      /* the kernel rejects the file */
	POLICY_LEFT_OUT,     /* CONFIG_SELINUX is off although there is a policy */
	POLICY_OUTCOME_COUNT
};

struct policy_result {
	enum policy_outcome outcome;
	enum policy_mode mode; /* in force now */
	/* enforcing is wanted and not possible: only a rescue shell may be started */
	bool must_stop;
	int err;          /* errno (positive) of what failed, or 0 */
	unsigned version; /* of the policy, or 0 */
	char text[256];   /* one line for the console, without a prefix */
};

/* Loads the policy. Needs /proc and /sys; `cmdline` is the text of /proc/cmdline. Returns
 * out->mode. *needs_reexec: the caller must execute /sbin/init again at once. That life calls this
 * again and gets POLICY_ALREADY. */
enum policy_mode policy_load(const char *cmdline, int *needs_reexec, struct policy_result *out);

/* Labels what the policy's transitions do not cover, from the table POLICY_LABELS: device nodes
 * made before the load, and roots of file systems that PID 1 mounts. policy_load() does it for
 * /dev, in the kernel's domain; PID 1 does it for all after its mounts. What is missing, right
 * already or read-only is left alone. 0, or -errno of the first failure, which is appended to
 * out->text. */
int policy_relabel(struct policy_result *out);
