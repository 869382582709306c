/* SPDX-License-Identifier: MIT
 * Compile half of [Cgroup]: each directive becomes a file of cgroup v2 and a text, a line about a
 * disk, or part of a BPF program.
 */
#pragma once
#include "walls/cgroup/cgroup.h"
#include "walls/compile.h"

#define CGROUP_MAX_DISKS 32
#define CGROUP_MAX_DEVICES 32
#define CGROUP_MAX_PREFIXES 64 /* of each list */

enum cgroup_file {
	FILE_CPU_WEIGHT,
	FILE_CPU_MAX,
	FILE_CPUSET_CPUS,
	FILE_CPUSET_MEMS,
	FILE_MEMORY_MIN,
	FILE_MEMORY_LOW,
	FILE_MEMORY_HIGH,
	FILE_MEMORY_MAX,
	FILE_MEMORY_SWAP_MAX,
	FILE_MEMORY_OOM_GROUP,
	FILE_PIDS_MAX,
	FILE_MAX_DESCENDANTS,
	FILE_MAX_DEPTH,
	FILE_COUNT
};

struct cgroup_conf_disk {
	struct span path;
	uint32_t kind;  /* enum cgroup_disk_kind */
	uint64_t value; /* NUM_INFINITY: an earlier limit is lifted */
};

struct cgroup_conf_device {
	struct span path;     /* empty: given by number */
	char type;            /* 'c' or 'b', if given by number */
	int32_t major, minor; /* -1 = any */
	uint8_t access;       /* BPF_DEVCG_ACC_* */
	bool optional;
};

struct cgroup_prefix {
	uint8_t byte[16];
	uint8_t family; /* 4 or 6 */
	uint8_t bits;
};

struct cgroup_prefixes {
	struct cgroup_prefix prefix[CGROUP_MAX_PREFIXES];
	size_t count;
};

struct cgroup_conf {
	char value[FILE_COUNT][272]; /* "" = not written; 272 holds 128 CPU numbers as ranges */
	uint32_t quota_percent;      /* of one CPU; 0 = no limit */
	uint32_t period_us;
	uint64_t cpus[2], nodes[2];
	uint64_t memory[4];     /* min, low, high, max as written; NUM_INFINITY = none */
	uint64_t kernel_memory; /* 0 = no limit */
	struct cgroup_weight weight;
	struct cgroup_conf_disk disk[CGROUP_MAX_DISKS];
	size_t disks;
	bool devices_given; /* only these and the standard nodes may be opened */
	struct cgroup_conf_device device[CGROUP_MAX_DEVICES];
	size_t devices;
	struct cgroup_prefixes allow, deny;
	unsigned oom; /* enum cgroup_oom */
	bool oom_given;
	bool delegate;
	uint32_t delegate_controllers;
	struct span slice;
};

void cgroup_conf_init(struct cgroup_conf *conf);
wall_setter cgroup_set_cpu_weight, cgroup_set_cpu_quota, cgroup_set_cpu_quota_period,
	cgroup_set_allowed_cpus, cgroup_set_allowed_nodes, cgroup_set_kernel_memory,
	cgroup_set_tasks_max, cgroup_set_io_weight, cgroup_set_blkio_weight, cgroup_set_device_allow,
	cgroup_set_address_allow, cgroup_set_address_deny, cgroup_set_oom_policy, cgroup_set_delegate,
	cgroup_set_cpu_shares;
wall_part_setter cgroup_set_memory, cgroup_set_disk;
const char *cgroup_file_name(enum cgroup_file file);
/* Checks the limits against each other. 0, or an error through d. */
int cgroup_check_memory(const struct cgroup_conf *conf, struct diag *d);
/* The i-th item that is written or loaded; false after the last. The texts are valid until the next
 * call. */
bool cgroup_written(const struct cgroup_conf *conf, unsigned i, const char **file,
	const char **value);
struct plan_blob cgroup_encode(const struct cgroup_conf *conf, const struct wall_context *context,
	struct plan_writer *w);

/* Write the programs, as struct bpf_insn of 8 bytes each. Return the number of instructions, at
 * most `cap`. */
#define CGROUP_PACKET_INSNS 2048
size_t cgroup_packet_program(const struct cgroup_conf *conf, bool ingress, uint64_t *insns,
	size_t cap);
/* nodes: the comparisons to fill in on the device, at most conf->devices and context->nodes
 * together. */
size_t cgroup_device_program(const struct cgroup_conf *conf, const struct wall_context *context,
	uint64_t *insns, size_t cap, struct cgroup_node *nodes, size_t *node_count,
	struct plan_writer *w);
