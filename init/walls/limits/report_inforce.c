/* SPDX-License-Identifier: MIT
 * Limits and scheduling of the process (proc_pid_limits(5), sched(7)).
 */
#include "walls/limits/conf.h"
#include "base/count.h"
#include "base/errname.h"
#include "walls/diagnose.h"
#include "walls/report.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	unsigned resource;
	enum directive_id directive;
	const char *name; /* in /proc/PID/limits */
} limits[] = {
	{RLIMIT_AS, D_Service_LimitAS, "Max address space"},
	{RLIMIT_CORE, D_Service_LimitCORE, "Max core file size"},
	{RLIMIT_CPU, D_Service_LimitCPU, "Max cpu time"},
	{RLIMIT_DATA, D_Service_LimitDATA, "Max data size"},
	{RLIMIT_FSIZE, D_Service_LimitFSIZE, "Max file size"},
	{RLIMIT_LOCKS, D_Service_LimitLOCKS, "Max file locks"},
	{RLIMIT_MEMLOCK, D_Service_LimitMEMLOCK, "Max locked memory"},
	{RLIMIT_MSGQUEUE, D_Service_LimitMSGQUEUE, "Max msgqueue size"},
	{RLIMIT_NICE, D_Service_LimitNICE, "Max nice priority"},
	{RLIMIT_NOFILE, D_Service_LimitNOFILE, "Max open files"},
	{RLIMIT_NPROC, D_Service_LimitNPROC, "Max processes"},
	{RLIMIT_RSS, D_Service_LimitRSS, "Max resident set"},
	{RLIMIT_RTPRIO, D_Service_LimitRTPRIO, "Max realtime priority"},
	{RLIMIT_RTTIME, D_Service_LimitRTTIME, "Max realtime timeout"},
	{RLIMIT_SIGPENDING, D_Service_LimitSIGPENDING, "Max pending signals"},
	{RLIMIT_STACK, D_Service_LimitSTACK, "Max stack size"},
};

static uint64_t limit_number(const char *word)
{
	return strcmp(word, "unlimited") == 0 ? UINT64_MAX : strtoull(word, NULL, 10);
}

static const char *limit_text(uint64_t v, char *buf, size_t cap)
{
	snprintf(buf, cap, v == UINT64_MAX ? "infinity" : "%llu", (unsigned long long)v);
	return buf;
}

static void look_at_rlimit(struct look *l, size_t i, const char *text)
{
	const struct limits_conf *c = l->conf;
	const char *line = strstr(text, limits[i].name);
	uint64_t hard = c->rlimit[limits[i].resource].hard;
	char asked[32], found[64], words[2][32];
	struct span rest = span_of(line ? line + strlen(limits[i].name) : NULL), values, soft, most;
	limit_text(hard, asked, sizeof(asked));
	if (!span_line(&rest, &values) || !span_field(values, 0, &soft) ||
		span_copy(soft, words[0], sizeof(words[0])) < 0 || !span_field(values, 1, &most) ||
		span_copy(most, words[1], sizeof(words[1])) < 0) {
		look_row(l, limits[i].directive, "", UNSEEN, asked, "");
		return;
	}
	/* The soft limit is the process's own to move; the hard one it can only lower. */
	snprintf(found, sizeof(found), "%s:%s", words[0], words[1]);
	look_row(l, limits[i].directive, "", limit_number(words[1]) <= hard ? IN_FORCE : MISSING, asked,
		found);
}

/* Fields of stat(5) count from the one behind the name, which may hold anything. */
static long stat_field(const char *stat, unsigned number)
{
	const char *at = strrchr(stat, ')');
	for (unsigned field = 2; at && field < number; field++)
		at = strchr(at + 1, ' ');
	return at ? strtol(at + 1, NULL, 10) : LONG_MIN;
}

static void look_at_number(struct look *l, enum directive_id directive, long asked, long found,
	bool good)
{
	char texts[2][24];
	snprintf(texts[0], sizeof(texts[0]), "%ld", asked);
	snprintf(texts[1], sizeof(texts[1]), "%ld", found);
	look_row(l, directive, "", good ? IN_FORCE : MISSING, texts[0], texts[1]);
}

static void look_at_cpus(struct look *l)
{
	const struct limits_conf *c = l->conf;
	uint64_t cpus[2] = {0, 0};
	const uint64_t *asked = c->affinity;
	char list[256];
	struct diag none = {.file = ""};
	look_field(l, "Cpus_allowed_list", list, sizeof(list));
	bool read = value_cpus(span_of(list), cpus, &none) == 0;
	bool good = read && !(cpus[0] & ~asked[0]) && !(cpus[1] & ~asked[1]);
	look_row(l, D_Service_CPUAffinity, "",
		!read      ? UNSEEN
			: good ? IN_FORCE
				   : MISSING,
		"these CPUs", list);
}

static void look_at_scheduling(struct look *l)
{
	const struct limits_conf *c = l->conf;
	/* SCHED_OTHER BATCH IDLE FIFO RR, in the order of the names */
	static const long policies[] = {0, 3, 5, 1, 2};
	char text[1024];
	if (look_file(l, "stat", text, sizeof(text)) <= 0)
		return;
	long nice = stat_field(text, 19), priority = stat_field(text, 40),
		 policy = stat_field(text, 41);
	if (c->flags & LIMITS_NICE)
		look_at_number(l, D_Service_Nice, c->nice, nice, nice >= c->nice);
	if (c->flags & LIMITS_SCHED)
		look_at_number(l, D_Service_CPUSchedulingPolicy, policies[c->sched_policy], policy,
			policy == policies[c->sched_policy]);
	if (c->sched_priority)
		look_at_number(l, D_Service_CPUSchedulingPriority, (long)c->sched_priority, priority,
			priority <= (long)c->sched_priority);
	if (c->flags & LIMITS_IOPRIO) {
		long io = syscall(SYS_ioprio_get, 1, l->pid); /* IOPRIO_WHO_PROCESS */
		long class = c->io_class_given ? (long)c->io_class : 2;
		if (io < 0)
			look_row(l, D_Service_IOSchedulingClass, "", UNSEEN, "", err_name(-errno));
		else
			look_at_number(l, D_Service_IOSchedulingClass, class, io >> 13, io >> 13 == class);
	}
	if (c->flags & LIMITS_OOM && look_file(l, "oom_score_adj", text, sizeof(text)) > 0) {
		long score = strtol(text, NULL, 10);
		look_at_number(l, D_Service_OOMScoreAdjust, c->oom_score_adj, score,
			score >= c->oom_score_adj);
	}
	if (c->flags & LIMITS_AFFINITY)
		look_at_cpus(l);
}

void limits_look(struct look *l)
{
	const struct limits_conf *c = l->conf;
	char text[4096];
	look_file(l, "limits", text, sizeof(text));
	for (size_t i = 0; i < COUNT(limits); i++)
		if (c->rlimits_given >> limits[i].resource & 1)
			look_at_rlimit(l, i, text);
	look_at_scheduling(l);
}
