/* SPDX-License-Identifier: MIT
 * [Cgroup]: the service's control group (cgroup v2, Documentation/admin-guide/cgroup-v2.rst). The
 * compile half turns each directive into a file and a text, or into a BPF program of straight-line
 * instructions; nothing is compiled on the device at a start.
 *
 * PID 1 makes the group and writes the limits before the first process exists, except for limits
 * that slow a process down: PID 1 waits for the execve of the cell, which a quota of a few
 * microseconds would turn into minutes. The cell writes these itself, before the service's process
 * exists. The cell also attaches the programs, because it first makes device nodes that the service
 * may not.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "walls/apply.h"

enum cgroup_controller {
	CG_CPU = 1,
	CG_MEMORY = 2,
	CG_PIDS = 4,
	CG_IO = 8,
	CG_CPUSET = 16,
	CG_ALL = 31
};

enum cgroup_write_flags {
	CG_SLOWS = 1 /* written by the cell; PID 1 writes `lift` before it clones */
};

struct cgroup_write {
	plan_str file;  /* "memory.max" */
	plan_str value; /* "16777216" */
	plan_str lift;  /* CG_SLOWS: the value that lifts the limit, "max" */
	uint16_t controller;
	uint16_t flags;
};

enum cgroup_disk_kind {  /* which limit; the unit of `value` */
	DISK_READ_BANDWIDTH, /* bytes a second */
	DISK_WRITE_BANDWIDTH,
	DISK_READ_IOPS, /* operations a second */
	DISK_WRITE_IOPS,
	DISK_WEIGHT,  /* 1 to 10000 */
	DISK_LATENCY, /* microseconds */
	DISK_KINDS
};

struct cgroup_disk {
	plan_str device; /* a node of the disk, or of a partition of it */
	uint32_t kind;   /* enum cgroup_disk_kind */
	uint64_t value;
};

struct cgroup_weight { /* 0 = not set; BFQ has a range of its own */
	uint32_t cost, bfq;
};

enum cgroup_oom { OOM_CONTINUE, OOM_STOP, OOM_KILL };
enum cgroup_flags { CG_DELEGATE = 1 /* uid and gid own the group and may divide it */ };

/* A path in the program for devices. The three comparisons from instruction `at` on (type, major,
 * minor) get their numbers when the program is loaded, because the node may not exist earlier. */
struct cgroup_node {
	plan_str path;
	uint16_t at;
	uint16_t optional; /* skipped if it does not exist */
};

enum cgroup_program { PROGRAM_DEVICES, PROGRAM_INGRESS, PROGRAM_EGRESS, PROGRAM_COUNT };
#define CGROUP_DEVICE_INSNS 512 /* instructions of the program for devices at most */

struct cgroup_plan {
	uint32_t controllers; /* those that `writes` and `disks` need, or that Delegate names */
	uint32_t flags;       /* enum cgroup_flags */
	uint32_t oom;         /* enum cgroup_oom */
	uint32_t uid, gid;    /* CG_DELEGATE: kernel ids */
	plan_str slice;       /* the service of Type = group whose group contains this one; "" = none */
	struct cgroup_weight weight;
	uint64_t kernel_memory;                  /* KernelMemoryMax in bytes, 0 = none */
	struct plan_list writes;                 /* of struct cgroup_write */
	struct plan_list disks;                  /* of struct cgroup_disk */
	struct plan_list nodes;                  /* of struct cgroup_node */
	struct plan_list program[PROGRAM_COUNT]; /* of uint64_t: struct bpf_insn */
};

/* ---- apply half, in PID 1 ---- */

/* Enables those of the wanted controllers (enum cgroup_controller) that this kernel has in
 * root/cgroup.subtree_control; *enabled has them. 0 or -errno. */
int cgroup_enable(int root, uint32_t wanted, uint32_t *enabled);
/* Makes parent/name, or uses the existing one, and writes the limits; those that slow down are
 * written as unlimited. *fd is an O_PATH descriptor, close-on-exec and the caller's. If the kernel
 * lacks something, OptionalWalls decides. */
int cgroup_make(const struct plan *p, const struct cgroup_plan *c, int root, int parent,
	const char *name, int *fd, struct wall_why *why);
/* Prepares an existing group without a process for the next one: lifts what slows a process down,
 * and removes the groups that the service made in it. */
int cgroup_lift(const struct plan *p, const struct cgroup_plan *c, int group, struct wall_why *why);
/* Freezes the group, or thaws it. A process cloned into a frozen group does not reach its execve,
 * and its parent (CLONE_VFORK) waits for that. */
int cgroup_freeze(int group, bool frozen);
int cgroup_kill(int group);      /* cgroup.kill (Linux 5.14) */
int cgroup_populated(int group); /* whether it has processes: 1, 0 or -errno */
/* Removes the group and the groups that the service made below it (cgroup.max.descendants bounds
 * them). -EBUSY: there are processes. */
int cgroup_remove(int root, const char *name);
/* Bytes of kernel memory charged to it, from memory.stat; or -errno. */
int64_t cgroup_kernel_memory(int group);
/* Processes of it that the OOM killer has killed so far, from memory.events; or -errno. */
int64_t cgroup_oom_kills(int group);

/* ---- apply half, in the cell ---- */

/* join: the caller is not in the group yet, because others run in it that may be held up; enters
 * it. Then writes the limits that slow down, and attaches the programs. As the host's root, with
 * the host's /dev and /sys visible. */
int cgroup_enter(const struct plan *p, const struct cgroup_plan *c, int group, bool join,
	struct wall_why *why);

/* ---- shared by the room's files ---- */

/* stat(2) of a node below /dev. -EXDEV for another path: it may be on a disk that does not answer,
 * and PID 1 does not look there. */
struct stat;
int cgroup_node(const char *path, struct stat *st);
/* "MAJOR:MINOR" of the whole disk that the node is, or is part of. -ENOTBLK: it is not a disk. */
#define CGROUP_DISK_TEXT 24
int cgroup_disk_find(const char *path, char text[CGROUP_DISK_TEXT]);
/* Which file sets weights on a disk; turns io.cost on if BFQ does not schedule the disk. -ENOSYS:
 * neither is there. */
enum cgroup_weigher { WEIGHER_NONE, WEIGHER_BFQ, WEIGHER_COST };
int cgroup_disk_weigher(int root, const char *disk);
/* The same for all disks of the machine: bits of 1 << enum cgroup_weigher. */
uint32_t cgroup_disk_weighers(int root);
/* Writes the plan's lines about disks: weights and latencies, or the limits, which slow down. lift:
 * writes "max" instead of the limit. */
int cgroup_disk_weights(const struct plan *p, const struct cgroup_plan *c, int root, int group,
	struct wall_why *why);
int cgroup_disk_limits(const struct plan *p, const struct cgroup_plan *c, int group, bool lift,
	struct wall_why *why);
int cgroup_programs(const struct plan *p, const struct cgroup_plan *c, int group,
	struct wall_why *why);
/* Writes value to a file of the group. A missing file counts as lacking if the service allows the
 * controller to be missing. */
int cgroup_put(int group, const char *file, const char *value, uint32_t controller,
	struct wall_why *why);
uint32_t cgroup_optional(uint32_t controller); /* its bit of enum plan_optional */
/* Each controller that is asked for must be there; what the service may be without is taken off
 * *wanted. */
int cgroup_check_controllers(int root, int group, uint32_t *wanted, struct wall_why *why);
