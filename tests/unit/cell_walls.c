// needs: plan base tests/unit/cell_box.c
/* SPDX-License-Identifier: MIT
 * bulkhead-cell itself, run as PID 1 runs it, with plans written by hand: the walls as a started
 * service sees them from inside, and what is reported when one of them can't stand. Needs root. It
 * has a mount namespace and a /run of its own, so that nothing of the host changes.
 */
#include "base/errname.h"
#include "base/sys.h"
#include "unit/cell_box.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static char scratch[] = "/run/scratch";
static char scratch_file[64], scratch_link[64];

static void add_rule(struct plan_in_work *t, unsigned op, const char *source, const char *target,
	const char *options)
{
	struct filesystem_rule r = {.op = (uint16_t)op,
		.source = plan_write_text(t->w, source),
		.target = plan_write_text(t->w, target),
		.options = plan_write_text(t->w, options)};
	t->filesystem.rules = plan_write_list(t->w, &r, sizeof(r), 1);
}

static void tell_seccomp(struct plan_in_work *t, const struct sock_filter *f, size_t n)
{
	t->seccomp.filter = plan_write_list(t->w, f, sizeof(*f), n);
}

static void deny_uname(struct plan_in_work *t)
{
	const struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_uname, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	tell_seccomp(t, f, COUNT(f));
}

static void filter_without_nnp(struct plan_in_work *t)
{
	t->capabilities.flags = 0;
	deny_uname(t);
}

static void bad_filter(struct plan_in_work *t)
{
	/* ends without a return */
	const struct sock_filter f[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)};
	tell_seccomp(t, f, COUNT(f));
}

/* What no filter sees: the cell asks the kernel for it (PR_SET_MDWE, Linux 6.3). */
static void no_exec_gain(struct plan_in_work *t)
{
	t->service.flags |= SERVICE_MDWE;
}

static void no_seccomp(struct plan_in_work *t)
{
	t->no_seccomp_blob = true;
}

static void missing_source(struct plan_in_work *t)
{
	add_rule(t, FS_BIND, "/nonexistent/thing", "/mnt", "");
}

static void bind_scratch(struct plan_in_work *t)
{
	add_rule(t, FS_BIND, scratch, "/mnt", "");
}

static void bind_read_only(struct plan_in_work *t)
{
	add_rule(t, FS_BIND_READ_ONLY, scratch, "/mnt", "");
}

static void foreign_link(struct plan_in_work *t)
{
	add_rule(t, FS_READ_WRITE, "", scratch_link, "");
}

static void dots(struct plan_in_work *t)
{
	add_rule(t, FS_READ_WRITE, "", "/run/../etc", "");
}

static void hidden_etc(struct plan_in_work *t)
{
	add_rule(t, FS_HIDDEN, "", "/etc", "");
}

static void hidden_file(struct plan_in_work *t)
{
	add_rule(t, FS_HIDDEN, "", "/etc/passwd", "");
}

static void sealed_tmpfs(struct plan_in_work *t)
{
	add_rule(t, FS_TMPFS, "", "/etc", "ro,size=64k,noexec");
}

static void tmpfs_with_suid(struct plan_in_work *t)
{
	add_rule(t, FS_TMPFS, "", "/etc", "suid");
}

static void no_exec(struct plan_in_work *t)
{
	add_rule(t, FS_NO_EXEC, "", "/usr/lib", "");
}

static void named_log(struct plan_in_work *t)
{
	add_rule(t, FS_READ_ONLY, "", scratch, "");
}

static void state_directory(struct plan_in_work *t)
{
	static char path[80];
	struct filesystem_directory d = {.mode = 0750,
		.uid = ID_BASE + 1000,
		.gid = ID_BASE + 1000,
		.writable = 1,
		.runtime = 1};
	snprintf(path, sizeof(path), "%s/state/unit", scratch);
	d.path = plan_write_text(t->w, path);
	t->filesystem.directories = plan_write_list(t->w, &d, sizeof(d), 1);
	t->service.environment = box_one_text(t, "PATH=/bin");
	t->service.working_directory = d.path;
}

