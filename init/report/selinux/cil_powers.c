/* SPDX-License-Identifier: MIT
 * The part of a module that is about power: capabilities, sockets, devices, other processes, the
 * kernel's settings. What the service's own filter refuses is not granted here either: the filter
 * itself is asked.
 */
#include "report/selinux/cil.h"
#include "base/count.h"
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define BIT(n) (1ull << (n))

/* ---- the filter ---- */

/* Calls that are asked about; their numbers, from the architectures' tables. */
enum call { CALL_SOCKET, CALL_MMAP, CALL_MPROTECT, CALL_COUNT };
static const struct {
	uint32_t arch;
	int number[CALL_COUNT];
} calls[] = {
	{AUDIT_ARCH_X86_64, {41, 9, 10}},
	{AUDIT_ARCH_AARCH64, {198, 222, 226}},
	{AUDIT_ARCH_ARM, {281, 192, 125}},
};

static uint32_t run_filter(const struct sock_filter *f, size_t n, const struct seccomp_data *d)
{
	uint32_t a = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t k = f[i].k;
		switch (f[i].code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (k > sizeof(*d) - sizeof(a))
				return SECCOMP_RET_KILL_PROCESS;
			memcpy(&a, (const char *)d + k, sizeof(a));
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= k;
			break;
		case BPF_JMP | BPF_JA:
			i += k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			i += a == k ? f[i].jt : f[i].jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			i += a > k ? f[i].jt : f[i].jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			i += a >= k ? f[i].jt : f[i].jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			i += a & k ? f[i].jt : f[i].jf;
			break;
		case BPF_RET | BPF_K:
			return k;
		default:
			return SECCOMP_RET_KILL_PROCESS;
		}
	}
	return SECCOMP_RET_KILL_PROCESS;
}

