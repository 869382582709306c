/* SPDX-License-Identifier: MIT
 * Limits of the process (proc_pid_limits(5), sched(7)) and of its cgroup (cgroup v2's own files,
 * BPF programs that are attached).
 */
#include "report/inforce/inforce.h"
#include "base/count.h"
#include "base/errname.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* ---- of the process ---- */

static const struct {
	unsigned resource;
	const char *directive, *name; /* in /proc/PID/limits */
} limits[] = {
	{RLIMIT_AS, "LimitAS", "Max address space"},
	{RLIMIT_CORE, "LimitCORE", "Max core file size"},
	{RLIMIT_CPU, "LimitCPU", "Max cpu time"},
	{RLIMIT_DATA, "LimitDATA", "Max data size"},
	{RLIMIT_FSIZE, "LimitFSIZE", "Max file size"},
	{RLIMIT_LOCKS, "LimitLOCKS", "Max file locks"},
	{RLIMIT_MEMLOCK, "LimitMEMLOCK", "Max locked memory"},
	{RLIMIT_MSGQUEUE, "LimitMSGQUEUE", "Max msgqueue size"},
	{RLIMIT_NICE, "LimitNICE", "Max nice priority"},
	{RLIMIT_NOFILE, "LimitNOFILE", "Max open files"},
	{RLIMIT_NPROC, "LimitNPROC", "Max processes"},
	{RLIMIT_RSS, "LimitRSS", "Max resident set"},
	{RLIMIT_RTPRIO, "LimitRTPRIO", "Max realtime priority"},
	{RLIMIT_RTTIME, "LimitRTTIME", "Max realtime timeout"},
	{RLIMIT_SIGPENDING, "LimitSIGPENDING", "Max pending signals"},
	{RLIMIT_STACK, "LimitSTACK", "Max stack size"},
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
	const char *line = strstr(text, limits[i].name);
	uint64_t hard = l->s->limits.rlimit[limits[i].resource].hard;
	char asked[32], found[64], words[2][32];
	limit_text(hard, asked, sizeof(asked));
	if (!line || sscanf(line + strlen(limits[i].name), "%31s %31s", words[0], words[1]) != 2) {
		look_row(l, "Service", limits[i].directive, "", UNSEEN, asked, "");
		return;
	}
	/* The soft limit is the process's own to move; the hard one it can only lower. */
	snprintf(found, sizeof(found), "%s:%s", words[0], words[1]);
	look_row(l, "Service", limits[i].directive, "",
		limit_number(words[1]) <= hard ? IN_FORCE : MISSING, asked, found);
}

/* Fields of stat(5) count from the one behind the name, which may hold anything. */
static long stat_field(const char *stat, unsigned number)
{
	const char *at = strrchr(stat, ')');
	for (unsigned field = 2; at && field < number; field++)
		at = strchr(at + 1, ' ');
	return at ? strtol(at + 1, NULL, 10) : LONG_MIN;
}

static void look_at_number(struct look *l, const char *directive, long asked, long found, bool good)
{
	char texts[2][24];
	snprintf(texts[0], sizeof(texts[0]), "%ld", asked);
	snprintf(texts[1], sizeof(texts[1]), "%ld", found);
	look_row(l, "Service", directive, "", good ? IN_FORCE : MISSING, texts[0], texts[1]);
}

static void look_at_cpus(struct look *l)
{
	uint64_t cpus[2] = {0, 0};
	const uint64_t *asked = l->s->limits.affinity;
	char list[256];
	struct diag none = {.file = ""};
	look_field(l, "Cpus_allowed_list", list, sizeof(list));
	bool read = value_cpus(span_of(list), cpus, &none) == 0;
	bool good = read && !(cpus[0] & ~asked[0]) && !(cpus[1] & ~asked[1]);
	look_row(l, "Service", "CPUAffinity", "",
		!read      ? UNSEEN
			: good ? IN_FORCE
				   : MISSING,
		"these CPUs", list);
}

