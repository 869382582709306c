/* SPDX-License-Identifier: MIT
 * The pure half of the SELinux loader: what /etc/selinux/config, the kernel's command line and a
 * line of the label table say, and which policy file to take. No system call, no allocation; every
 * text is bounded and untrusted.
 */
#pragma once
#include "base/span.h"
#include <stdbool.h>

#define POLICY_TYPE_MAX 32     /* bytes of SELINUXTYPE with the NUL */
#define POLICY_CONFIG_MAX 4096 /* bytes of /etc/selinux/config */
#define POLICY_OLDEST 15       /* no kernel that bulkhead runs on reads older ones */
/* how far the directory is searched, to name a policy that is too new */
#define POLICY_NEWEST 63

enum policy_want { POLICY_WANT_DISABLED, POLICY_WANT_PERMISSIVE, POLICY_WANT_ENFORCING };

struct policy_config {
	enum policy_want want;
	char type[POLICY_TYPE_MAX]; /* directory below /etc/selinux */
	bool has_want, has_type;
};

/* 0, or the number (from 1) of the first line that is not a comment, SELINUX=MODE or
 * SELINUXTYPE=NAME, says one of them twice, or holds a value that does not exist. *out is whole
 * only if 0. What a file leaves out stays unset (has_...). */
unsigned policy_config_parse(struct span text, struct policy_config *out);

struct policy_cmdline {
	bool selinux_off; /* selinux=0 */
	int enforcing;    /* 0, 1, or -1: not named */
};

/* Words of /proc/cmdline up to "--"; the last one wins, as in the kernel. */
void policy_cmdline_parse(struct span text, struct policy_cmdline *out);

/* The highest version for which present() holds and which is not above max; 0 if there is none. */
unsigned policy_config_choose(bool (*present)(void *context, unsigned version), void *context,
	unsigned max);
/* The lowest version above max, for the message that the policy is too new; 0 if there is none. */
unsigned policy_config_too_new(bool (*present)(void *context, unsigned version), void *context,
	unsigned max);

/* One entry of the label table, taken off *rest: "PATH CONTEXT". 1 and both, 0 at the end, -1: a
 * malformed line (skipped). */
int policy_label_next(struct span *rest, struct span *path, struct span *context);
