/* SPDX-License-Identifier: MIT
 * Compile half of [Cgroup]: each directive becomes a file of cgroup v2 and the text written to it.
 */
#pragma once
#include "walls/cgroup/cgroup.h"
#include "walls/compile.h"

enum cgroup_file {
	FILE_CPU_WEIGHT,
	FILE_CPU_MAX,
	FILE_CPUSET_CPUS,
	FILE_MEMORY_MIN,
	FILE_MEMORY_LOW,
	FILE_MEMORY_HIGH,
	FILE_MEMORY_MAX,
	FILE_MEMORY_SWAP_MAX,
	FILE_PIDS_MAX,
	FILE_IO_WEIGHT,
	FILE_COUNT
};

struct cgroup_conf {
	char value[FILE_COUNT][272]; /* "" = not written; 272 holds 128 CPU numbers as ranges */
	uint32_t quota_percent;      /* of one CPU; 0 = no limit */
	uint32_t period_us;
	uint64_t cpus[2];
	uint64_t memory[4]; /* min, low, high, max, as given; NUM_INFINITY = none */
};

void cgroup_init(struct cgroup_conf *conf);
wall_setter cgroup_set_cpu_weight, cgroup_set_cpu_quota, cgroup_set_cpu_quota_period, cgroup_set_allowed_cpus,
	cgroup_set_memory_min, cgroup_set_memory_low, cgroup_set_memory_high, cgroup_set_memory_max, cgroup_set_memory_swap_max,
	cgroup_set_tasks_max, cgroup_set_io_weight, cgroup_set_cpu_shares;
/* The limits against one another. */
int cgroup_check_memory(const struct cgroup_conf *conf, struct diag *d);
/* The i-th file that is written, and what; false when there are no more. */
bool cgroup_written(const struct cgroup_conf *conf, unsigned i, const char **file, const char **value);
struct plan_blob cgroup_encode(const struct cgroup_conf *conf, struct plan_writer *w);
