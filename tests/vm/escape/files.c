/* SPDX-License-Identifier: MIT
 * Ways out through files: the kernel's own, devices, other services', those of the image, and
 * descriptors left open by mistake.
 */
#include "escape.h"
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#define INHERITED_MAX 1024

extern bool inherited[];

static int may_read(const char *path)
{
	return unless(path, open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
}
static int may_write(const char *path)
{
	return unless(path, open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC));
}

static int core_pattern(void)
{
	return may_write("/proc/sys/kernel/core_pattern");
}
static int modprobe_path(void)
{
	return may_write("/proc/sys/kernel/modprobe");
}
static int sysctl_panic(void)
{
	return may_write("/proc/sys/kernel/panic");
}
static int sysctl_hostname(void)
{
	return may_write("/proc/sys/kernel/hostname");
}
static int sysctl_vm(void)
{
	return may_write("/proc/sys/vm/overcommit_memory");
}
static int sysctl_net(void)
{
	return may_write("/proc/sys/net/ipv4/ip_forward");
}
static int sysctl_binfmt(void)
{
	return may_write("/proc/sys/fs/binfmt_misc/register");
}
static int sysrq(void)
{
	return may_write("/proc/sysrq-trigger");
}
static int irq_affinity(void)
{
	return may_write("/proc/irq/default_smp_affinity");
}
static int kcore(void)
{
	return may_read("/proc/kcore");
}
static int kallsyms(void)
{
	return may_read("/proc/kallsyms");
}
static int proc_kmsg(void)
{
	return may_read("/proc/kmsg");
}
static int kpagemap(void)
{
	return may_read("/proc/kpagecount");
}
static int timer_list(void)
{
	return may_read("/proc/timer_list");
}
static int keys(void)
{
	return may_read("/proc/keys");
}
static int command_line(void)
{
	return may_read("/proc/cmdline");
}
static int dev_mem(void)
{
	return may_read("/dev/mem");
}
static int dev_port(void)
{
	return may_read("/dev/port");
}
static int dev_kmsg_read(void)
{
	return may_read("/dev/kmsg");
}
static int dev_kmsg_write(void)
{
	return may_write("/dev/kmsg");
}
static int dev_disk(void)
{
	return may_read("/dev/vda");
}
static int dev_console(void)
{
	return may_write("/dev/console");
}
static int dev_serial(void)
{
	return may_write("/dev/ttyS0");
}
static int dev_ptmx(void)
{
	return may_write("/dev/ptmx");
}
static int dev_watchdog(void)
{
	return access("/dev/watchdog", F_OK) ? blocked("/dev/watchdog")
										 : escaped("/dev/watchdog is there");
}
static int dev_tun(void)
{
	return may_write("/dev/net/tun");
}
static int shadow(void)
{
	return may_read("/etc/shadow");
}
static int state_of_other(void)
{
	return may_read(VICTIM_STATE);
}
static int tmp_of_host(void)
{
	return may_read(VICTIM_TMP);
}
static int log_rings(void)
{
	DIR *d = opendir("/run/log/bulkhead");
	return d ? escaped("/run/log/bulkhead") : blocked("/run/log/bulkhead");
}

static int sys_uevent(void)
{
	return may_write("/sys/kernel/uevent_helper");
}
static int sys_power(void)
{
	return may_write("/sys/power/state");
}
static int sys_pci(void)
{
	return may_read("/sys/bus/pci/devices");
}
static int sys_selinux(void)
{
	return may_write("/sys/fs/selinux/enforce");
}
static int cgroup_procs(void)
{
	return may_write("/sys/fs/cgroup/cgroup.procs");
}

static int cgroup_limit(void)
{
	char own[512] = "", path[600];
	if (read_some("/proc/self/cgroup", own, sizeof(own)) < 0)
		return blocked("/proc/self/cgroup");
	own[strcspn(own, "\n")] = '\0';
	snprintf(path, sizeof(path), "/sys/fs/cgroup%s/memory.max", strlen(own) > 3 ? own + 3 : "");
	return may_write(path);
}