static void closed_directory(struct plan_in_work *t)
{
	static char path[80];
	snprintf(path, sizeof(path), "%s/closed", scratch);
	t->service.working_directory = plan_write_text(t->w, path);
}

static void extra_device(struct plan_in_work *t)
{
	t->filesystem.devices = box_one_text(t, "kmsg");
}

static void terminals(struct plan_in_work *t)
{
	t->filesystem.devices = box_one_text(t, "pts");
}

static void missing_device(struct plan_in_work *t)
{
	t->filesystem.devices = box_one_text(t, "no-such-node");
}

static void escaping_device(struct plan_in_work *t)
{
	t->filesystem.devices = box_one_text(t, "../etc/passwd");
}

static void host_dev(struct plan_in_work *t)
{
	t->filesystem.flags |= FS_HOST_DEV;
	add_rule(t, FS_HIDDEN, "", "/etc", "");
}

static void whole_proc(struct plan_in_work *t)
{
	t->filesystem.proc = PROC_HIDE;
}

static void whole_proc_read_only(struct plan_in_work *t)
{
	t->filesystem.proc = 0;
	t->filesystem.tunables = VIEW_READ_ONLY;
}

static void sys_read_only(struct plan_in_work *t)
{
	t->filesystem.sysfs = VIEW_READ_ONLY;
}

static void as_root_inside(struct plan_in_work *t)
{
	t->identity.uid = t->identity.gid = 0;
	t->identity.kernel_uid = t->identity.kernel_gid = ID_BASE;
}

static void all_power_inside(struct plan_in_work *t)
{
	as_root_inside(t);
	t->capabilities.bounding = t->capabilities.ambient = (1ull << (CAP_AUDIT_READ + 1)) - 1;
}

static void host_user(struct plan_in_work *t)
{
	t->namespaces.own &= ~(uint32_t)NS_USER;
	t->identity.kernel_uid = t->identity.kernel_gid = 1000;
	t->capabilities.bounding = t->capabilities.ambient = 1ull << CAP_NET_BIND_SERVICE |
		1ull << CAP_NET_RAW;
	/* NOROOT and NO_SETUID_FIXUP, both locked, NO_CAP_AMBIENT_RAISE not; KEEP_CAPS locked */
	t->capabilities.securebits = 0x2f;
}

static void power_beyond(struct plan_in_work *t)
{
	t->capabilities.ambient = 1ull << CAP_NET_RAW;
}

static void wrong_ids(struct plan_in_work *t)
{
	t->identity.kernel_uid = 0;
}

static void range_of_root(struct plan_in_work *t)
{
	t->namespaces.id_base = 0;
	t->identity.kernel_uid = t->identity.kernel_gid = 1000;
}

static void host_mounts_in_own_namespace(struct plan_in_work *t)
{
	t->filesystem.flags |= FS_HOST_MOUNTS;
}

static void host_mounts(struct plan_in_work *t)
{
	t->filesystem.flags |= FS_HOST_MOUNTS;
	t->namespaces.own &= ~(uint32_t)NS_MOUNT;
}

static void limits(struct plan_in_work *t)
{
	const struct limits_rlimit r[] = {{.resource = RLIMIT_NOFILE, .soft = 77, .hard = 88},
		{.resource = RLIMIT_CORE}};
	t->limits = (struct limits_plan){.flags = LIMITS_NICE | LIMITS_OOM,
		.nice = 7,
		.oom_score_adj = 321};
	t->limits.rlimits = plan_write_list(t->w, r, sizeof(*r), COUNT(r));
}

static void bad_limit(struct plan_in_work *t)
{
	const struct limits_rlimit r[] = {{.resource = RLIMIT_NOFILE, .soft = 10, .hard = 5}};
	t->limits.rlimits = plan_write_list(t->w, r, sizeof(*r), COUNT(r));
}

static void supplementary(struct plan_in_work *t)
{
	const uint32_t groups[] = {7, 9};
	t->identity.groups = plan_write_list(t->w, groups, sizeof(*groups), COUNT(groups));
}

