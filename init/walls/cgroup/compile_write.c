/* SPDX-License-Identifier: MIT
 * The result of [Cgroup]: files to write, lines about disks and programs, for the plan and as text.
 */
#include "walls/cgroup/conf.h"
#include "base/num.h"
#include <stdio.h>

static const struct {
	const char *name;
	uint16_t controller;
	const char *lift; /* PID 1 must not be held up by it: what is written until the cell runs */
} files[FILE_COUNT] = {
	[FILE_CPU_WEIGHT] = {"cpu.weight", CG_CPU, "100"},
	[FILE_CPU_MAX] = {"cpu.max", CG_CPU, "max"},
	[FILE_CPUSET_CPUS] = {"cpuset.cpus", CG_CPUSET, NULL},
	[FILE_CPUSET_MEMS] = {"cpuset.mems", CG_CPUSET, NULL},
	[FILE_MEMORY_MIN] = {"memory.min", CG_MEMORY, NULL},
	[FILE_MEMORY_LOW] = {"memory.low", CG_MEMORY, NULL},
	[FILE_MEMORY_HIGH] = {"memory.high", CG_MEMORY, "max"},
	[FILE_MEMORY_MAX] = {"memory.max", CG_MEMORY, NULL},
	[FILE_MEMORY_SWAP_MAX] = {"memory.swap.max", CG_MEMORY, NULL},
	[FILE_MEMORY_OOM_GROUP] = {"memory.oom.group", CG_MEMORY, NULL},
	[FILE_PIDS_MAX] = {"pids.max", CG_PIDS, NULL},
	[FILE_MAX_DESCENDANTS] = {"cgroup.max.descendants", 0, NULL},
	[FILE_MAX_DEPTH] = {"cgroup.max.depth", 0, NULL},
};

const char *cgroup_file_name(enum cgroup_file file)
{
	return files[file].name;
}

static const char *program_text(const struct cgroup_conf *conf, unsigned which)
{
	static char text[96];
	static uint64_t insns[CGROUP_PACKET_INSNS];
	if (which == PROGRAM_DEVICES) {
		if (!conf->devices_given)
			return NULL;
		snprintf(text, sizeof(text), "the standard nodes, Devices and %zu more", conf->devices);
		return text;
	}
	size_t n = CONFIG_CGROUP_BPF
		? cgroup_packet_program(conf, which == PROGRAM_INGRESS, insns, CGROUP_PACKET_INSNS)
		: 0;
	if (n == 0)
		return NULL;
	snprintf(text, sizeof(text), "%zu prefixes allowed, %zu denied, %zu instructions",
		conf->allow.count, conf->deny.count, n);
	return text;
}

static bool disk_text(const struct cgroup_conf_disk *disk, const char **file, const char **value)
{
	static const char *const names[DISK_KINDS] = {"io.max rbps", "io.max wbps", "io.max riops",
		"io.max wiops", "io weight", "io.latency"};
	static char name[320], text[24];
	if (disk->value == NUM_INFINITY)
		return false;
	snprintf(name, sizeof(name), "%s %.*s", names[disk->kind], SPAN_ARGS(disk->path));
	snprintf(text, sizeof(text), "%llu", (unsigned long long)disk->value);
	*file = name;
	*value = text;
	return true;
}

static bool number_text(uint64_t n, const char *name, const char **file, const char **value)
{
	static char text[24];
	if (n == 0)
		return false;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	*file = name;
	*value = text;
	return true;
}

/* What stands at place n of all that could be written. */
static bool nth(const struct cgroup_conf *conf, size_t n, const char **file, const char **value)
{
	static const char *const programs[PROGRAM_COUNT] = {"device program", "ingress program",
		"egress program"};
	if (n < FILE_COUNT) {
		*file = files[n].name;
		*value = conf->value[n];
		return conf->value[n][0];
	}
	n -= FILE_COUNT;
	if (n == 0)
		return number_text(conf->weight.cost, "io.weight", file, value);
	if (n == 1)
		return number_text(conf->weight.bfq, "io.bfq.weight", file, value);
	if (n == 2)
		return number_text(conf->kernel_memory, "kernel memory", file, value);
	n -= 3;
	if (n < PROGRAM_COUNT) {
		*file = programs[n];
		*value = program_text(conf, (unsigned)n);
		return *value;
	}
	n -= PROGRAM_COUNT;
	return n < conf->disks && disk_text(&conf->disk[n], file, value);
}