static int release_agent(void)
{
	return may_write("/sys/fs/cgroup/release_agent");
}

static int control_socket(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "/run/bulkhead/control"};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	return unless("connect", connect(fd, (struct sockaddr *)&a, sizeof(a)));
}

/* READY=1 in the name of t-notify, whose socket there is while it runs. */
static int notify_socket(void)
{
	const struct sockaddr_un a[] = {{.sun_family = AF_UNIX, .sun_path = "/run/bulkhead/notify"},
		{.sun_family = AF_UNIX, .sun_path = "/run/bulkhead/notify.d/t-notify"}};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (int i = 0; i < 2; i++)
		if (sendto(fd, "STATUS=spoofed", 14, 0, (const struct sockaddr *)&a[i], sizeof(a[i])) > 0)
			return escaped(a[i].sun_path);
	return blocked("sendto");
}

/* --- the tree --- */

static int (*visit)(const char *path, const struct stat *st);
static char found[300];

static bool own_place(const char *path)
{
	static const char *const places[] = {"/tmp", "/var/tmp", "/dev/shm", "/proc/self",
		"/proc/thread-self"};
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (strncmp(path, places[i], strlen(places[i])) == 0)
			return true;
	return strncmp(path, "/proc/", 6) == 0 && path[6] >= '0' && path[6] <= '9';
}

static int on_entry(const char *path, const struct stat *st, int kind, struct FTW *f)
{
	(void)f;
	return kind != FTW_NS && !own_place(path) && visit(path, st);
}

static int search(int (*what)(const char *path, const struct stat *st), const char *top,
	const char *none)
{
	visit = what;
	return nftw(top, on_entry, 24, FTW_PHYS) > 0 ? escaped(found) : blocked_by(top, none);
}

static int writable(const char *path, const struct stat *st)
{
	bool directory = S_ISDIR(st->st_mode);
	if (!directory && !S_ISREG(st->st_mode))
		return 0;
	int fd = directory ? open(path, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600)
					   : open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return 0;
	close(fd);
	snprintf(found, sizeof(found), "%s can be written", path);
	return 1;
}

static int node(const char *path, const struct stat *st)
{
	static const dev_t harmless[] = {makedev(1, 3), makedev(1, 5), makedev(1, 7), makedev(1, 8),
		makedev(1, 9), makedev(5, 0)};
	bool is_node = S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode);
	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
		if (S_ISCHR(st->st_mode) && st->st_rdev == harmless[i])
			return 0;
	snprintf(found, sizeof(found), "%s is a device", path);
	return is_node;
}

static int any_writable(void)
{
	return search(writable, "/",
		"nothing but /tmp, /var/tmp, /dev/shm and its own /proc can be written");
}
static int any_device(void)
{
	return search(node, "/dev", "none but the harmless nodes");
}

static int proc_device(const char *path, const struct stat *st)
{
	(void)st;
	if (strcmp(path, "/proc") == 0 || strcmp(path, "/proc/self") == 0)
		return 0;
	snprintf(found, sizeof(found), "%s is there", path);
	return 1;
}

static int proc_rest(void)
{
	return search(proc_device, "/proc", "processes alone");
}

static int inherited_descriptor(void)
{
	char path[300], link[64];
	for (int fd = 3; fd < INHERITED_MAX; fd++) {
		if (!inherited[fd])
			continue;
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		ssize_t n = readlink(link, path, sizeof(path) - 1);
		path[n > 0 ? n : 0] = '\0';
		return escaped(path);
	}
	return blocked_by("descriptors", "none beyond 2");
}

/* 0, 1 and 2 must lead nowhere: no directory, no device but null, no socket. */
static int standard_descriptor(void)
{
	for (int fd = 0; fd < 3; fd++) {
		struct stat st;
		bool null = fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
		if (!null && !S_ISFIFO(st.st_mode))
			return escaped("0, 1 or 2 is more than a pipe or /dev/null");
	}
	return blocked_by("descriptors", "a pipe and /dev/null");
}