static void s6_ready(struct plan_in_work *t)
{
	t->service.notification_fd = 4;
}

static void to_file(struct plan_in_work *t)
{
	t->service.stdio[2] = (struct plan_stdio){.kind = STDIO_FILE,
		.path = plan_write_text(t->w, scratch_file)};
}

static void to_missing_file(struct plan_in_work *t)
{
	t->service.stdio[1] = (struct plan_stdio){.kind = STDIO_FILE,
		.path = plan_write_text(t->w, "/no/such/directory/file")};
}

static void no_such_program(struct plan_in_work *t)
{
	struct plan_command c = {.path = plan_write_text(t->w, "/usr/sbin/absent"),
		.argv = box_one_text(t, "absent")};
	t->service.exec[EXEC_START] = plan_write_list(t->w, &c, sizeof(c), 1);
}

/* One of those that make_programs makes. */
static void run_scratch(struct plan_in_work *t, const char *path)
{
	struct plan_command c = {.path = plan_write_text(t->w, path), .argv = box_one_text(t, path)};
	bind_scratch(t);
	t->service.exec[EXEC_START] = plan_write_list(t->w, &c, sizeof(c), 1);
}

#define RUNS(name, path) \
	static void name(struct plan_in_work *t) \
	{ \
		run_scratch(t, path); \
	}
RUNS(no_interpreter, "/mnt/script")
RUNS(carriage_return, "/mnt/crlf")
RUNS(no_loader, "/mnt/loader")
RUNS(foreign_program, "/mnt/foreign")
RUNS(no_program, "/mnt/text")

static void program_without_execution(struct plan_in_work *t)
{
	const struct filesystem_rule rules[] = {
		{.op = FS_BIND,
			.source = plan_write_text(t->w, scratch),
			.target = plan_write_text(t->w, "/mnt"),
			.options = plan_write_text(t->w, "")},
		{.op = FS_NO_EXEC,
			.source = plan_write_text(t->w, ""),
			.target = plan_write_text(t->w, "/mnt"),
			.options = plan_write_text(t->w, "")},
	};
	run_scratch(t, "/mnt/script");
	t->filesystem.rules = plan_write_list(t->w, rules, sizeof(*rules), 2);
}

static void flags_disagree(struct plan_in_work *t)
{
	t->service.clone_flags &= ~(uint32_t)CLONE_NEWIPC;
}

static void host_pid(struct plan_in_work *t)
{
	t->namespaces.own &= ~(uint32_t)NS_PID;
	t->service.clone_flags &= ~(uint32_t)CLONE_NEWPID;
	t->filesystem.proc = PROC_HOST;
}

static void notify(struct plan_in_work *t)
{
	t->service.type = TYPE_NOTIFY;
	t->service.watchdog_ms = 5000;
}

static void named_logs(struct plan_in_work *t)
{
	add_rule(t, FS_READ_WRITE, "", "/run/log/bulkhead", "");
}

#define NOTIFY_SCRIPT \
	"ls /run/bulkhead || echo closed; ls /run/log || echo no logs; stat -c '%F %U' /run/bulkhead/notify; env; test ! -e /run/bulkhead/control || echo control"
#define STATUS "cat /proc/self/status; "
#define TRY(path) \
	"if (: >>" path ") 2>/dev/null; then echo WROTE-" path "; else echo closed-" path "; fi; "

static void host_pid_hidden(struct plan_in_work *t)
{
	host_pid(t);
	t->filesystem.proc = PROC_HOST | PROC_SUBSET_PID | PROC_HIDE;
}

#define BOTH \
	"/usr/bin/python3 -c 'import mmap; mmap.mmap(-1, 4096, prot=7); print(\"both\")' 2>&1 || echo refused"

