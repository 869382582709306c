/* SPDX-License-Identifier: MIT
 * Per-process limits: `Limit… = SOFT[:HARD]` in the unit that fits the resource (bytes, seconds, a
 * number), and the schedulers' settings.
 */
#include "walls/limits/conf.h"
#include "base/num.h"
#include <errno.h>
#include <sched.h>
#include <string.h>

#define IO_CLASS_SHIFT 13 /* ioprio_set(2) */
#define IO_PRIORITY_DEFAULT 4

void limits_conf_init(struct limits_conf *conf)
{
	*conf = (struct limits_conf){.io_priority = IO_PRIORITY_DEFAULT};
}

enum unit { UNIT_NUMBER, UNIT_SIZE, UNIT_SECONDS, UNIT_MICROSECONDS };

static const uint8_t units[RLIM_NLIMITS] = {
	[RLIMIT_AS] = UNIT_SIZE,
	[RLIMIT_CORE] = UNIT_SIZE,
	[RLIMIT_CPU] = UNIT_SECONDS,
	[RLIMIT_DATA] = UNIT_SIZE,
	[RLIMIT_FSIZE] = UNIT_SIZE,
	[RLIMIT_MEMLOCK] = UNIT_SIZE,
	[RLIMIT_MSGQUEUE] = UNIT_SIZE,
	[RLIMIT_RSS] = UNIT_SIZE,
	[RLIMIT_RTTIME] = UNIT_MICROSECONDS,
	[RLIMIT_STACK] = UNIT_SIZE,
};

static int read_limit(struct span v, enum unit unit, uint64_t *out, struct diag *d)
{
	uint32_t ms = 0;
	int err;
	if (span_is(v, "infinity")) {
		*out = UINT64_MAX;
		return 0;
	}
	if (unit == UNIT_SIZE)
		return value_size(v, out, d);
	if (unit == UNIT_NUMBER)
		return value_number(v, 0, UINT32_MAX, out, d);
	/* As everywhere a bare number is seconds, except for LimitRTTIME, whose kernel unit is the
	 * microsecond: there it must say ms or s. */
	err = value_time_ms(v, &ms, d);
	if (err < 0)
		return err;
	if (unit == UNIT_MICROSECONDS && v.p[v.n - 1] >= '0' && v.p[v.n - 1] <= '9')
		return diag_error(d, "\"%.*s\" has no unit, expected one like 500ms or 2s", SPAN_ARGS(v));
	if (unit == UNIT_SECONDS && ms % 1000 != 0)
		return diag_error(d, "\"%.*s\" is not a whole number of seconds", SPAN_ARGS(v));
	*out = unit == UNIT_SECONDS ? ms / 1000 : ms * 1000ull;
	return 0;
}

/* Of resources that are priorities the highest that means anything (getrlimit(2)); of the others
 * any number does. */
static uint64_t highest(unsigned resource)
{
	if (resource == RLIMIT_NICE)
		return 40;
	return resource == RLIMIT_RTPRIO ? 99 : UINT64_MAX;
}

int limits_set_rlimit(void *conf, unsigned resource, struct span value, struct diag *d)
{
	struct limits_conf *l = conf;
	enum unit unit = units[resource];
	struct span soft, hard;
	uint64_t s = 0, h = 0;
	if (!span_cut(value, ':', &soft, &hard))
		hard = soft;
	int err = read_limit(soft, unit, &s, d);
	if (err == 0)
		err = read_limit(hard, unit, &h, d);
	if (err < 0)
		return err;
	if (h != UINT64_MAX && h > highest(resource))
		return diag_error(d, "\"%.*s\" is above the highest there is, %u", SPAN_ARGS(hard),
			(unsigned)highest(resource));
	if (s > h)
		return diag_error(d, "the soft limit in \"%.*s\" is above the hard one, expected SOFT:HARD",
			SPAN_ARGS(value));
	l->rlimits_given |= 1u << resource;
	l->rlimit[resource].soft = s;
	l->rlimit[resource].hard = h;
	return 0;
}