/* The output pipe is PID 1's: its reading end must not be had from here. */
static int read_output(void)
{
	return may_read("/proc/self/fd/1");
}

static int own_program(void)
{
	char path[300] = "";
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (n <= 0)
		return blocked("readlink");
	unlink("/tmp/escape-self");
	if (open(path, O_WRONLY | O_CLOEXEC) >= 0 || open("/proc/self/exe", O_WRONLY | O_CLOEXEC) >= 0)
		return escaped("opened for writing");
	if (errno == ETXTBSY && rename(path, path) == 0)
		return escaped("the directory can be changed");
	return blocked(path);
}

/* What another boot would run. */
static int replace_program(void)
{
	if (symlink("/usr/bin/x", "/usr/libexec/escape.new"))
		return blocked("symlink");
	unlink("/usr/libexec/escape.new");
	return escaped("/usr/libexec");
}

static int hard_link(void)
{
	int r = link(VICTIM_SETUID, "/tmp/escape-link");
	if (r == 0)
		unlink("/tmp/escape-link");
	return unless("link", r);
}

/* What PID 1 or a later start of somebody else would follow. */
static int plant_link(void)
{
	const char *const places[] = {"/run/escape-planted", "/run/bulkhead/escape-planted",
		"/var/lib/escape-planted", "/run/lock/escape-planted"};
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (symlink("/etc/shadow", places[i]) == 0) {
			unlink(places[i]);
			return escaped(places[i]);
		}
	return blocked("symlink");
}

/* Without a policy every label is taken and none means anything. */
static bool has_policy(void)
{
	char text[128] = "";
	return read_some("/proc/self/attr/current", text, sizeof(text)) > 0 && strchr(text, ':');
}

