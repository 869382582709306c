/* SPDX-License-Identifier: MIT
 * Loads the service's filter: see seccomp.h. The kernel checks the program itself (EINVAL).
 */
#include "walls/seccomp/seccomp.h"
#include "base/sys.h"
#include <errno.h>
#include <sys/prctl.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1ul
#endif

int seccomp_deny_exec_gain(struct wall_why *why)
{
	int r = prctl(PR_SET_MDWE, (unsigned long)PR_MDWE_REFUSE_EXEC_GAIN, 0ul, 0ul, 0ul);
	return r < 0 && errno != EINVAL ? wall_failed(why, -errno, "write-execute protection") : 0;
}

int seccomp_wall_apply(const struct plan *p, const struct seccomp_plan *s, struct wall_why *why)
{
	const struct sock_filter *filter = plan_elements(p, s->filter, sizeof(*filter));
	if (s->filter.count == 0)
		return 0;
	if (!filter || s->filter.count > BPF_MAXINSNS)
		return wall_failed(why, -EINVAL, "filter is outside the plan or too long");
	int err = sys_seccomp_filter(filter, (unsigned short)s->filter.count, s->flags);
	if (err < 0 && sys_seccomp_lacks_filters(err))
		return wall_lacking(why, OPTIONAL_SECCOMP, err, "seccomp filter");
	return err < 0 ? wall_failed(why, err, "filter refused") : 0;
}
