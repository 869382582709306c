/* SPDX-License-Identifier: MIT
 * Replaces the loader if CONFIG_SELINUX is off: a policy that is on the device is not loaded, which
 * is reported.
 */
#include "base/feature.h"
#include "base/fmt.h"
#include "pid1/selinux/policy.h"
#include <unistd.h>

enum policy_mode policy_load(const char *cmdline, int *needs_reexec, struct policy_result *out)
{
	struct fmt f;
	(void)cmdline;
	*needs_reexec = 0;
	*out = (struct policy_result){.mode = POLICY_OFF, .outcome = POLICY_NO_CONFIG};
	if (access(POLICY_DIRECTORY "/config", F_OK) < 0)
		return POLICY_OFF;
	out->outcome = POLICY_LEFT_OUT;
	fmt_init(&f, out->text, sizeof(out->text));
	fmt_strs(&f, "off: " FEATURE_WITHOUT " ", feature_name(OF(SELINUX)),
		", the policy is not loaded", NULL);
	return POLICY_OFF;
}

int policy_relabel(struct policy_result *out)
{
	(void)out;
	return 0;
}