int limits_set_nice(void *conf, struct span value, struct diag *d)
{
	struct limits_conf *l = conf;
	int64_t n = 0;
	int err = value_signed(value, -20, 19, &n, d);
	if (err < 0)
		return err;
	l->nice = (int32_t)n;
	l->flags |= LIMITS_NICE;
	return 0;
}

int limits_set_oom_score_adjust(void *conf, struct span value, struct diag *d)
{
	struct limits_conf *l = conf;
	int64_t n = 0;
	int err = value_signed(value, -1000, 1000, &n, d);
	if (err < 0)
		return err;
	l->oom_score_adj = (int32_t)n;
	l->flags |= LIMITS_OOM;
	return 0;
}

int limits_set_cpu_affinity(void *conf, struct span value, struct diag *d)
{
	struct limits_conf *l = conf;
	if (value.n == 0) {
		l->affinity[0] = l->affinity[1] = 0;
		l->flags &= ~(uint32_t)LIMITS_AFFINITY;
		return 0;
	}
	l->flags |= LIMITS_AFFINITY;
	return value_cpus(value, l->affinity, d);
}

static const char *const policy_names[] = {"other", "batch", "idle", "fifo", "rr", NULL};
static const uint32_t policies[] = {SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, SCHED_FIFO, SCHED_RR};
#define FIRST_REAL_TIME 3

int limits_set_sched_policy(void *conf, struct span value, struct diag *d)
{
	struct limits_conf *l = conf;
	int err = value_choice(value, policy_names, &l->sched_policy, d);
	if (err == 0)
		l->flags |= LIMITS_SCHED;
	return err;
}

int limits_set_io_class(void *conf, struct span value, struct diag *d)
{
	/* in the kernel's order */
	static const char *const names[] = {"none", "realtime", "best-effort", "idle", NULL};
	struct limits_conf *l = conf;
	unsigned class = 0;
	int err = value_choice(value, names, &class, d);
	if (err < 0)
		return err;
	l->io_class = class;
	l->io_class_given = true;
	l->flags |= LIMITS_IOPRIO;
	return 0;
}

int limits_set_io_priority(void *conf, struct span value, struct diag *d)
{
	struct limits_conf *l = conf;
	uint64_t n = 0;
	int err = value_number(value, 0, 7, &n, d);
	if (err < 0)
		return err;
	l->io_priority = (uint32_t)n;
	l->flags |= LIMITS_IOPRIO;
	return 0;
}

int limits_check_priority(const struct limits_conf *conf, struct diag *d)
{
	bool real_time = conf->flags & LIMITS_SCHED && conf->sched_policy >= FIRST_REAL_TIME;
	if (conf->sched_priority != 0 && !real_time)
		return diag_error(d, "a priority needs CPUSchedulingPolicy = fifo or rr");
	return 0;
}

struct plan_blob limits_encode(const struct limits_conf *conf, const struct wall_context *context,
	struct plan_writer *w)
{
	(void)context;
	struct limits_rlimit list[RLIM_NLIMITS];
	size_t n = 0;
	/* A priority alone means best effort, the class that processes have anyhow. */
	uint32_t class = conf->io_class_given ? conf->io_class : 2;
	bool levels = class == 1 || class == 2;
	bool real_time = conf->sched_policy >= FIRST_REAL_TIME;
	struct limits_plan l = {
		.flags = conf->flags,
		.nice = conf->nice,
		.oom_score_adj = conf->oom_score_adj,
		.sched_policy = policies[conf->sched_policy],
		.sched_priority = real_time ? (conf->sched_priority ? conf->sched_priority : 1) : 0,
		.ioprio = conf->flags & LIMITS_IOPRIO
			? class << IO_CLASS_SHIFT | (levels ? conf->io_priority : 0)
			: 0,
		.affinity = {conf->affinity[0], conf->affinity[1]},
	};
	for (uint32_t r = 0; r < RLIM_NLIMITS; r++) {
		if (conf->rlimits_given & 1u << r)
			list[n++] = (struct limits_rlimit){.resource = r,
				.soft = conf->rlimit[r].soft,
				.hard = conf->rlimit[r].hard};
	}
	l.rlimits = plan_write_list(w, list, sizeof(list[0]), n);
	return plan_write_blob(w, &l, sizeof(l));
}
