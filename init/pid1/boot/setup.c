/* SPDX-License-Identifier: MIT
 * Kernel file systems and what init.ini asks for: see setup.h. */
#include "pid1/boot/setup.h"
#include "base/count.h"
#include "base/errname.h"
#include "base/feature.h"
#include "base/fmt.h"
#include "base/hostname.h"
#include "base/kernel.h"
#include "base/span.h"
#include "base/sys.h"
#include "pid1/boot/fstab.h"
#include "pid1/console.h"
#include "pid1/container.h"
#include "pid1/errand.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define READ_MS 10000u
#define MODULE_MS 30000u

struct kernel_mount {
	const char *type, *target;
	unsigned long flags;
	const char *options;
	const char *fallback; /* options that an older kernel takes */
};

#define NSD (MS_NOSUID | MS_NODEV)

static const struct kernel_mount early[] = {
	{"proc", "/proc", NSD | MS_NOEXEC, NULL, NULL},
	{"sysfs", "/sys", NSD | MS_NOEXEC, NULL, NULL},
	{"devtmpfs", "/dev", MS_NOSUID, "mode=755", NULL},
};

static const struct kernel_mount rest[] = {
	{"devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "mode=620,gid=5,ptmxmode=666", "mode=620,gid=5"},
	{"tmpfs", "/dev/shm", NSD, "mode=1777", NULL},
	{"tmpfs", "/run", NSD, "mode=755", NULL},
	{"cgroup2", "/sys/fs/cgroup", NSD | MS_NOEXEC, "nsdelegate,memory_recursiveprot", "nsdelegate"},
};

/* Mounted already (EBUSY; the initramfs may have done it) is no failure. */
static int mount_one(const struct kernel_mount *m)
{
	mkdir(m->target, 0755); /* on a read-only root it exists, or the mount says what is wrong */
	if (mount(m->type, m->target, m->type, m->flags, m->options) == 0 || errno == EBUSY)
		return 0;
	if (m->fallback && mount(m->type, m->target, m->type, m->flags, m->fallback) == 0)
		return 0;
	return -errno;
}

void setup_mount_early(void)
{
	for (unsigned i = 0; i < COUNT(early); i++)
		if (!sys_is_mount(early[i].target))
			mount_one(&early[i]); /* there is nowhere to complain yet: setup_mount_rest does */
}

/* What follows may fail in many ways: why is said first. */
void setup_say_where(struct pid1 *s)
{
	struct utsname u;
	if (uname(&u) == 0 && kernel_version(span_of(u.release)) < KERNEL_OLDEST)
		console_say(s, SAY_ERROR, "kernel: Linux ", u.release,
			" is older than " KERNEL_OLDEST_TEXT
			", the oldest that bulkhead runs on: services may not start",
			NULL);
	if (container_here())
		console_say(s, SAY_NOTICE, "container: ", container_name(),
			": the kernel's command line and log, modules, watchdog and SELinux policy are the host's",
			NULL);
}

/* A kernel without it is no failure. */
static void set_tunable(struct pid1 *s, const char *path, const char *value)
{
	int err = sys_write_file(AT_FDCWD, path, value, strlen(value));
	if (err < 0 && err != -ENOENT)
		console_say(s, SAY_ERROR, "sysctl: ", path, ": ", err_name(err), NULL);
}

/* Nobody links to, follows or opens what another has laid in his way in a directory that all may
 * write. The kernel's own default is 0 for all of them, except where a distribution changes it;
 * init.ini's come later and may say otherwise. */
static void protect_files(struct pid1 *s)
{
	static const struct {
		const char *path, *value;
	} rows[] = {
		{"/proc/sys/fs/protected_hardlinks", "1"},
		{"/proc/sys/fs/protected_symlinks", "1"},
		/* the last two since Linux 4.19 */
		{"/proc/sys/fs/protected_fifos", "2"},
		{"/proc/sys/fs/protected_regular", "2"},
	};
	for (unsigned i = 0; i < COUNT(rows); i++)
		set_tunable(s, rows[i].path, rows[i].value);
}

/* The kernel's own bounds are for all together: whoever has the most keeps every other from opening
 * a file (ENFILE), from watching one, as user namespaces count as root's, who made them, or from
 * io_setup(2). Each of these is its service's memory, which bounds it. */
void setup_raise_bounds(struct pid1 *s)
{
	static const struct {
		const char *path;
		long value;
	} rows[] = {
		{"/proc/sys/fs/file-max", LONG_MAX},
		{"/proc/sys/fs/aio-max-nr", LONG_MAX},
		{"/proc/sys/fs/inotify/max_user_instances", INT_MAX},
		{"/proc/sys/fs/inotify/max_user_watches", INT_MAX},
	};
	for (unsigned i = 0; i < COUNT(rows); i++) {
		char most[24];
		struct fmt f;
		fmt_init(&f, most, sizeof(most));
		fmt_i64(&f, rows[i].value);
		set_tunable(s, rows[i].path, most);
	}
}

static void mount_all(struct pid1 *s, const struct kernel_mount *mounts, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		int err = sys_is_mount(mounts[i].target) ? 0 : mount_one(&mounts[i]);
		if (err < 0)
			console_say(s, SAY_ERROR, "mount: ", mounts[i].target, ": ", err_name(err), NULL);
	}
}