bool cgroup_written(const struct cgroup_conf *conf, unsigned i, const char **file,
	const char **value)
{
	for (size_t n = 0; n < FILE_COUNT + 3 + PROGRAM_COUNT + CGROUP_MAX_DISKS; n++)
		if (nth(conf, n, file, value) && i-- == 0)
			return true;
	return false;
}

static struct plan_list encode_writes(const struct cgroup_conf *conf, uint32_t *controllers,
	struct plan_writer *w)
{
	struct cgroup_write list[FILE_COUNT];
	size_t n = 0;
	for (int f = 0; f < FILE_COUNT; f++) {
		if (!conf->value[f][0])
			continue;
		*controllers |= files[f].controller;
		list[n++] = (struct cgroup_write){
			.file = plan_write_text(w, files[f].name),
			.value = plan_write_text(w, conf->value[f]),
			.lift = plan_write_text(w, files[f].lift),
			.controller = files[f].controller,
			.flags = files[f].lift ? CG_SLOWS : 0,
		};
	}
	return plan_write_list(w, list, sizeof(list[0]), n);
}

static struct plan_list encode_disks(const struct cgroup_conf *conf, struct plan_writer *w)
{
	struct cgroup_disk list[CGROUP_MAX_DISKS];
	size_t n = 0;
	for (size_t i = 0; i < conf->disks; i++) {
		if (conf->disk[i].value != NUM_INFINITY)
			list[n++] = (struct cgroup_disk){.device = plan_write_span(w, conf->disk[i].path),
				.kind = conf->disk[i].kind,
				.value = conf->disk[i].value};
	}
	return plan_write_list(w, list, sizeof(list[0]), n);
}

static void encode_programs(const struct cgroup_conf *conf, const struct wall_context *context,
	struct cgroup_plan *c, struct plan_writer *w)
{
	static uint64_t insns[CGROUP_PACKET_INSNS];
	struct cgroup_node nodes[CGROUP_DEVICE_INSNS / 4];
	size_t count = 0;
	for (int which = PROGRAM_INGRESS; which < PROGRAM_COUNT; which++) {
		size_t n = cgroup_packet_program(conf, which == PROGRAM_INGRESS, insns,
			CGROUP_PACKET_INSNS);
		c->program[which] = plan_write_list(w, insns, sizeof(insns[0]), n);
	}
	if (!conf->devices_given || !context)
		return;
	size_t n = cgroup_device_program(conf, context, insns, CGROUP_DEVICE_INSNS, nodes, &count, w);
	c->program[PROGRAM_DEVICES] = plan_write_list(w, insns, sizeof(insns[0]), n);
	c->nodes = plan_write_list(w, nodes, sizeof(nodes[0]), count);
}

struct plan_blob cgroup_encode(const struct cgroup_conf *conf, const struct wall_context *context,
	struct plan_writer *w)
{
	struct cgroup_plan c = {
		.controllers = conf->delegate_controllers,
		.flags = conf->delegate ? CG_DELEGATE : 0,
		.oom = conf->kernel_memory && !conf->oom_given ? OOM_KILL : conf->oom,
		.uid = context && conf->delegate ? context->kernel_uid : 0,
		.gid = context && conf->delegate ? context->kernel_gid : 0,
		.slice = plan_write_span(w, conf->slice),
		.weight = conf->weight,
		.kernel_memory = conf->kernel_memory,
	};
	c.writes = encode_writes(conf, &c.controllers, w);
	c.disks = encode_disks(conf, w);
	if (c.disks.count || c.weight.cost)
		c.controllers |= CG_IO;
	if (c.kernel_memory || c.oom == OOM_STOP)
		c.controllers |= CG_MEMORY;
	if (CONFIG_CGROUP_BPF)
		encode_programs(conf, context, &c, w);
	return plan_write_blob(w, &c, sizeof(c));
}
