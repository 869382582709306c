/* SPDX-License-Identifier: MIT
 * [Cgroup]: see Documentation/admin-guide/cgroup-v2.rst for each file. Names of container tools are
 * converted to the files of today's kernels.
 */
#include "walls/cgroup/conf.h"
#include "base/count.h"
#include "base/num.h"
#include "walls/cgroup/shares.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define WEIGHT_MAX 10000
#define PERIOD_MIN_US 1000 /* kernel/sched/core.c: min_cfs_quota_period, max_cfs_quota_period */
#define PERIOD_MAX_US 1000000
#define PERIOD_DEFAULT_US 100000
#define TASKS_MAX 4194304  /* PID_MAX_LIMIT */
#define TASKS_LEAST 2      /* the cell and the service's own */
#define MEMORY_LEAST 65536 /* less than the cell has before it executes the program */

void cgroup_conf_init(struct cgroup_conf *conf)
{
	*conf = (struct cgroup_conf){.period_us = PERIOD_DEFAULT_US,
		.memory = {0, 0, NUM_INFINITY, NUM_INFINITY}};
}

static void write_number(struct cgroup_conf *c, enum cgroup_file file, uint64_t n)
{
	if (n == NUM_INFINITY)
		snprintf(c->value[file], sizeof(c->value[file]), "max");
	else
		snprintf(c->value[file], sizeof(c->value[file]), "%llu", (unsigned long long)n);
}

static int set_weight(void *conf, enum cgroup_file file, struct span value, struct diag *d)
{
	uint64_t n = 0;
	int err = value_number(value, 1, WEIGHT_MAX, &n, d);
	if (err == 0)
		write_number(conf, file, n);
	return err;
}

int cgroup_set_cpu_weight(void *conf, struct span value, struct diag *d)
{
	return set_weight(conf, FILE_CPU_WEIGHT, value, d);
}

static uint64_t weight_of_shares(uint64_t shares)
{
	size_t last = COUNT(shares_curve) - 1, i = 0;
	while (i + 1 < last && shares >= shares_curve[i + 1].shares)
		i++;
	uint64_t run = shares_curve[i + 1].shares - shares_curve[i].shares;
	uint64_t rise = shares_curve[i + 1].weight_thousandths - shares_curve[i].weight_thousandths;
	uint64_t thousandths = shares_curve[i].weight_thousandths +
		rise * (shares - shares_curve[i].shares) / run;
	return (thousandths + 999) / 1000;
}

int cgroup_set_cpu_shares(void *conf, struct span value, struct diag *d)
{
	uint64_t shares = 0;
	int err = value_number(value, 2, 262144, &shares, d);
	if (err == 0)
		write_number(conf, FILE_CPU_WEIGHT, weight_of_shares(shares));
	return err;
}

/* cpu.max is quota and period in one file, and may be set in either order. */
static void put_quota(struct cgroup_conf *c)
{
	if (c->quota_percent == 0)
		c->value[FILE_CPU_MAX][0] = '\0';
	else
		snprintf(c->value[FILE_CPU_MAX], sizeof(c->value[FILE_CPU_MAX]), "%llu %u",
			(unsigned long long)c->period_us * c->quota_percent / 100, c->period_us);
}

int cgroup_set_cpu_quota(void *conf, struct span value, struct diag *d)
{
	struct cgroup_conf *c = conf;
	uint32_t percent = 0;
	/* 1000 CPUs are more than anybody has, and keep the product far from overflow. */
	if (!span_is(value, "infinity") &&
		(num_percent(value, &percent) < 0 || percent == 0 || percent > 100000))
		return diag_error(d,
			"\"%.*s\" is not a share of CPU time, expected 1%% to 100000%% (100%% is one CPU) or infinity",
			SPAN_ARGS(value));
	c->quota_percent = percent;
	put_quota(c);
	return 0;
}

int cgroup_set_cpu_quota_period(void *conf, struct span value, struct diag *d)
{
	struct cgroup_conf *c = conf;
	uint32_t ms = 0;
	int err = value_time_ms(value, &ms, d);
	if (err < 0)
		return err;
	if (ms < PERIOD_MIN_US / 1000 || ms > PERIOD_MAX_US / 1000)
		return diag_error(d, "\"%.*s\" is not from 1ms to 1s", SPAN_ARGS(value));
	c->period_us = ms * 1000;
	put_quota(c);
	return 0;
}

/* "0-2,4" of the bits. */
static void put_bits(char *out, size_t cap, const uint64_t bits[2])
{
	size_t n = 0;
	out[0] = '\0';
	for (unsigned i = 0; i < 128 && n < cap; i++) {
		unsigned last = i;
		if (!(bits[i / 64] >> (i % 64) & 1))
			continue;
		while (last < 127 && bits[(last + 1) / 64] >> ((last + 1) % 64) & 1)
			last++;
		n += (size_t)snprintf(out + n, cap - n, last > i ? "%s%u-%u" : "%s%u", n ? "," : "", i,
			last);
		i = last;
	}
}