/* clang-format off */
static const struct test tests[] = {
	{.name = "ids, capabilities, no_new_privs, hostname, an environment of its own",
		.script = STATUS "hostname; id; env; umask; echo pid $$",
		.seen = {"Uid:\t1000\t1000\t1000\t1000", "CapInh:\t0000000000000000", "CapPrm:\t0000000000000000", "CapEff:\t0000000000000000",
			"CapBnd:\t0000000000000000", "CapAmb:\t0000000000000000", "NoNewPrivs:\t1", "walled", "Groups:\t \n", "0022", "pid 2"},
		.unseen = {"SECRET"}},
	{.name = "default signals, none blocked",
		.script = STATUS,
		.seen = {"SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000"}},
	{.name = "no descriptor but 0, 1, 2 (3 is the shell's, reading the directory)", .script = "cd /proc/self/fd; echo fds [0-9]*", .seen = {"fds 0 1 2 3\n"}},
	{.name = "the view is read-only, nosuid, nodev; /tmp and its like are private",
		.script = TRY("/etc/x") TRY("/x") TRY("/tmp/x") TRY("/var/tmp/x") TRY("/dev/shm/x") TRY("/dev/x") "ls /tmp; ls -a /sys; ls /proc",
		.seen = {"closed-/etc/x", "closed-/x", "WROTE-/tmp/x", "WROTE-/var/tmp/x", "WROTE-/dev/shm/x", "closed-/dev/x"},
		.unseen = {"kernel", "sys\n", "meminfo"}},
	/* without what the host has mounted below its own /tmp */
	{.name = "mounts: no host's /dev, /proc, /sys; nothing writable of the host",
		.script = "grep -v ' /tmp/' /proc/self/mountinfo",
		.seen = {"hidepid=invisible,subset=pid", "/dev ro,nosuid,noexec"},
		.unseen = {"sysfs", "cgroup", "devtmpfs", "selinuxfs", "shared:"}},
	{.name = "/dev has the harmless nodes and works", .script = "ls /dev; echo x >/dev/null && head -c 3 /dev/zero | wc -c; ls -l /dev/fd",
		.seen = {"null", "urandom", "tty", "log", "3\n", "/proc/self/fd"}, .unseen = {"kmsg", "mem", "vda"}},
	{.name = "only its own processes", .script = "ls -d /proc/[0-9]*; kill -9 1; echo alive", .seen = {"alive"}, .unseen = {"/proc/1\n"}},
	{.name = "loopback is up", .script = "cat /proc/self/net/dev /proc/self/net/route; ip -o addr 2>&1 || true", .seen = {"lo:"}, .unseen = {"eth0"}},
	{.name = "state directory: made, owned, writable, entered; a runtime one is emptied", .change = state_directory,
		.script = "pwd; test ! -e left || echo LEFT; : >left; mkdir -p a/b/c; : >a/b/c/d; stat -c '%u %a' .",
		.seen = {"/state/unit", "1000 750"}, .unseen = {"LEFT"}},
	{.name = "the runtime directory was emptied on the next start", .change = state_directory,
		.script = "ls -A; echo end", .seen = {"end"}, .unseen = {"left", "a\n"}},
	{.name = "a closed working directory is refused by its own user", .change = closed_directory, .failed_step = "working directory",
		.failed_errno = EACCES, .failed_detail = "closed"},
	{.name = "bind, writable", .change = bind_scratch, .script = "ls /mnt; grep ' /mnt ' /proc/self/mountinfo", .seen = {"closed", "rw,nosuid,nodev"}},
	{.name = "bind, read-only", .change = bind_read_only, .script = "grep ' /mnt ' /proc/self/mountinfo", .seen = {"ro,nosuid,nodev"}},
	{.name = "a bind source that does not exist", .change = missing_source, .failed_step = "filesystem", .failed_errno = ENOENT,
		.failed_detail = "/nonexistent/thing"},
	{.name = "a symbolic link that is not root's is not followed", .change = foreign_link, .failed_step = "filesystem", .failed_errno = ELOOP,
		.failed_detail = "link"},
	{.name = "no way up out of a rule", .change = dots, .failed_step = "filesystem", .failed_errno = EINVAL},
	{.name = "a hidden directory", .change = hidden_etc, .script = "ls /etc/passwd /etc || echo gone", .seen = {"gone", "ermission denied"}},
	{.name = "a hidden file", .change = hidden_file, .script = "cat /etc/passwd; stat -c %a%s /etc/passwd; test -r /etc/group && echo others",
		.seen = {"ermission denied", "00", "others"}, .unseen = {"root:"}},
	{.name = "a read-only tmpfs", .change = sealed_tmpfs, .script = "ls -A /etc; " TRY("/etc/x") "grep ' /etc ' /proc/self/mountinfo",
		.seen = {"closed-/etc/x", "ro,nosuid,nodev,noexec"}, .unseen = {"passwd"}},
	{.name = "a tmpfs that asks for set-user-id", .change = tmpfs_with_suid, .failed_step = "filesystem", .failed_errno = EPERM},
	{.name = "no programs below a path: not even the dynamic linker", .change = no_exec, .failed_step = "exec", .failed_errno = EACCES},
	{.name = "a rule for what is read-only anyhow", .change = named_log, .script = "echo up", .seen = {"up"}},
	{.name = "a device that is named", .change = extra_device, .script = "stat -c '%n %F %u %a' /dev/kmsg", .seen = {"/dev/kmsg character special file 1000 6"}},
	{.name = "a device that is absent", .change = missing_device, .failed_step = "filesystem", .failed_errno = ENOENT, .failed_detail = "no-such-node"},
	{.name = "a device outside /dev", .change = escaping_device, .failed_step = "filesystem", .failed_errno = EXDEV},
	{.name = "terminals of its own", .change = terminals, .script = "ls -l /dev/ptmx; ls -A /dev/pts; stat -c %a /dev/pts/ptmx", .seen = {"pts/ptmx", "666"},
		.unseen = {"\n0\n"}},
	{.name = "the host's /dev", .change = host_dev, .script = "ls /dev; echo x >/dev/null && ls /dev/shm; ls /etc || " TRY("/dev/shm/x"),
		.seen = {"kmsg", "WROTE-/dev/shm/x", "ermission denied"}, .unseen = {"directory\n"}},
	{.name = "the whole /proc, tunables hidden", .change = whole_proc, .script = "ls /proc; ls /proc/sys || " TRY("/proc/sysrq-trigger"),
		.seen = {"meminfo", "ermission denied", "closed-/proc/sysrq-trigger"}},
	{.name = "the whole /proc, tunables read-only", .change = whole_proc_read_only, .script = "grep /proc/ /proc/self/mountinfo; cat /proc/sys/kernel/ostype",
		.seen = {"/proc/sys ro", "/proc/irq ro", "Linux"}},
	{.name = "/sys read-only without cgroups", .change = sys_read_only, .script = "ls /sys /sys/fs/cgroup; cat /proc/self/mountinfo",
		.seen = {"kernel", " /sys ro,nosuid,nodev"}, .unseen = {"cgroup2", "memory\n", "selinuxfs"}},
	{.name = "root inside its user namespace has no power", .change = as_root_inside,
		.script = STATUS TRY("/etc/x") "cat /proc/self/uid_map; mount -t tmpfs x /mnt; hostname other; mknod /tmp/n c 1 3 || echo nomknod",
		.seen = {"Uid:\t0", "CapEff:\t0000000000000000", "closed-/etc/x", "327680      65536", "nomknod"}},
	{.name = "even all power inside its user namespace moves no wall", .change = all_power_inside,
		.script = STATUS "umount /dev; mount -o remount,rw / ; mount -t tmpfs x /mnt; hostname other; hostname; mknod /tmp/n c 1 3 || echo nomknod;" TRY("/etc/x"),
		.seen = {"CapEff:\t0000003fffffffff", "walled", "nomknod", "closed-/etc/x"}, .unseen = {"other\n"}},
	{.name = "capabilities in the host's user namespace: those named, ambient, nothing else", .change = host_user, .script = STATUS,
		.seen = {"Uid:\t1000", "CapInh:\t0000000000002400", "CapPrm:\t0000000000002400", "CapEff:\t0000000000002400", "CapBnd:\t0000000000002400",
			"CapAmb:\t0000000000002400", "NoNewPrivs:\t1"}},
	{.name = "ambient beyond the bounding set", .change = power_beyond, .failed_step = "bounding set", .failed_errno = EINVAL},
	{.name = "a uid that is not of the range", .change = wrong_ids, .failed_step = "plan", .failed_errno = EINVAL},
	{.name = "a range that holds the host's root", .change = range_of_root, .failed_step = "user namespace", .failed_errno = EINVAL},
	{.name = "private mounts without a view", .change = host_mounts_in_own_namespace, .failed_step = "plan", .failed_errno = EINVAL},
	{.name = "the host's mounts", .change = host_mounts, .script = "ls -d /sys/kernel; id -u", .seen = {"/sys/kernel", "1000"}},
	{.name = "namespaces that the clone did not make", .change = flags_disagree, .failed_step = "namespaces", .failed_errno = EINVAL},
	{.name = "limits", .change = limits, .script = "ulimit -n; ulimit -Hn; ulimit -c; nice; cat /proc/self/oom_score_adj", .seen = {"77\n88\n0\n7\n321"}},
	{.name = "an impossible limit", .change = bad_limit, .failed_step = "limits", .failed_errno = EINVAL, .failed_detail = "resource limit 7"},
	{.name = "supplementary groups", .change = supplementary, .script = STATUS, .seen = {"Groups:\t7 9"}},
	{.name = "a filter", .change = deny_uname, .script = STATUS "uname", .seen = {"Seccomp:\t2", "annot get system name"}, .exit_status = 0x100},
	{.name = "a filter without no_new_privs", .change = filter_without_nnp, .script = STATUS "uname",
		.seen = {"NoNewPrivs:\t0", "Seccomp:\t2", "annot get system name", "CapEff:\t0000000000000000", "CapPrm:\t0000000000000000"}, .exit_status = 0x100},
	{.name = "memory is both written and executed where that is not refused", .script = BOTH, .seen = {"both"}},
	{.name = "memory is not both [6.3]", .change = no_exec_gain, .script = BOTH, .seen = {"PermissionError", "refused"}, .unseen = {"both"}},
	{.name = "an invalid filter", .change = bad_filter, .failed_step = "seccomp", .failed_errno = EINVAL},
	{.name = "a plan without a filter's part", .change = no_seccomp, .failed_step = "plan", .failed_errno = EINVAL, .failed_detail = "missing"},
	{.name = "a program that does not exist", .change = no_such_program, .failed_step = "exec", .failed_errno = ENOENT, .failed_detail = "/usr/sbin/absent is not there"},
	{.name = "a script without its interpreter", .change = no_interpreter, .failed_step = "exec", .failed_errno = ENOENT,
		.failed_detail = "/mnt/script needs an interpreter (#!) that does not exist: /no/such/python"},
	{.name = "a script with CRLF", .change = carriage_return, .failed_step = "exec", .failed_errno = ENOENT,
		.failed_detail = "/mnt/crlf ends its first line in a carriage return: /bin/sh"},
	{.name = "a program without its loader", .change = no_loader, .failed_step = "exec", .failed_errno = ENOENT,
		.failed_detail = "/mnt/loader needs a loader that does not exist: /no/such/ld.so"},
	{.name = "a program for another machine", .change = foreign_program, .failed_step = "exec", .failed_errno = ENOEXEC,
		.failed_detail = "/mnt/foreign is a program for another machine"},
	{.name = "a text", .change = no_program, .failed_step = "exec", .failed_errno = ENOEXEC,
		.failed_detail = "/mnt/text neither is a program nor names an interpreter (#!)"},
	{.name = "a program on a file system without execution", .change = program_without_execution, .failed_step = "exec", .failed_errno = EACCES,
		.failed_detail = "/mnt/script is on a file system mounted noexec"},
	{.name = "readiness by descriptor", .change = s6_ready, .script = "echo >&4; cd /proc/self/fd; echo fds [0-9]*", .seen = {"<notified>", "fds 0 1 2 3 4\n"}},
	{.name = "error output to a file", .change = to_file, .script = "echo to-file >&2; echo to-log", .seen = {"to-log"}, .unseen = {"to-file"}},
	{.name = "output to a file in a directory that is absent", .change = to_missing_file, .failed_step = "stdio", .failed_errno = ENOENT,
		.failed_detail = "standard output"},
	{.name = "/dev/stdout can be opened", .script = "echo reopened >/dev/stdout", .seen = {"reopened"}},
	{.name = "an exit status is passed on", .script = "exit 7", .exit_status = 7 << 8},
	{.name = "death by a signal is passed on", .script = "kill -SEGV $$", .exit_status = SIGSEGV},
	{.name = "the readiness socket shows, the control socket and the logs do not", .change = notify, .script = NOTIFY_SCRIPT,
		.seen = {"closed", "no logs", "socket nobody", "NOTIFY_SOCKET=/run/bulkhead/notify", "WATCHDOG_USEC=5000000", "WATCHDOG_PID=2"}, .unseen = {"control"}},
	{.name = "no socket without being asked for", .script = NOTIFY_SCRIPT, .seen = {"closed", "no logs"}, .unseen = {"socket", "control", "NOTIFY", "WATCHDOG"}},
	{.name = "what is named is not hidden", .change = named_logs, .script = "ls /run/log /run/bulkhead || echo closed", .seen = {"bulkhead", "closed"}},
	{.name = "the reaper has the service's uid, no capability, a filter", .script = "echo READY; exec sleep 20", .signal = SIGTERM, .exit_status = SIGTERM,
		.seen = {"bulkhead-cell", "Uid:\t328680", "CapPrm:\t0000000000000000", "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2", "Groups:\t \n"}},
	{.name = "the reaper keeps CAP_KILL for a service that may change its uid", .change = all_power_inside,
		.script = "exec setpriv --reuid 33 sh -c 'trap \"echo terminated; exit 3\" TERM; echo READY; while :; do sleep 0.1; done'", .signal = SIGTERM,
		.seen = {"terminated", "CapEff:\t0000000000000020", "Uid:\t327680"}, .exit_status = 3 << 8},
	{.name = "the service can't touch the reaper", .change = whole_proc, .script = "ls /proc/1/fd || echo shut; kill -9 1; kill -STOP 1; echo alive",
		.seen = {"shut", "alive"}},
	{.name = "TERM reaches the service", .script = "trap 'echo terminated; exit 3' TERM; echo READY; while :; do sleep 0.1; done", .signal = SIGTERM,
		.seen = {"terminated"}, .exit_status = 3 << 8},
	{.name = "USR2 reaches a service without a handler", .script = "echo READY; exec sleep 20", .signal = SIGUSR2, .exit_status = SIGUSR2},
	{.name = "a kernel without keys", .masked = {SYS_keyctl}, .script = "echo up", .seen = {"up"}},
	{.name = "what it leaves is waited for", .script = "(sleep 0.3; echo LATE) & echo main gone; exit 7", .seen = {"main gone", "LATE"}, .exit_status = 7 << 8},
	{.name = "the host's pid namespace, but only its own processes shown [host pid]", .change = host_pid_hidden,
		.script = "ls /proc; ls -d /proc/$$", .seen = {"/proc/"}, .unseen = {"\n1\n", "meminfo", "sys\n"}},
	{.name = "the host's own /proc has no tunables [host pid]", .change = host_pid, .script = "ls /proc; ls /proc/sys || " TRY("/proc/self/oom_score_adj"),
		.seen = {"meminfo", "ermission denied", "closed-"}},
	{.name = "the host's processes [host pid]", .change = host_pid, .script = "ls -d /proc/1; echo READY; exec sleep 20", .signal = SIGTERM, .seen = {"/proc/1"},
		.exit_status = SIGTERM},
};
/* clang-format on */

