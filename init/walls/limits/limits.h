/* SPDX-License-Identifier: MIT
 * Limit…, Nice, OOMScoreAdjust, CPUAffinity, CPUScheduling…, IOScheduling…: limits per process
 * (getrlimit(2), sched(7), ioprio_set(2)).
 */
#pragma once
#include <stdint.h>
#include "walls/apply.h"

struct limits_rlimit {
	uint32_t resource; /* RLIMIT_* */
	uint32_t reserved;
	uint64_t soft, hard; /* UINT64_MAX = infinity */
};

enum limits_flags {
	LIMITS_NICE = 1,
	LIMITS_OOM = 2,
	LIMITS_AFFINITY = 4,
	LIMITS_SCHED = 8,
	LIMITS_IOPRIO = 16
};

struct limits_plan {
	uint32_t flags;
	int32_t nice;
	int32_t oom_score_adj;
	uint32_t sched_policy; /* SCHED_* */
	uint32_t sched_priority;
	uint32_t ioprio;          /* class << 13 | level */
	uint64_t affinity[2];     /* CPUs 0..127 */
	struct plan_list rlimits; /* of struct limits_rlimit */
};

/* Sets them for the caller; children inherit them. `proc` is a descriptor of the host's /proc, for
 * oom_score_adj. */
int limits_apply(const struct plan *p, const struct limits_plan *l, int proc, struct wall_why *why);