static void look_at_scheduling(struct look *l)
{
	const struct limits_conf *c = &l->s->limits;
	/* SCHED_OTHER BATCH IDLE FIFO RR, in the order of the names */
	static const long policies[] = {0, 3, 5, 1, 2};
	char text[1024];
	if (look_file(l, "stat", text, sizeof(text)) <= 0)
		return;
	long nice = stat_field(text, 19), priority = stat_field(text, 40),
		 policy = stat_field(text, 41);
	if (c->flags & LIMITS_NICE)
		look_at_number(l, "Nice", c->nice, nice, nice >= c->nice);
	if (c->flags & LIMITS_SCHED)
		look_at_number(l, "CPUSchedulingPolicy", policies[c->sched_policy], policy,
			policy == policies[c->sched_policy]);
	if (c->sched_priority)
		look_at_number(l, "CPUSchedulingPriority", (long)c->sched_priority, priority,
			priority <= (long)c->sched_priority);
	if (c->flags & LIMITS_IOPRIO) {
		long io = syscall(SYS_ioprio_get, 1, l->pid); /* IOPRIO_WHO_PROCESS */
		long class = c->io_class_given ? (long)c->io_class : 2;
		if (io < 0)
			look_row(l, "Service", "IOSchedulingClass", "", UNSEEN, "", err_name(-errno));
		else
			look_at_number(l, "IOSchedulingClass", class, io >> 13, io >> 13 == class);
	}
	if (c->flags & LIMITS_OOM && look_file(l, "oom_score_adj", text, sizeof(text)) > 0) {
		long score = strtol(text, NULL, 10);
		look_at_number(l, "OOMScoreAdjust", c->oom_score_adj, score, score >= c->oom_score_adj);
	}
	if (c->flags & LIMITS_AFFINITY)
		look_at_cpus(l);
}

void look_at_limits(struct look *l)
{
	char text[4096];
	look_file(l, "limits", text, sizeof(text));
	for (size_t i = 0; i < COUNT(limits); i++)
		if (l->s->limits.rlimits_given >> limits[i].resource & 1)
			look_at_rlimit(l, i, text);
	look_at_scheduling(l);
}

/* ---- of its cgroup ---- */

/* Which directive a file or program is of, and what has to be in the kernel for it. The first
 * line that the name begins with counts. */
static const struct {
	const char *name, *directive;
	uint32_t bit;
	int attach; /* enum bpf_attach_type, -1: a file */
} groups[] = {
	{"cpu.weight", "CPUWeight", OPTIONAL_CPU, -1},
	{"cpu.max", "CPUQuota", OPTIONAL_CPU, -1},
	{"cpuset.cpus", "AllowedCPUs", OPTIONAL_CPUSET, -1},
	{"cpuset.mems", "AllowedMemoryNodes", OPTIONAL_CPUSET, -1},
	{"memory.min", "MemoryMin", OPTIONAL_MEMORY, -1},
	{"memory.low", "MemoryLow", OPTIONAL_MEMORY, -1},
	{"memory.high", "MemoryHigh", OPTIONAL_MEMORY, -1},
	{"memory.max", "MemoryMax", OPTIONAL_MEMORY, -1},
	{"memory.swap.max", "MemorySwapMax", OPTIONAL_MEMORY, -1},
	{"memory.", "OOMPolicy", OPTIONAL_MEMORY, -1},
	{"kernel memory", "KernelMemoryMax", OPTIONAL_MEMORY, -1},
	{"pids.max", "TasksMax", OPTIONAL_PIDS, -1},
	{"io.max rbps", "IOReadBandwidthMax", OPTIONAL_IO, -1},
	{"io.max wbps", "IOWriteBandwidthMax", OPTIONAL_IO, -1},
	{"io.max riops", "IOReadIOPSMax", OPTIONAL_IO, -1},
	{"io.max wiops", "IOWriteIOPSMax", OPTIONAL_IO, -1},
	{"io.latency", "IODeviceLatencyTargetSec", OPTIONAL_IO, -1},
	{"io weight", "IODeviceWeight", OPTIONAL_IO, -1},
	{"io.bfq.weight", "blkio-weight", OPTIONAL_IO, -1},
	{"io.", "IOWeight", OPTIONAL_IO, -1},
	{"device program", "DeviceAllow", OPTIONAL_DEVICES, BPF_CGROUP_DEVICE},
	{"ingress program", "IPAddressAllow", OPTIONAL_IP, BPF_CGROUP_INET_INGRESS},
	{"egress program", "IPAddressDeny", OPTIONAL_IP, BPF_CGROUP_INET_EGRESS},
	{"cgroup.", "Delegate", 0, -1},
	{"", "", 0, -1},
};