static int listen_at(const char *path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	strncpy(name.sun_path, path, sizeof(name.sun_path) - 1);
	return fd < 0 || bind(fd, (const struct sockaddr *)&name, sizeof(name)) < 0 ? -1 : fd;
}

static int make_file(const char *name, const void *bytes, size_t n)
{
	char path[80];
	snprintf(path, sizeof(path), "%s/%s", scratch, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755),
		bad = fd < 0 || write(fd, bytes, n) != (ssize_t)n;
	close(fd);
	return bad;
}

/* Each of which lacks something. */
static int make_programs(void)
{
	static const char script[] = "#! /no/such/python -E\n", crlf[] = "#!/bin/sh\r\n",
					  text[] = "no program\n";
	struct {
		Elf64_Ehdr head;
		Elf64_Phdr part;
		char loader[sizeof("/no/such/ld.so")];
	} elf = {.head = {.e_ident = ELFMAG "\2\1\1",
				 .e_type = ET_DYN,
				 .e_machine = EM_X86_64,
				 .e_version = 1,
				 .e_phoff = sizeof(elf.head),
				 .e_ehsize = sizeof(elf.head),
				 .e_phentsize = sizeof(elf.part),
				 .e_phnum = 1},
		.loader = "/no/such/ld.so"};
	elf.part = (Elf64_Phdr){.p_type = PT_INTERP,
		.p_offset = offsetof(__typeof__(elf), loader),
		.p_filesz = sizeof(elf.loader)};
	int bad = make_file("script", script, sizeof(script) - 1) ||
		make_file("crlf", crlf, sizeof(crlf) - 1) || make_file("text", text, sizeof(text) - 1) ||
		make_file("loader", &elf, sizeof(elf));
	elf.head.e_machine = EM_S390;
	return bad || make_file("foreign", &elf, sizeof(elf));
}

