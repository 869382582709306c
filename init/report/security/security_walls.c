/* SPDX-License-Identifier: MIT
 * What the rows of `--security` look at in each wall's part of a service; system calls:
 * security_calls.c.
 */
#include "base/count.h"
#include "base/feature.h"
#include "plan/names.h"
#include "report/security/security_rows.h"
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <string.h>

#define WEIGHT_ALL_FILES 25
#define WEIGHT_ALL_DEVICES 15

void look_namespace(struct security *f, const struct security_row *row)
{
	if (!(f->service->namespaces.own & row->value))
		security_opens(f, row, row->weight, "%s of the host", row->key);
}

void look_root(struct security *f, const struct security_row *row)
{
	if (f->service->ids.kernel_base + f->service->ids.uid == 0)
		security_opens(f, row, row->weight, "uid 0");
}

void look_new_privs(struct security *f, const struct security_row *row)
{
	if (!f->service->capabilities.no_new_privs)
		security_opens(f, row, row->weight, "NoNewPrivileges = no");
}

static const struct power {
	const char *why; /* NULL: the row's */
	uint8_t capability, weight;
} heavy[] = {
	{"mounts, namespaces, devices' settings: nearly all that root may", CAP_SYS_ADMIN, 25},
	{"code in the kernel", CAP_SYS_MODULE, 25},
	{"the hardware's ports and memory", CAP_SYS_RAWIO, 25},
	{"any process can be read, and made to run other code", CAP_SYS_PTRACE, 15},
	{"labels and the policy can be changed", CAP_MAC_ADMIN, 15},
	{"labels do not bind it", CAP_MAC_OVERRIDE, 15},
	{"any file can be written, whoever owns it", CAP_DAC_OVERRIDE, 12},
	{"any file can be read, whoever owns it", CAP_DAC_READ_SEARCH, 10},
	{"programs in the kernel; a frequent source of holes", CAP_BPF, 10},
	{"an end of the machine, or another kernel", CAP_SYS_BOOT, 8},
	{"programs can be given capabilities that stay", CAP_SETFCAP, 8},
	{"nodes for any device", CAP_MKNOD, 8},
	{"addresses, routes and firewall of its network", CAP_NET_ADMIN, 8},
	{"any user, root too", CAP_SETUID, 6},
	{"any group", CAP_SETGID, 4},
	{"any file can be given to anybody", CAP_CHOWN, 8},
	{"any file's mode can be changed", CAP_FOWNER, 8},
	{"any process can be ended", CAP_KILL, 4},
	{"packets can be forged and others' read", CAP_NET_RAW, 4},
	{"process numbers can be chosen, memory maps of others seen", CAP_CHECKPOINT_RESTORE, 6},
	{"it may pose as the server of a port below 1024", CAP_NET_BIND_SERVICE, 1},
	{"the machine can be woken from sleep", CAP_WAKE_ALARM, 1},
	{"the machine can be kept from sleep", CAP_BLOCK_SUSPEND, 1},
	{"others can be held up at files", CAP_LEASE, 1},
	{NULL, CAP_NET_BROADCAST, 1},
	{"memory that never gives way", CAP_IPC_LOCK, 1},
	{"terminals can be hung up", CAP_SYS_TTY_CONFIG, 2},
	{"what is accounted can be turned off", CAP_SYS_PACCT, 2},
	{"it may run before everybody else", CAP_SYS_NICE, 2},
	{"the clock, and with it certificates and logs", CAP_SYS_TIME, 3},
};

/* There a capability counts for what belongs to the service's own namespaces only. */
static bool private_user(const struct security *f)
{
	return f->service->namespaces.own & NS_USER;
}

static struct power power_of(unsigned capability, const struct security_row *row)
{
	struct power power = {row->why, (uint8_t)capability, (uint8_t)row->weight};
	for (size_t i = 0; i < COUNT(heavy); i++) {
		if (heavy[i].capability == capability)
			return (struct power){heavy[i].why ? heavy[i].why : row->why, (uint8_t)capability,
				heavy[i].weight};
	}
	return power;
}

