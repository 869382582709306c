/* SPDX-License-Identifier: MIT
 * The pure half of the SELinux loader: parses /etc/selinux/config, the kernel's command line and
 * lines of the label table, and chooses the policy file. No system call, no allocation. Every text
 * is bounded and untrusted.
 */
#pragma once
#include "base/span.h"
#include <stdbool.h>

#define POLICY_TYPE_MAX 32     /* bytes of SELINUXTYPE with the NUL */
#define POLICY_CONFIG_MAX 4096 /* bytes of /etc/selinux/config */
#define POLICY_OLDEST 15       /* older versions are not read by any supported kernel */
/* The search for a policy that is too new ends here. */
#define POLICY_NEWEST 63

enum policy_want { POLICY_WANT_DISABLED, POLICY_WANT_PERMISSIVE, POLICY_WANT_ENFORCING };

struct policy_config {
	enum policy_want want;
	char type[POLICY_TYPE_MAX]; /* directory below /etc/selinux */
	bool has_want, has_type;
};

/* Parses the config. 0, or the number (from 1) of the first line that is not a comment,
 * SELINUX=MODE or SELINUXTYPE=NAME, that repeats one of them, or that has an invalid value. *out is
 * complete only if 0 is returned. What the file does not set has has_... = false. */
unsigned policy_config_parse(struct span text, struct policy_config *out);

struct policy_cmdline {
	bool selinux_off; /* selinux=0 */
	int enforcing;    /* enforcing=0 or 1; -1: not given */
};

/* Parses the words of /proc/cmdline up to "--". The last one counts, as in the kernel. */
void policy_cmdline_parse(struct span text, struct policy_cmdline *out);

/* The highest version up to `max` for which present() returns true; 0 if there is none. */
unsigned policy_config_choose(bool (*present)(void *context, unsigned version), void *context,
	unsigned max);
/* The lowest such version above `max`, for the message that the policy is too new; 0 if there is
 * none. */
unsigned policy_config_too_new(bool (*present)(void *context, unsigned version), void *context,
	unsigned max);

/* Takes one entry "PATH CONTEXT" of the label table off *rest. 1 with both set, 0 at the end, -1
 * for a malformed line, which is skipped. */
int policy_label_next(struct span *rest, struct span *path, struct span *context);