static bool allows(const struct cil *c, enum call call, uint64_t first, uint64_t third)
{
	static struct sock_filter insn[BPF_MAXINSNS];
	static const struct service *made_for;
	static size_t n;
	struct seccomp_data d = {.arch = c->arch, .nr = -1, .args = {first, 0, third}};
	if (made_for != c->s)
		n = seccomp_program(&c->s->seccomp, insn);
	made_for = c->s;
	for (size_t i = 0; i < COUNT(calls); i++)
		if (calls[i].arch == c->arch)
			d.nr = calls[i].number[call];
	uint32_t action = run_filter(insn, n, &d) & SECCOMP_RET_ACTION_FULL;
	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

static bool speaks(const struct cil *c, int family)
{
	return allows(c, CALL_SOCKET, (uint64_t)family, 0);
}

/* ---- capabilities ---- */

/* What no domain of a service has (rootfs/selinux/assertions.cil). */
#define WITHHELD \
	(BIT(CAP_SYS_MODULE) | BIT(CAP_SYS_RAWIO) | BIT(CAP_SYS_BOOT) | BIT(CAP_MAC_ADMIN) | \
		BIT(CAP_MAC_OVERRIDE))

static void list_capabilities(struct cil *c, const char *class, uint64_t set)
{
	char text[1024];
	if (set == 0)
		return;
	capabilities_text(set, text, sizeof(text));
	for (char *at = text; *at; at++)
		*at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
	size_t n = 0; /* the names without their cap_ */
	for (char *at = text; *at; at++) {
		if ((at == text || at[-1] == ' ') && strncmp(at, "cap_", 4) == 0)
			at += 4;
		text[n++] = *at;
	}
	text[n] = '\0';
	if (n > 0)
		cil_rule(c, "(allow %s self (%s (%s)))", c->domain, class, text);
}

static const struct {
	int capability;
	const char *rule;
} companions[] = {
	{CAP_SYSLOG, "(allow %s kernel_t (system (syslog_read syslog_mod syslog_console)))"},
	{CAP_AUDIT_WRITE,
		"(allow %s self (netlink_audit_socket (create getattr read write bind nlmsg_relay)))"},
	{CAP_BPF, "(allow %s self (bpf (map_create map_read map_write prog_load prog_run)))"},
	{CAP_PERFMON, "(allow %s self (perf_event (open cpu kernel tracepoint read write)))"},
	{CAP_NET_ADMIN, "(call manage_network (%s))"},
};

static void capabilities(struct cil *c)
{
	bool own = c->s->namespaces.own & NS_USER;
	uint64_t set = capabilities_bounding(&c->s->capabilities), withheld = own ? 0 : set & WITHHELD;
	char names[256], rule[160];
	cil_why(c, own ? "capabilities inside its user namespace" : "capabilities");
	list_capabilities(c, own ? "cap_userns" : "capability", set & ~withheld & UINT32_MAX);
	list_capabilities(c, own ? "cap2_userns" : "capability2",
		set & ~withheld & ~(uint64_t)UINT32_MAX);
	if (withheld)
		cil_withheld(c, "%s, which no service's domain has",
			capabilities_text(withheld, names, sizeof(names)));
	for (size_t i = 0; i < COUNT(companions); i++) {
		if (!(set & BIT(companions[i].capability)))
			continue;
		snprintf(rule, sizeof(rule), companions[i].rule, c->domain);
		cil_rule(c, "%s", rule);
	}
}

/* ---- network ---- */

static const struct {
	int family;
	int capability; /* -1: none needed */
	const char *class;
} rare[] = {
	{AF_PACKET, CAP_NET_RAW, "packet_socket"},
	{AF_CAN, -1, "can_socket"},
	{AF_BLUETOOTH, -1, "bluetooth_socket"},
	{AF_VSOCK, -1, "vsock_socket"},
	{AF_ALG, -1, "alg_socket"},
};

static void network(struct cil *c)
{
	uint64_t set = capabilities_bounding(&c->s->capabilities);
	cil_why(c,
		c->s->namespaces.own & NS_NETWORK ? "[Namespaces] Network = private"
										  : "[Namespaces] Network = host");
	if (speaks(c, AF_INET) || speaks(c, AF_INET6)) {
		cil_rule(c, "(call use_internet (%s))", c->domain);
		cil_why(c, "CAP_NET_BIND_SERVICE: ports below 1024");
		if (set & BIT(CAP_NET_BIND_SERVICE))
			cil_rule(c, "(call bind_reserved (%s))", c->domain);
		if (set & BIT(CAP_NET_RAW))
			cil_rule(c, "(allow %s self use_raw)", c->domain);
	}
	cil_why(c, "families that its filter lets through");
	if (speaks(c, AF_NETLINK))
		cil_rule(c, "(allow %s self ask_routes)", c->domain);
	for (size_t i = 0; i < COUNT(rare); i++) {
		if (speaks(c, rare[i].family) && (rare[i].capability < 0 || set & BIT(rare[i].capability)))
			cil_rule(c,
				"(allow %s self (%s (create getattr setattr setopt getopt read write bind connect listen accept shutdown ioctl)))",
				c->domain, rare[i].class);
	}
}

/* ---- devices ---- */

static const struct {
	const char *name; /* ends in '*': whatever begins so */
	/* of its node, where that hangs on the name; NULL: on the parent, or it is a disk */
	const char *type;
	const char *rule;
} known[] = {
	{"*", NULL, "(call use_all_devices (%s))"},
	{"pts", NULL, "(call use_terminals (%s))"},
	{"net/tun", "tun_device_t", "(call use_tun (%s))"},
	{"hwrng", "random_device_t", NULL}, /* as random: everybody's */
	{"kmsg", "kmsg_device_t", "(allow %s kmsg_device_t use_device)"},
	{"watchdog*", "watchdog_device_t", "(allow %s watchdog_device_t use_device)"},
	{"tty", "tty_device_t", "(allow %s tty_device_t use_device)"},
	{"console", "console_device_t", "(call use_console (%s))"},
	{"tty*", "console_device_t", "(call use_console (%s))"},
	{"hvc*", "console_device_t", "(call use_console (%s))"},
	{"rtc*", "clock_device_t", "(allow %s clock_device_t use_device)"},
	{"ptp*", "clock_device_t", "(allow %s clock_device_t use_device)"},
	{"pps*", "clock_device_t", "(allow %s clock_device_t use_device)"},
	{"gpiochip*", "gpio_device_t", "(allow %s gpio_device_t use_device)"},
	{"i2c-*", "gpio_device_t", "(allow %s gpio_device_t use_device)"},
	{"spidev*", "gpio_device_t", "(allow %s gpio_device_t use_device)"},
};

static const char *const disks[] = {"sd*", "vd*", "hd*", "mmcblk*", "nvme*", "loop*", "md*", "dm-*",
	"ram*", "zram*", "mtdblock*", "ubiblock*", "nbd*"};

static bool matches(struct span name, const char *pattern)
{
	size_t n = strlen(pattern);
	if (n > 1 && pattern[n - 1] == '*')
		return name.n > n - 1 && memcmp(name.p, pattern, n - 1) == 0;
	return span_is(name, pattern);
}

static struct span last_part(struct span name)
{
	for (size_t i = name.n; i-- > 0;)
		if (name.p[i] == '/')
			return (struct span){name.p + i + 1, name.n - i - 1};
	return name;
}

static void known_device(struct cil *c, struct span name, const char *type, const char *rule)
{
	struct span last = last_part(name);
	char text[128];
	if (type)
		cil_rule(c, "(call device_node (\"%.*s\" %s))", SPAN_ARGS(last), type);
	if (!rule)
		return;
	snprintf(text, sizeof(text), rule, c->domain);
	cil_rule(c, "%s", text);
}

void cil_device(struct cil *c, struct span name)
{
	for (size_t i = 0; i < COUNT(known); i++) {
		if (matches(name, known[i].name)) {
			known_device(c, name, known[i].type, known[i].rule);
			return;
		}
	}
	for (size_t i = 0; i < COUNT(disks); i++) {
		if (matches(name, disks[i])) {
			known_device(c, name, NULL, "(call use_disk (%s))");
			return;
		}
	}
	known_device(c, name, NULL, "(allow %s other_device_t use_device)");
}

static void devices(struct cil *c)
{
	for (size_t i = 0; i < c->s->filesystem.devices; i++) {
		struct span name = c->s->filesystem.device[i];
		if (name.n > 0 && name.p[0] == '-')
			name = (struct span){name.p + 1, name.n - 1};
		cil_device(c, name);
	}
	if (c->s->filesystem.host_dev)
		cil_device(c, span_of("*"));
}

/* ---- the rest ---- */

static void kernel(struct cil *c)
{
	cil_why(c, "Delegate");
	if (c->s->cgroup.delegate)
		cil_rule(c, "(call divide_cgroup (%s))", c->domain);
	cil_why(c, "Sysfs");
	if (c->s->filesystem.sysfs != VIEW_HIDDEN)
		cil_rule(c, "(call %s (%s))",
			c->s->filesystem.sysfs == VIEW_HOST ? "set_devices" : "see_devices", c->domain);
	if (c->s->filesystem.sysfs != VIEW_HIDDEN && !(c->s->namespaces.own & NS_NETWORK) &&
		allows(c, CALL_SOCKET, AF_NETLINK, NETLINK_KOBJECT_UEVENT))
		cil_rule(c, "(allow %s self hear_devices)", c->domain);
	cil_why(c, "KernelTunables = host");
	if (c->s->filesystem.tunables == VIEW_HOST)
		cil_rule(c, "(call set_kernel (%s))", c->domain);
	cil_why(c, "[Namespaces] PID = host");
	if (!(c->s->namespaces.own & NS_PID))
		cil_rule(c, "(call see_processes (%s))", c->domain);
	/* Memory that is first written and then run; of mmap2, for ARM, the arguments are the same. */
	cil_why(c, "its filter lets it run what it has written");
	if (allows(c, CALL_MMAP, 0, PROT_READ | PROT_WRITE | PROT_EXEC) ||
		allows(c, CALL_MPROTECT, 0, PROT_READ | PROT_EXEC))
		cil_rule(c, "(call run_written_memory (%s))", c->domain);
}

void cil_powers(struct cil *c)
{
	capabilities(c);
	network(c);
	cil_why(c, "Devices");
	devices(c);
	kernel(c);
	cil_why(c, NULL);
}