int cgroup_set_allowed_cpus(void *conf, struct span value, struct diag *d)
{
	struct cgroup_conf *c = conf;
	int err = value_cpus(value, c->cpus, d);
	if (value.n == 0)
		c->cpus[0] = c->cpus[1] = 0;
	put_bits(c->value[FILE_CPUSET_CPUS], sizeof(c->value[FILE_CPUSET_CPUS]), c->cpus);
	return err;
}

int cgroup_set_allowed_nodes(void *conf, struct span value, struct diag *d)
{
	struct cgroup_conf *c = conf;
	int err = value_bits(value, c->nodes, "memory nodes", d);
	if (value.n == 0)
		c->nodes[0] = c->nodes[1] = 0;
	put_bits(c->value[FILE_CPUSET_MEMS], sizeof(c->value[FILE_CPUSET_MEMS]), c->nodes);
	return err;
}

int cgroup_set_memory(void *conf, unsigned file, struct span value, struct diag *d)
{
	struct cgroup_conf *c = conf;
	uint64_t n = 0;
	int err = value_size(value, &n, d);
	if (err < 0)
		return err;
	if (n < MEMORY_LEAST && (file == FILE_MEMORY_MAX || file == FILE_MEMORY_HIGH))
		return diag_error(d,
			"\"%.*s\" is less than 64K, with which nothing can start: expected a size like 16M, or infinity",
			SPAN_ARGS(value));
	write_number(c, file, n);
	if (file >= FILE_MEMORY_MIN && file <= FILE_MEMORY_MAX)
		c->memory[file - FILE_MEMORY_MIN] = n;
	return 0;
}

int cgroup_set_tasks_max(void *conf, struct span value, struct diag *d)
{
	uint64_t n = NUM_INFINITY;
	int err = span_is(value, "infinity") ? 0 : value_number(value, TASKS_LEAST, TASKS_MAX, &n, d);
	if (err == 0)
		write_number(conf, FILE_PIDS_MAX, n);
	return err;
}

int cgroup_set_kernel_memory(void *conf, struct span value, struct diag *d)
{
	struct cgroup_conf *c = conf;
	uint64_t n = 0;
	int err = value_size(value, &n, d);
	if (err < 0)
		return err;
	if (n == 0)
		return diag_error(d, "every process needs some kernel memory, expected a size or infinity");
	c->kernel_memory = n == NUM_INFINITY ? 0 : n;
	return 0;
}

int cgroup_set_oom_policy(void *conf, struct span value, struct diag *d)
{
	static const char *const names[] = {"continue", "stop", "kill", NULL};
	struct cgroup_conf *c = conf;
	int err = value_choice(value, names, &c->oom, d);
	if (err < 0)
		return err;
	c->oom_given = true;
	snprintf(c->value[FILE_MEMORY_OOM_GROUP], 2, "%s", c->oom == OOM_KILL ? "1" : "");
	return 0;
}

static int add_controller(struct cgroup_conf *c, struct span word, struct diag *d)
{
	static const char *const names[] = {"cpu", "memory", "pids", "io", "cpuset", NULL}; /* by bit */
	unsigned which = 0;
	int err = value_choice(word, names, &which, d);
	if (err == 0)
		c->delegate_controllers |= 1u << which;
	return err;
}

int cgroup_set_delegate(void *conf, struct span value, struct diag *d)
{
	struct cgroup_conf *c = conf;
	struct span rest = value, word;
	int err = 0;
	c->delegate_controllers = 0;
	if (num_bool(value, &c->delegate) < 0) {
		c->delegate = true;
		while (err == 0 && span_word(&rest, &word))
			err = add_controller(c, word, d);
	}
	/* PID 1 removes what the service leaves, so it must not be without end. */
	snprintf(c->value[FILE_MAX_DESCENDANTS], 4, "%s", c->delegate ? "256" : "");
	snprintf(c->value[FILE_MAX_DEPTH], 4, "%s", c->delegate ? "7" : "");
	return err;
}

int cgroup_check_memory(const struct cgroup_conf *conf, struct diag *d)
{
	uint64_t max = conf->memory[FILE_MEMORY_MAX - FILE_MEMORY_MIN];
	for (int file = FILE_MEMORY_MIN; file < FILE_MEMORY_MAX; file++) {
		uint64_t n = conf->memory[file - FILE_MEMORY_MIN];
		if (n != NUM_INFINITY && n > max)
			return diag_error(d, "MemoryMax (%s) is below %s (%s)", conf->value[FILE_MEMORY_MAX],
				cgroup_file_name(file), conf->value[file]);
	}
	return 0;
}