static int change_label(void)
{
	if (!has_policy())
		return blocked_by("SELinux", "no policy, labels mean nothing");
	int fd = open("/tmp/escape-label", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	const char label[] = "system_u:object_r:bin_t:s0";
	if (fd < 0)
		return blocked("open");
	return unless("security.selinux", fsetxattr(fd, "security.selinux", label, sizeof(label), 0));
}

static int attr(const char *name, const char *context)
{
	char path[64];
	if (!has_policy())
		return blocked_by("SELinux", "no policy, labels mean nothing");
	snprintf(path, sizeof(path), "/proc/self/attr/%s", name);
	return unless(path, write_file(path, context));
}

static int attr_current(void)
{
	return attr("current", "system_u:system_r:init_t:s0");
}
static int attr_exec(void)
{
	return attr("exec", "system_u:system_r:init_t:s0");
}
static int attr_fscreate(void)
{
	return attr("fscreate", "system_u:object_r:bin_t:s0");
}
static int attr_sockcreate(void)
{
	return attr("sockcreate", "system_u:system_r:init_t:s0");
}
static int attr_keycreate(void)
{
	return attr("keycreate", "system_u:system_r:init_t:s0");
}

const struct probe file_probes[] = {
	{"core-pattern", "the program that gets core dumps, run as the host's root", core_pattern,
		OUTSIDE},
	{"modprobe-path", "the program that loads modules", modprobe_path, OUTSIDE},
	{"sysctl-panic", "what the kernel does in a panic", sysctl_panic, OUTSIDE},
	{"sysctl-hostname", "the host name by /proc/sys", sysctl_hostname, OUTSIDE},
	{"sysctl-vm", "how memory is handed out", sysctl_vm, OUTSIDE},
	{"sysctl-net", "forwarding", sysctl_net, OUTSIDE},
	{"binfmt-register", "an interpreter for everybody's programs", sysctl_binfmt, 0},
	{"sysrq-trigger", "the keys that reboot the machine", sysrq, OUTSIDE},
	{"irq-affinity", "who serves interrupts", irq_affinity, OUTSIDE},
	{"proc-kcore", "the kernel's memory as a file", kcore, OUTSIDE},
	{"proc-kallsyms", "the kernel's addresses", kallsyms, OUTSIDE},
	{"proc-kmsg", "the kernel's messages", proc_kmsg, OUTSIDE},
	{"proc-kpagecount", "the map of physical pages", kpagemap, OUTSIDE},
	{"proc-timer-list", "the kernel's timers", timer_list, OUTSIDE},
	{"proc-keys", "the keyrings", keys, OUTSIDE},
	{"proc-cmdline", "the kernel's command line", command_line, OUTSIDE},
	{"proc-rest", "anything in /proc that is no process", proc_rest, OUTSIDE},
	{"dev-mem", "the machine's memory", dev_mem, OUTSIDE},
	{"dev-port", "its ports", dev_port, 0},
	{"dev-kmsg-read", "the kernel's messages by /dev/kmsg", dev_kmsg_read, OUTSIDE},
	{"dev-kmsg-write", "a line in PID 1's name on the console", dev_kmsg_write, OUTSIDE},
	{"dev-disk", "the root disk", dev_disk, OUTSIDE},
	{"dev-console", "the console", dev_console, OUTSIDE},
	{"dev-serial", "the serial line", dev_serial, OUTSIDE},
	{"dev-ptmx", "a terminal", dev_ptmx, OUTSIDE},
	{"dev-watchdog", "the watchdog that PID 1 feeds", dev_watchdog, OUTSIDE},
	{"dev-tun", "a network interface of one's own", dev_tun, 0},
	{"dev-any", "any device node that is not harmless", any_device, OUTSIDE},
	{"etc-shadow", "the passwords", shadow, OUTSIDE},
	{"state-of-others", "the state of another service", state_of_other, OUTSIDE},
	{"tmp-of-host", "the host's /tmp", tmp_of_host, OUTSIDE},
	{"log-rings", "everybody's logs", log_rings, OUTSIDE},
	{"sys-uevent-helper", "a program that the kernel runs", sys_uevent, 0},
	{"sys-power", "the machine's sleep", sys_power, 0},
	{"sys-pci", "the hardware", sys_pci, OUTSIDE},
	{"sys-selinux", "SELinux's mode", sys_selinux, 0},
	{"cgroup-procs", "another control group", cgroup_procs, OUTSIDE},
	{"cgroup-limit", "its own memory limit", cgroup_limit, OUTSIDE},
	{"cgroup-release-agent", "the program that the kernel runs for empty groups", release_agent, 0},
	{"control-socket", "orders to PID 1", control_socket, OUTSIDE},
	{"notify-spoof", "readiness in somebody else's name", notify_socket, OUTSIDE},
	{"write-anywhere", "any place of the tree that can be written", any_writable, OUTSIDE},
	{"inherited-descriptor", "a descriptor that was left open", inherited_descriptor, 0},
	{"standard-descriptor", "0, 1 or 2 leading anywhere", standard_descriptor, 0},
	{"output-reader", "the reading end of the output pipe", read_output, 0},
	{"write-own-program", "the program itself, by path and /proc/self/exe", own_program, 0},
	{"replace-program", "another program in the image", replace_program, 0},
	{"hard-link-setuid", "a link to a set-user-ID program", hard_link, 0},
	{"plant-symlink", "a link where PID 1 or another service would follow it", plant_link, OUTSIDE},
	{"relabel-file", "the label of a file", change_label, 0},
	{"attr-current", "another domain, at once", attr_current, 0},
	{"attr-exec", "another domain for the next program", attr_exec, 0},
	{"attr-fscreate", "another label for new files", attr_fscreate, 0},
	{"attr-sockcreate", "another label for new sockets", attr_sockcreate, 0},
	{"attr-keycreate", "another label for new keys", attr_keycreate, 0},
	{0},
};