/* Every word that was written stands there, numbers within the page that the kernel rounds bytes
 * of memory to. */
static bool says(const char *text, const char *asked, bool pages)
{
	struct span rest = span_of(asked), word;
	while (span_word(&rest, &word)) {
		struct span lines = span_of(text), is;
		bool found = false;
		while (!found && span_word(&lines, &is)) {
			uint64_t a = strtoull(word.p, NULL, 10), b = strtoull(is.p, NULL, 10);
			found = span_same(word, is) || (pages && a >= 4096 && a - a % 4096 <= b && b <= a);
		}
		if (!found)
			return false;
	}
	return true;
}

static int attached_programs(int group, int type)
{
	union bpf_attr attr = {.query = {.target_fd = (uint32_t)group, .attach_type = (uint32_t)type}};
	/* Without room for their numbers only the count comes back, and ENOSPC if there are some. */
	if (syscall(SYS_bpf, BPF_PROG_QUERY, &attr, sizeof(attr)) < 0 && errno != ENOSPC)
		return -errno;
	return (int)attr.query.prog_cnt;
}

/* That there is one is known; which, the kernel tells in no way that can be held against the
 * file. */
static void look_at_program(struct look *l, int group, size_t g, const char *asked)
{
	int n = attached_programs(group, groups[g].attach);
	enum verdict v = n == 0 ? look_lacking(l, groups[g].bit) : UNSEEN;
	look_row(l, "Cgroup", groups[g].directive, groups[g].name, v, asked,
		n > 0        ? "one is attached; what it lets pass is not compared"
			: n == 0 ? "none attached"
					 : err_name(n));
}

/* Two numbers, whose order counts. */
static enum verdict look_same(const char *text, const char *asked)
{
	return strcmp(text, asked) == 0 ? IN_FORCE : MISSING;
}

/* The line of the file that is about the disk of this node, without its number, in `line`: 1, 0
 * if there is none, -errno. */
static int line_of_disk(const char *text, const char *node, char *line, size_t cap)
{
	char path[64], number[32], whole[32];
	struct stat st;
	if (stat(node, &st) < 0)
		return -errno;
	snprintf(number, sizeof(number), "%u:%u", major(st.st_rdev), minor(st.st_rdev));
	/* A partition's directory lies in its disk's. */
	snprintf(path, sizeof(path), "/sys/dev/block/%s/partition", number);
	if (access(path, F_OK) == 0) {
		snprintf(path, sizeof(path), "/sys/dev/block/%s/../dev", number);
		int n = sys_read_file(AT_FDCWD, path, whole, sizeof(whole));
		if (n < 0)
			return n;
		snprintf(number, sizeof(number), "%.*s", (int)strcspn(whole, "\n"), whole);
	}
	for (size_t n = strlen(number); *text;
		 text += strcspn(text, "\n") + (text[strcspn(text, "\n")] == '\n')) {
		if (strncmp(text, number, n) != 0 || text[n] != ' ')
			continue;
		snprintf(line, cap, "%.*s", (int)strcspn(text + n + 1, "\n"), text + n + 1);
		return 1;
	}
	return 0;
}