static void open_capabilities(struct security *f, const struct security_row *row, uint64_t set,
	const char *how)
{
	struct security_row mine = *row;
	char name[80];
	for (unsigned c = 0; c < 64; c++) {
		if (!(set >> c & 1))
			continue;
		struct power power = power_of(c, row);
		unsigned weight = private_user(f) ? (power.weight + 3u) / 4 : power.weight;
		mine.why = power.why;
		security_opens(f, &mine, weight, "%s%s", capabilities_text(1ull << c, name, sizeof(name)),
			how);
	}
}

void look_ambient(struct security *f, const struct security_row *row)
{
	open_capabilities(f, row, f->service->capabilities.ambient, "");
}

/* Under no_new_privs execve(2) gives nothing that the process has not, uid 0 or not. */
void look_bounding(struct security *f, const struct security_row *row)
{
	const struct capabilities_conf *c = &f->service->capabilities;
	if (!c->no_new_privs)
		open_capabilities(f, row, capabilities_bounding(c) & ~c->ambient, " to be gained");
}

static bool is_all(const struct filesystem_conf *c, const struct filesystem_conf_rule *r)
{
	if (r->op == FS_READ_WRITE)
		return !filesystem_has_own_root(c) && span_is(r->target, "/");
	return r->op == FS_BIND && span_is(r->source, "/");
}

/* value: enum filesystem_op */
void look_paths(struct security *f, const struct security_row *row)
{
	const struct filesystem_conf *c = &f->service->filesystem;
	for (size_t i = 0; i < c->rules; i++) {
		const struct filesystem_conf_rule *r = &c->rule[i];
		if (r->op == row->value)
			security_opens(f, row, is_all(c, r) ? WEIGHT_ALL_FILES : row->weight, "%.*s %s",
				SPAN_ARGS(r->target), r->op == FS_EXEC ? "executable" : "writable");
	}
}

void look_devices(struct security *f, const struct security_row *row)
{
	const struct filesystem_conf *c = &f->service->filesystem;
	if (c->host_dev)
		security_opens(f, row, f->service->cgroup.devices_given ? row->weight : WEIGHT_ALL_DEVICES,
			"all of /dev");
	for (size_t i = 0; i < c->devices; i++) {
		size_t optional = c->device[i].n > 0 && c->device[i].p[0] == '-';
		security_opens(f, row, row->weight, "/dev/%.*s", (int)(c->device[i].n - optional),
			c->device[i].p + optional);
	}
}

void look_tmp(struct security *f, const struct security_row *row)
{
	if (!f->service->filesystem.private_tmp)
		security_opens(f, row, row->weight, "PrivateTmp = no");
}

void look_proc_subset(struct security *f, const struct security_row *row)
{
	if (!f->service->filesystem.proc_subset_pid)
		security_opens(f, row, row->weight, "all of /proc");
}

void look_proc_visible(struct security *f, const struct security_row *row)
{
	if (!f->service->filesystem.proc_invisible)
		security_opens(f, row, row->weight, "others' processes in /proc");
}

static void open_view(struct security *f, const struct security_row *row, uint32_t view,
	const char *what)
{
	if (view == VIEW_READ_ONLY)
		security_opens(f, row, row->value, "%s read-only", what);
	else if (view == VIEW_HOST)
		security_opens(f, row, row->weight, "%s of the host", what);
}

void look_sysfs(struct security *f, const struct security_row *row)
{
	open_view(f, row, f->service->filesystem.sysfs, "/sys");
}

void look_tunables(struct security *f, const struct security_row *row)
{
	open_view(f, row, f->service->filesystem.tunables, "/proc/sys");
}

