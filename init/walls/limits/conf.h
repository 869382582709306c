/* SPDX-License-Identifier: MIT
 * Compile half of Limit…, Nice, OOMScoreAdjust, CPUAffinity, CPUScheduling… and IOScheduling….
 */
#pragma once
#include "walls/compile.h"
#include "walls/limits/limits.h"
#include <sys/resource.h>

struct limits_conf {
	uint32_t flags;         /* enum limits_flags: which are set */
	uint32_t rlimits_given; /* bit RLIMIT_* */
	struct {
		uint64_t soft, hard;
	} rlimit[RLIM_NLIMITS];
	int32_t nice;
	int32_t oom_score_adj;
	unsigned sched_policy; /* index into the names, not SCHED_* */
	uint32_t sched_priority;
	bool io_class_given;
	uint32_t io_class;
	uint32_t io_priority;
	uint64_t affinity[2];
};

void limits_conf_init(struct limits_conf *conf);
wall_setter limits_set_nice, limits_set_oom_score_adjust, limits_set_cpu_affinity,
	limits_set_sched_policy, limits_set_io_class, limits_set_io_priority;
wall_part_setter limits_set_rlimit;
/* Checks what depends on several directives: a priority needs a class that has one. 0, or an error
 * through d. */
int limits_check_priority(const struct limits_conf *conf, struct diag *d);
struct plan_blob limits_encode(const struct limits_conf *conf, const struct wall_context *context,
	struct plan_writer *w);