void setup_mount_rest(struct pid1 *s)
{
	/* once more: what failed may have been passing */
	mount_all(s, early, COUNT(early));
	mount_all(s, rest, COUNT(rest));
	mkdir("/run/lock", 01777);
	mkdir("/run/log", 0755);
	if (container_here())
		return;
	/* our own lines are not to be rate-limited away; it insists on the newline */
	sys_write_file(AT_FDCWD, "/proc/sys/kernel/printk_devkmsg", "on\n", 3);
	protect_files(s);
}

/* ---- what the plan asks for ---- */

static int work_module(const void *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 || syscall(SYS_finit_module, fd, "", 0) < 0 ? -errno : 0;
}

/* A driver looks for its hardware meanwhile. */
static void load_module(struct pid1 *s, const char *path)
{
	int err = errand_run(s, work_module, path, MODULE_MS);
	if (err < 0 && err != -EEXIST)
		console_say(s, SAY_ERROR, "module: ", path, ": ", err_name(err), NULL);
}

/* As a line, as sysctl(8) does: some settings insist on the newline (kernel.printk_devkmsg), and
 * without a byte none is emptied. In one write: a second one would begin in the middle. What is so
 * long is a list, which needs none. */
static int write_line(const char *path, const char *value)
{
	char line[256];
	struct fmt f;
	fmt_init(&f, line, sizeof(line));
	fmt_strs(&f, value, "\n", NULL);
	return sys_write_file(AT_FDCWD, path, f.cut ? value : line, f.cut ? strlen(value) : f.len);
}

/* net.ipv4.ip_forward, or net/ipv4/conf/eth0.1/forwarding where a name has dots: what comes
 * first decides, as for sysctl(8). */
static int set_sysctl(const char *name, const char *value)
{
	char path[256];
	struct fmt f;
	bool dotted = strcspn(name, ".") < strcspn(name, "/");
	fmt_init(&f, path, sizeof(path));
	fmt_str(&f, "/proc/sys/");
	for (const char *c = name; *c; c++)
		fmt_char(&f, !dotted ? *c : *c == '.' ? '/' : *c == '/' ? '.' : *c);
	return f.cut ? -ENAMETOOLONG : write_line(path, value);
}

static bool is_the_hosts(int err)
{
	return container_here() && (err == -EROFS || err == -EPERM || err == -EACCES);
}

static void set_sysctls(struct pid1 *s, const struct plan *p)
{
	const struct plan_list list = plan_header(p)->machine.sysctl;
	const struct plan_pair *sysctls = plan_elements(p, list, sizeof(*sysctls));
	const char *first = NULL;
	for (uint32_t i = 0; sysctls && i < list.count; i++) {
		const char *name = plan_text(p, sysctls[i].name), *value = plan_text(p, sysctls[i].value);
		int err = set_sysctl(name, value);
		if (is_the_hosts(err))
			first = first ? first : name;
		else if (err < 0)
			console_say(s, SAY_ERROR, "sysctl: ", name, " = ", value, ": ", err_name(err), NULL);
	}
	if (first)
		console_say(s, SAY_NOTICE,
			"container: sysctls that are read-only here are not set: ", first, ", ...", NULL);
}

static int work_hostname(const void *unused)
{
	char text[HOSTNAME_FILE_KB * 1024 + 1];
	struct span name;
	(void)unused;
	if (sys_read_file(AT_FDCWD, HOSTNAME_FILE, text, sizeof(text)) <= 0)
		return 0;
	if (!hostname_find(span_of(text), &name))
		return 0;
	if (!hostname_valid(name))
		return -EBADMSG;
	return sethostname(name.p, name.n) < 0 ? -errno : 0;
}

static void set_hostname(struct pid1 *s, const char *name)
{
	int err = !*name                          ? errand_run(s, work_hostname, NULL, READ_MS)
		: sethostname(name, strlen(name)) < 0 ? -errno
											  : 0;
	if (err < 0)
		console_say(s, SAY_ERROR, "hostname: ", *name ? name : HOSTNAME_FILE, ": ",
			err == -EBADMSG ? "is no host name" : err_name(err), NULL);
}

void setup_load_modules(struct pid1 *s, const struct plan *p)
{
	const struct plan_machine *m = &plan_header(p)->machine;
	const plan_str *modules = plan_elements(p, m->modules, sizeof(*modules));
	if (container_here())
		return;
	if (!CONFIG_MODULES && m->modules.count)
		console_say(s, SAY_ERROR, "modules: " FEATURE_WITHOUT " CONFIG_MODULES: none is loaded",
			NULL);
	for (uint32_t i = 0; CONFIG_MODULES && modules && i < m->modules.count; i++)
		load_module(s, plan_text(p, modules[i]));
}

void setup_run(struct pid1 *s, const struct plan *p, bool again)
{
	const struct plan_machine *m = &plan_header(p)->machine;
	const plan_str *faults = plan_elements(p, m->faults, sizeof(*faults));
	s->console_all = m->console_messages == CONSOLE_ALL;
	if (*plan_text(p, m->console))
		console_open(s, plan_text(p, m->console));
	for (uint32_t i = 0; faults && i < m->faults.count; i++)
		console_say(s, SAY_ERROR, plan_text(p, faults[i]), NULL);
	set_hostname(s, plan_text(p, m->hostname));
	fstab_mount(s, p, again);
	set_sysctls(s, p);
}
