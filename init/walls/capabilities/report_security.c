/* SPDX-License-Identifier: MIT
 * Capabilities that it has or may gain, each with its own weight.
 */
#include "walls/capabilities/conf.h"
#include "base/count.h"
#include "walls/report.h"
#include <linux/capability.h>

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

static void open_capabilities(const struct security_look *l, const struct security_row *row,
	uint64_t set, const char *how)
{
	struct security_row mine = *row;
	char name[80];
	/* In a user namespace of its own one counts for what belongs to its own namespaces only. */
	for (unsigned c = 0; c < 64; c++) {
		if (!(set >> c & 1))
			continue;
		struct power power = power_of(c, row);
		unsigned weight = l->context->own_user ? (power.weight + 3u) / 4 : power.weight;
		mine.why = power.why;
		security_opens(l, &mine, weight, "%s%s", capabilities_text(1ull << c, name, sizeof(name)),
			how);
	}
}

static void look_ambient(const struct security_look *l, const struct security_row *row)
{
	const struct capabilities_conf *c = l->conf;
	open_capabilities(l, row, c->ambient, "");
}

/* Under no_new_privs execve(2) gives nothing that the process has not, uid 0 or not. */
static void look_bounding(const struct security_look *l, const struct security_row *row)
{
	const struct capabilities_conf *c = l->conf;
	if (!c->no_new_privs)
		open_capabilities(l, row, capabilities_bounding(c) & ~c->ambient, " to be gained");
}

/* clang-format off */
static const struct security_row rows[] = {
	{D_Capabilities_AmbientCapabilities, "a capability of root", look_ambient, 4, 0, NULL},
	{D_Capabilities_CapabilityBoundingSet, "a capability of root, by a program with file capabilities or uid 0", look_bounding, 4, 0, NULL},
	{D_Capabilities_NoNewPrivileges, "set-user-ID programs and file capabilities give it privileges", security_unless, 10,
		offsetof(struct capabilities_conf, no_new_privs), "NoNewPrivileges = no"},
	{0},
};
/* clang-format on */

const struct wall_security capabilities_security = {rows, NULL};
