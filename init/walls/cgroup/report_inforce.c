/* SPDX-License-Identifier: MIT
 * The control group in force: the files of cgroup v2, and the BPF programs that are attached.
 */
#include "walls/cgroup/conf.h"
#include "base/count.h"
#include "base/errname.h"
#include "base/sys.h"
#include "walls/report.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Which directive a file or program is of, and what has to be in the kernel for it. The first
 * line that the name begins with counts. */
static const struct {
	const char *name;
	enum directive_id directive;
	uint32_t bit;
	int attach; /* enum bpf_attach_type, -1: a file */
} groups[] = {
	{"cpu.weight", D_Cgroup_CPUWeight, OPTIONAL_CPU, -1},
	{"cpu.max", D_Cgroup_CPUQuota, OPTIONAL_CPU, -1},
	{"cpuset.cpus", D_Cgroup_AllowedCPUs, OPTIONAL_CPUSET, -1},
	{"cpuset.mems", D_Cgroup_AllowedMemoryNodes, OPTIONAL_CPUSET, -1},
	{"memory.min", D_Cgroup_MemoryMin, OPTIONAL_MEMORY, -1},
	{"memory.low", D_Cgroup_MemoryLow, OPTIONAL_MEMORY, -1},
	{"memory.high", D_Cgroup_MemoryHigh, OPTIONAL_MEMORY, -1},
	{"memory.max", D_Cgroup_MemoryMax, OPTIONAL_MEMORY, -1},
	{"memory.swap.max", D_Cgroup_MemorySwapMax, OPTIONAL_MEMORY, -1},
	{"memory.", D_Cgroup_OOMPolicy, OPTIONAL_MEMORY, -1},
	{"kernel memory", D_Cgroup_KernelMemoryMax, OPTIONAL_MEMORY, -1},
	{"pids.max", D_Cgroup_TasksMax, OPTIONAL_PIDS, -1},
	{"io.max rbps", D_Cgroup_IOReadBandwidthMax, OPTIONAL_IO, -1},
	{"io.max wbps", D_Cgroup_IOWriteBandwidthMax, OPTIONAL_IO, -1},
	{"io.max riops", D_Cgroup_IOReadIOPSMax, OPTIONAL_IO, -1},
	{"io.max wiops", D_Cgroup_IOWriteIOPSMax, OPTIONAL_IO, -1},
	{"io.latency", D_Cgroup_IODeviceLatencyTargetSec, OPTIONAL_IO, -1},
	{"io weight", D_Cgroup_IODeviceWeight, OPTIONAL_IO, -1},
	{"io.bfq.weight", D_Cgroup_blkio_weight, OPTIONAL_IO, -1},
	{"io.", D_Cgroup_IOWeight, OPTIONAL_IO, -1},
	{"device program", D_Cgroup_DeviceAllow, OPTIONAL_DEVICES, BPF_CGROUP_DEVICE},
	{"ingress program", D_Cgroup_IPAddressAllow, OPTIONAL_IP, BPF_CGROUP_INET_INGRESS},
	{"egress program", D_Cgroup_IPAddressDeny, OPTIONAL_IP, BPF_CGROUP_INET_EGRESS},
	{"cgroup.", D_Cgroup_Delegate, 0, -1},
	{"", D_Cgroup_Delegate, 0, -1},
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
	look_row(l, groups[g].directive, groups[g].name, v, asked,
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
		look_row(l, groups[g].directive, name, UNSEEN, asked,
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
		look_row(l, groups[g].directive, name,
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
	look_row(l, groups[g].directive, name, v, asked, text);
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

void cgroup_look(struct look *l)
{
	const char *name, *asked;
	int group = open_group(l);
	for (unsigned i = 0; cgroup_written(l->conf, i, &name, &asked); i++) {
		size_t g = 0;
		while (groups[g].name[0] && strncmp(name, groups[g].name, strlen(groups[g].name)) != 0)
			g++;
		if (group < 0)
			look_row(l, groups[g].directive, name, UNSEEN, asked, err_name(group));
		else if (groups[g].attach >= 0)
			look_at_program(l, group, g, asked);
		else
			look_at_file(l, group, g, name, asked);
	}
	if (group >= 0)
		close(group);
}
