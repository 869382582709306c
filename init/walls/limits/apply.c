/* SPDX-License-Identifier: MIT
 * Limits per process, set in the cell while it is the host's root, and inherited by the service:
 * see limits.h.
 */
#include "walls/limits/limits.h"
#include "base/fmt.h"
#include "base/sys.h"
#include <errno.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define IOPRIO_WHO_PROCESS 1 /* linux/ioprio.h, Linux 5.15 on */

static rlim_t limit_value(uint64_t v)
{
	return v == UINT64_MAX ? RLIM_INFINITY : (rlim_t)v;
}

static int apply_rlimits(const struct plan *p, const struct limits_plan *l, struct wall_why *why)
{
	const struct limits_rlimit *r = plan_elements(p, l->rlimits, sizeof(*r));
	if (!r && l->rlimits.count)
		return wall_failed(why, -EINVAL, "list of resource limits");
	for (uint32_t i = 0; i < l->rlimits.count; i++) {
		struct rlimit value = {limit_value(r[i].soft), limit_value(r[i].hard)};
		char number[16];
		struct fmt f;
		if (prlimit(0, (int)r[i].resource, &value, NULL) == 0)
			continue;
		int err = -errno;
		fmt_init(&f, number, sizeof(number));
		fmt_u64(&f, r[i].resource);
		return wall_failed2(why, err, "resource limit", number);
	}
	return 0;
}

static int apply_oom(const struct limits_plan *l, int proc, struct wall_why *why)
{
	char text[16];
	struct fmt f;
	if (!(l->flags & LIMITS_OOM))
		return 0;
	fmt_init(&f, text, sizeof(text));
	fmt_i64(&f, l->oom_score_adj);
	int err = sys_write_file(proc, "self/oom_score_adj", text, f.len);
	return err < 0 ? wall_failed2(why, err, "oom_score_adj", text) : 0;
}

/* The scheduler's calls by number: musl has its own opinion of sched_setscheduler(2) and answers
 * ENOSYS. */
static int apply_scheduling(const struct limits_plan *l, struct wall_why *why)
{
	struct sched_param param = {.sched_priority = (int)l->sched_priority};
	if (l->flags & LIMITS_NICE && setpriority(PRIO_PROCESS, 0, l->nice) < 0)
		return wall_failed(why, -errno, "nice");
	if (l->flags & LIMITS_AFFINITY &&
		syscall(SYS_sched_setaffinity, 0, sizeof(l->affinity), l->affinity) < 0)
		return wall_failed(why, -errno, "cpu affinity");
	if (l->flags & LIMITS_IOPRIO &&
		syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, (int)l->ioprio) < 0)
		return wall_failed(why, -errno, "io priority");
	/* Last: from here on a real-time service could keep others waiting. */
	if (l->flags & LIMITS_SCHED &&
		syscall(SYS_sched_setscheduler, 0, (int)l->sched_policy, &param) < 0)
		return wall_failed(why, -errno, "scheduling policy");
	return 0;
}

int limits_apply(const struct plan *p, const struct limits_plan *l, int proc, struct wall_why *why)
{
	int err = apply_oom(l, proc, why);
	if (err == 0)
		err = apply_scheduling(l, why);
	return err < 0 ? err : apply_rlimits(p, l, why);
}