static int prepare(void)
{
	char path[80];
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("tmpfs", "/run", "tmpfs", 0, "mode=755") < 0)
		return -1;
	mkdir("/run/bulkhead", 0755);
	mkdir("/run/log", 0755);
	mkdir("/run/log/bulkhead", 0755);
	if (mkdir("/run/bulkhead/notify.d", 0711) < 0 || listen_at("/run/bulkhead/notify.d/unit") < 0 ||
		listen_at("/run/bulkhead/control") < 0 || mkdir(scratch, 0755) < 0 || make_programs())
		return -1;
	snprintf(path, sizeof(path), "%s/closed", scratch);
	mkdir(path, 0700);
	snprintf(scratch_file, sizeof(scratch_file), "%s/file", scratch);
	snprintf(scratch_link, sizeof(scratch_link), "%s/link", scratch);
	return symlink("/etc", scratch_link) < 0 ? -1
											 : lchown(scratch_link, ID_BASE + 1000, ID_BASE + 1000);
}

static unsigned check_file(void)
{
	char text[64] = "";
	int fd = open(scratch_file, O_RDONLY);
	bool good = fd >= 0 && read(fd, text, sizeof(text) - 1) > 0 && strcmp(text, "to-file\n") == 0;
	printf("%sok %u - the file has the error output\n", good ? "" : "not ", box_number());
	close(fd);
	return !good;
}

int main(int argc, char *argv[])
{
	unsigned failures = 0;
	const char *only = argc > 1 ? argv[1] : "";
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (geteuid() != 0 || !box_find_cell()) {
		printf("1..1\nok 1 - bulkhead-cell # SKIP %s\n",
			geteuid() ? "needs root" : "it is not built yet: make all");
		return 0;
	}
	if (prepare() < 0)
		return printf("1..1\nnot ok 1 - a namespace with a /run of its own: %s\n", err_name(errno));
	for (size_t i = 0; i < COUNT(tests); i++) {
		bool lacks = strstr(tests[i].name, "[6.3]") && !box_has_mdwe();
		if (strstr(tests[i].name, only))
			failures += lacks ? box_skip(&tests[i], "not in this kernel") : box_run(&tests[i]);
	}
	failures += only[0] ? 0 : check_file();
	printf("1..%u\n", box_number() - 1);
	return failures != 0;
}
