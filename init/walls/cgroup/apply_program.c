/* SPDX-License-Identifier: MIT
 * The service's BPF programs (bpf(2)): loaded from the plan and attached to its group. The kernel
 * keeps a program as long as the group exists. Attaching again replaces the earlier one (no flags:
 * exclusive, so that no group below can have another program instead).
 */
#include "base/sys.h"
#include "walls/cgroup/cgroup.h"
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static const struct {
	uint32_t type, attach, optional;
	const char *text;
} kinds[PROGRAM_COUNT] = {
	[PROGRAM_DEVICES] = {BPF_PROG_TYPE_CGROUP_DEVICE, BPF_CGROUP_DEVICE, OPTIONAL_DEVICES,
		"BPF for devices"},
	[PROGRAM_INGRESS] = {BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS, OPTIONAL_IP,
		"BPF for packets"},
	[PROGRAM_EGRESS] = {BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS, OPTIONAL_IP,
		"BPF for packets"},
};

static int call(int command, union bpf_attr *attr)
{
	long r = syscall(SYS_bpf, command, attr, sizeof(*attr));
	return r < 0 ? -errno : (int)r;
}

static int load_program(uint32_t type, uint32_t attach, const void *insns, uint32_t count)
{
	/* the one helper that is called (skb_load_bytes) is for any licence */
	static const char licence[] = "MIT";
	union bpf_attr attr;
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = type;
	attr.expected_attach_type = attach;
	attr.insns = (uintptr_t)insns;
	attr.insn_cnt = count;
	attr.license = (uintptr_t)licence;
	return call(BPF_PROG_LOAD, &attr); /* close-on-exec */
}

/* EINVAL is what both a kernel without such programs and a bad program give: only the first
 * refuses this one too. */
static bool is_lacking(uint32_t kind, int err)
{
	static const struct bpf_insn yes[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1},
		{.code = BPF_JMP | BPF_EXIT}};
	int fd = err == -EINVAL ? load_program(kinds[kind].type, kinds[kind].attach, yes, 2) : -1;
	if (fd >= 0)
		close(fd);
	return err == -ENOSYS || (err == -EINVAL && fd == -EINVAL);
}

static int attach(int group, int program, uint32_t kind)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)group;
	attr.attach_bpf_fd = (uint32_t)program;
	attr.attach_type = kinds[kind].attach;
	return call(BPF_PROG_ATTACH, &attr);
}

static int load_and_attach(const uint64_t *insns, uint32_t count, int group, uint32_t kind,
	struct wall_why *why)
{
	int fd = load_program(kinds[kind].type, kinds[kind].attach, insns, count);
	if (fd < 0 && is_lacking(kind, fd))
		return wall_lacking(why, kinds[kind].optional, -ENOSYS, kinds[kind].text);
	if (fd < 0)
		return wall_failed2(why, fd, kinds[kind].text, "load");
	int err = attach(group, fd, kind);
	close(fd);
	return err < 0 ? wall_failed2(why, err, kinds[kind].text, "attach") : 0;
}

/* The comparisons of a rule get the numbers of the node; of one that may be absent, and is, such
 * as no node has. */
static int fill_in(struct bpf_insn *insn, const struct cgroup_node *n, const char *path,
	struct wall_why *why)
{
	struct stat st = {0};
	int err = cgroup_node(path, &st);
	if (err < 0 && !(err == -ENOENT && n->optional))
		return wall_failed(why, err, path);
	if (err == 0 && !S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
		return wall_failed2(why, -ENODEV, path, "is not a device node");
	insn[0].imm = S_ISBLK(st.st_mode) ? BPF_DEVCG_DEV_BLOCK
		: S_ISCHR(st.st_mode)         ? BPF_DEVCG_DEV_CHAR
									  : 0;
	insn[1].imm = (int32_t)major(st.st_rdev);
	insn[2].imm = (int32_t)minor(st.st_rdev);
	return 0;
}

static int attach_devices(const struct plan *p, const struct cgroup_plan *c, int group,
	struct wall_why *why)
{
	struct plan_list list = c->program[PROGRAM_DEVICES];
	const uint64_t *insns = plan_elements(p, list, sizeof(*insns));
	const struct cgroup_node *n = plan_elements(p, c->nodes, sizeof(*n));
	uint64_t copy[CGROUP_DEVICE_INSNS];
	int err = 0;
	if (!insns || list.count > CGROUP_DEVICE_INSNS || (!n && c->nodes.count))
		return wall_failed(why, -EINVAL, "program for devices");
	memcpy(copy, insns, list.count * sizeof(*insns));
	for (uint32_t i = 0; err == 0 && i < c->nodes.count; i++) {
		if (n[i].at + 3u > list.count)
			return wall_failed(why, -EINVAL, "program for devices");
		err = fill_in((struct bpf_insn *)(void *)&copy[n[i].at], &n[i], plan_text(p, n[i].path),
			why);
	}
	return err < 0 ? err : load_and_attach(copy, list.count, group, PROGRAM_DEVICES, why);
}

int cgroup_programs(const struct plan *p, const struct cgroup_plan *c, int group,
	struct wall_why *why)
{
	int err = c->program[PROGRAM_DEVICES].count ? attach_devices(p, c, group, why) : 0;
	for (uint32_t kind = PROGRAM_INGRESS; err == 0 && kind < PROGRAM_COUNT; kind++) {
		const uint64_t *insns = plan_elements(p, c->program[kind], sizeof(*insns));
		if (!c->program[kind].count)
			continue;
		err = insns ? load_and_attach(insns, c->program[kind].count, group, kind, why)
					: wall_failed(why, -EINVAL, "program for packets");
	}
	return err;
}