/* value: enum cgroup_file */
void look_limit(struct security *f, const struct security_row *row)
{
	const char *value = f->service->cgroup.value[row->value];
	if (!*value || strcmp(value, "max") == 0)
		security_opens(f, row, row->weight, "no %s", row->key);
}

void look_delegate(struct security *f, const struct security_row *row)
{
	if (f->service->cgroup.delegate)
		security_opens(f, row, row->weight, "Delegate");
}

void look_device_allow(struct security *f, const struct security_row *row)
{
	for (size_t i = 0; i < f->service->cgroup.devices; i++)
		security_opens(f, row, row->weight, "device %.*s may be opened",
			SPAN_ARGS(f->service->cgroup.device[i].path));
}

void look_landlock(struct security *f, const struct security_row *row)
{
	if (!CONFIG_LANDLOCK)
		security_opens(f, row, row->weight, "Landlock: " FEATURE_WITHOUT " CONFIG_LANDLOCK");
	else if (f->service->landlock.mode == LANDLOCK_MODE_OFF)
		security_opens(f, row, row->weight, "Landlock = off");
}

void look_selinux(struct security *f, const struct security_row *row)
{
	if (!CONFIG_SELINUX)
		security_opens(f, row, row->weight, "SELinux: " FEATURE_WITHOUT " CONFIG_SELINUX");
	else if (!f->service->selinux.required)
		security_opens(f, row, row->weight, "SELinuxRequired = no");
}

static const struct {
	uint32_t wall; /* enum plan_optional */
	unsigned weight;
} optional[] = {
	{OPTIONAL_USER, 5},
	{OPTIONAL_SECCOMP, 10},
	{OPTIONAL_SELINUX, 3},
	{OPTIONAL_LANDLOCK, 1},
};

void look_optional(struct security *f, const struct security_row *row)
{
	for (unsigned i = 0; plan_optional_walls[i]; i++) {
		unsigned weight = row->weight;
		for (size_t o = 0; o < COUNT(optional); o++)
			if (optional[o].wall == 1u << i)
				weight = optional[o].weight;
		if (f->service->unit.optional_walls >> i & 1)
			security_opens(f, row, weight, "%s may be missing", plan_optional_walls[i]);
	}
}

void look_realtime(struct security *f, const struct security_row *row)
{
	if (f->service->limits.flags & LIMITS_SCHED && f->service->limits.sched_priority > 0)
		security_opens(f, row, row->weight, "real-time scheduling");
}

void look_oom(struct security *f, const struct security_row *row)
{
	if (f->service->limits.oom_score_adj < 0)
		security_opens(f, row, row->weight, "OOMScoreAdjust = %d",
			f->service->limits.oom_score_adj);
}

void look_nice(struct security *f, const struct security_row *row)
{
	if (f->service->limits.nice < 0)
		security_opens(f, row, row->weight, "Nice = %d", f->service->limits.nice);
}

void look_log_only(struct security *f, const struct security_row *row)
{
	if (f->service->seccomp.otherwise == SECCOMP_RET_LOG)
		security_opens(f, row, row->weight, "forbidden calls are made all the same");
}

void look_terminal(struct security *f, const struct security_row *row)
{
	const uint32_t input = f->service->unit.stdio[0].kind;
	if (input == STDIO_TTY || input == STDIO_CONSOLE)
		security_opens(f, row, row->weight, "reads a terminal");
}

/* Whoever has no network but a loopback of its own reaches nobody. */
void look_addresses(struct security *f, const struct security_row *row)
{
	if (!(f->service->namespaces.own & NS_NETWORK) && f->service->cgroup.deny.count == 0)
		security_opens(f, row, row->weight, "any address");
}

void look_abis(struct security *f, const struct security_row *row)
{
	if (f->service->seccomp.extra)
		security_opens(f, row, row->weight, "system calls of other ABIs");
}

void look_label(struct security *f, const struct security_row *row)
{
	if (f->service->selinux.context.n == 0)
		security_opens(f, row, row->weight, "no %s", row->key);
}