/* "io.max rbps /dev/vda" = 1000 stands as "254:0 rbps=1000 ..." in io.max. */
static enum verdict look_for_disk(const char *text, const char *name, const char *asked)
{
	char wanted[64], line[256];
	const char *node = strchr(name, '/'),
			   *key = strncmp(name, "io.latency", 10) == 0 ? "target=" : "";
	struct span rest = span_of(name), word = {NULL, 0};
	int found = node ? line_of_disk(text, node, line, sizeof(line)) : -EINVAL;
	if (strncmp(name, "io.max ", 7) == 0) {
		span_word(&rest, &word);
		span_word(&rest, &word);
	}
	snprintf(wanted, sizeof(wanted), "%.*s%s%s%s", SPAN_ARGS(word), word.n ? "=" : "", key, asked);
	return found < 0 ? UNSEEN : found > 0 && says(line, wanted, false) ? IN_FORCE : MISSING;
}

static void look_at_file(struct look *l, int group, size_t g, const char *name, const char *asked)
{
	char file[64], text[4096];
	size_t n = strcspn(name, " ");
	bool disk = name[n] != '\0';
	snprintf(file, sizeof(file), "%.*s", (int)n, name);
	if (strncmp(name, "kernel memory", 13) == 0) {
		look_row(l, "Cgroup", groups[g].directive, name, UNSEEN, asked,
			"kept by PID 1's watch; nothing shows it");
		return;
	}
	if (strncmp(name, "io weight", 9) == 0)
		snprintf(file, sizeof(file), "io.weight");
	int err = sys_read_file(group, file, text, sizeof(text));
	/* no BFQ in this kernel: then io.weight is what acts, or nothing does, which the next row
	 * says */
	if (err == -ENOENT && strcmp(name, "io.bfq.weight") == 0)
		return;
	if (err < 0) {
		look_row(l, "Cgroup", groups[g].directive, name,
			err == -ENOENT ? look_lacking(l, groups[g].bit) : UNSEEN, asked,
			err == -ENOENT ? "no such file" : err_name(err));
		return;
	}
	for (char *end = text + strlen(text); end > text && end[-1] == '\n'; end--)
		end[-1] = '\0';
	bool pages = strncmp(name, "memory.", 7) == 0, pair = strcmp(name, "cpu.max") == 0;
	enum verdict v = disk          ? look_for_disk(text, name, asked)
		: pair                     ? look_same(text, asked)
		: says(text, asked, pages) ? IN_FORCE
								   : MISSING;
	/* A disk that BFQ weighs has its weight elsewhere, on another scale. */
	if (v == MISSING && strncmp(name, "io weight", 9) == 0)
		v = UNSEEN;
	look_row(l, "Cgroup", groups[g].directive, name, v, asked, text);
}

static int open_group(const struct look *l)
{
	char text[512], path[600];
	if (look_file(l, "cgroup", text, sizeof(text)) <= 0 || strncmp(text, "0::/", 4) != 0)
		return -ENOENT;
	text[strcspn(text, "\n")] = '\0';
	snprintf(path, sizeof(path), "/sys/fs/cgroup%s", text + 3);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void look_at_cgroup(struct look *l)
{
	const char *name, *asked;
	int group = open_group(l);
	for (unsigned i = 0; cgroup_written(&l->s->cgroup, i, &name, &asked); i++) {
		size_t g = 0;
		while (groups[g].name[0] && strncmp(name, groups[g].name, strlen(groups[g].name)) != 0)
			g++;
		if (group < 0)
			look_row(l, "Cgroup", groups[g].directive, name, UNSEEN, asked, err_name(group));
		else if (groups[g].attach >= 0)
			look_at_program(l, group, g, asked);
		else
			look_at_file(l, group, g, name, asked);
	}
	if (group >= 0)
		close(group);
}
