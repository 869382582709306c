/* SPDX-License-Identifier: MIT
 * Ways out through calls that change the machine, or that put much of the kernel within reach.
 */
#include "escape.h"
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/reboot.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static int module_load(void)
{
	return gate("init_module", syscall(SYS_init_module, "", 0ul, ""));
}

static int module_load_fd(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	return gate("finit_module", syscall(SYS_finit_module, fd, "", 0));
}

static int module_unload(void)
{
	return gate("delete_module", syscall(SYS_delete_module, "no-such-module", O_NONBLOCK));
}
static int kexec(void)
{
	return gate("kexec_load", syscall(SYS_kexec_load, 0, 0, NULL, 0));
}
static int kexec_file(void)
{
	return gate("kexec_file_load", syscall(SYS_kexec_file_load, -1, -1, 0ul, "", 0x8ul));
}

static int restart(void)
{
	/* Ctrl-Alt-Del is a signal to PID 1 afterwards, as before. */
	return unless("reboot",
		syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_OFF, 0));
}

static int bpf_map(void)
{
	union bpf_attr a = {.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = 4,
		.max_entries = 1};
	return unless("bpf", syscall(SYS_bpf, BPF_MAP_CREATE, &a, sizeof(a)));
}

static int bpf_program(void)
{
	struct bpf_insn insn[] = {{.code = 0xb7}, {.code = 0x95}}; /* r0 = 0; exit */
	union bpf_attr a = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insns = (uintptr_t)insn,
		.insn_cnt = 2,
		.license = (uintptr_t) "GPL"};
	return unless("bpf", syscall(SYS_bpf, BPF_PROG_LOAD, &a, sizeof(a)));
}

static int perf(void)
{
	struct perf_event_attr a = {.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(a),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.exclude_kernel = 1};
	return unless("perf_event_open", syscall(SYS_perf_event_open, &a, 0, -1, -1, 0));
}

static int fault_handler(void)
{
	return unless("userfaultfd", syscall(SYS_userfaultfd, O_CLOEXEC | 1));
}

static int ring(void)
{
	struct io_uring_params p = {0};
	return unless("io_uring_setup", syscall(SYS_io_uring_setup, 1, &p));
}

static int key_add(void)
{
	return unless("add_key",
		syscall(SYS_add_key, "user", "escape", "x", 1, -4 /* session keyring */));
}
static int key_request(void)
{
	return gate("request_key", syscall(SYS_request_key, "user", "no such key", NULL, 0));
}
static int key_join(void)
{
	return unless("keyctl", syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL));
}

static int own_tty(void)
{
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	return master < 0 ? 0 : master;
}

static int type_ahead(void)
{
	return gate("TIOCSTI", ioctl(own_tty(), TIOCSTI, "x"));
}

/* The kernel looks at 32 bits of the request; a filter that compares 64 is passed like this. */
static int type_ahead_wide(void)
{
	return gate("TIOCSTI",
		syscall(SYS_ioctl, own_tty(), (unsigned long)(0xdead00000000ull | TIOCSTI), "x"));
}
static int paste(void)
{
	char subcode = 3; /* paste the selection */
	return gate("TIOCLINUX", ioctl(own_tty(), TIOCLINUX, &subcode));
}

static int grab_console(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	return fd < 0 ? blocked("/dev/tty") : gate("TIOCCONS", ioctl(fd, TIOCCONS, 0));
}

/* In a session of its own: outside it would end the one of the tests' shell. */
static int hang_up(void)
{
	int status = 0;
	pid_t pid = fork();
	if (pid == 0) {
		setsid();
		_exit(syscall(SYS_vhangup) ? errno : 0);
	}
	waitpid(pid, &status, 0);
	errno = WEXITSTATUS(status);
	return errno ? blocked("vhangup") : escaped("vhangup");
}

static int set_time(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return unless("clock_settime", syscall(SYS_clock_settime, CLOCK_REALTIME, &now));
}

static int set_time_of_day(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	long tv[2] = {now.tv_sec, now.tv_nsec / 1000};
	return unless("settimeofday", syscall(SYS_settimeofday, tv, NULL));
}

/* On a 32-bit processor neither call takes the libc's struct: to the old one all members are
 * long, to the new one (escape.h) they have 64 bits. */
#ifdef __arm__
#define NORMAL_SPEED \
	{ \
		[0] = ADJ_TICK, [11] = 10000, [31] = 0 \
	}
typedef long old_timex[32];
typedef long long new_timex[32];
#else
#define NORMAL_SPEED \
	{ \
		.modes = ADJ_TICK, .tick = 10000 \
	}
typedef struct timex old_timex, new_timex;
#endif

static int adjust(void)
{
	old_timex t = NORMAL_SPEED;
	return unless("adjtimex", syscall(SYS_adjtimex, &t));
}

static int adjust_clock(void)
{
	new_timex t = NORMAL_SPEED;
	return unless("clock_adjtime", syscall(SYS_clock_adjtime, CLOCK_REALTIME, &t));
}

static int host_name(void)
{
	char name[65] = "";
	gethostname(name, sizeof(name) - 1);
	return unless("sethostname", sethostname(name, strlen(name)));
}

static int domain_name(void)
{
	return unless("setdomainname", setdomainname("(none)", 6));
}
static int swap_on(void)
{
	return gate("swapon", syscall(SYS_swapon, "/tmp/no-such-file", 0));
}
static int swap_off(void)
{
	return gate("swapoff", syscall(SYS_swapoff, "/tmp/no-such-file"));
}
static int account(void)
{
	return gate("acct", syscall(SYS_acct, "/tmp/no-such-file"));
}
static int quota(void)
{
	return gate("quotactl",
		syscall(SYS_quotactl, 0x80000100 /* Q_SYNC of one file system */, "/dev/no-such-disk", 0,
			NULL));
}
static int nfs_server(void)
{
	return gate("nfsservctl", syscall(SYS_nfsservctl, 0, NULL, NULL));
}
static int cookie(void)
{
	return gate("lookup_dcookie", syscall(SYS_lookup_dcookie, 0ul, NULL, 0ul));
}
static int kernel_log(void)
{
	char buf[64];
	return unless("syslog", syscall(SYS_syslog, 3 /* read all */, buf, sizeof(buf)));
}

static int kernel_log_off(void)
{
	return unless("syslog", syscall(SYS_syslog, 7 /* console on */, NULL, 0));
}
static int watch_all(void)
{
	return unless("fanotify_init", syscall(SYS_fanotify_init, 0x4 /* content */, O_RDONLY));
}
static int watch_some(void)
{
	return unless("fanotify_init",
		syscall(SYS_fanotify_init, 0x200 /* FAN_REPORT_FID, open to all since 5.13 */, O_RDONLY));
}
static int pages_move(void)
{
	return gate("move_pages", syscall(SYS_move_pages, 1, 0ul, NULL, NULL, NULL, 0));
}
static int pages_migrate(void)
{
	unsigned long nodes = 1;
	return gate("migrate_pages", syscall(SYS_migrate_pages, 1, 64ul, &nodes, &nodes));
}

static int memory_policy(void)
{
	return unless("set_mempolicy", syscall(SYS_set_mempolicy, 0, NULL, 0ul));
}

const struct probe kernel_probes[] = {
	{"init-module", "to load a module", module_load, OUTSIDE},
	{"finit-module", "to load a module from a file", module_load_fd, OUTSIDE},
	{"delete-module", "to unload a module", module_unload, OUTSIDE},
	{"kexec-load", "another kernel", kexec, OUTSIDE},
	{"kexec-file-load", "another kernel from a file", kexec_file, OUTSIDE},
	{"reboot", "reboot(2)", restart, OUTSIDE},
	{"bpf-map", "a map of BPF's", bpf_map, OUTSIDE},
	{"bpf-program", "a program in the kernel", bpf_program, OUTSIDE},
	{"perf", "perf_event_open(2)", perf, OUTSIDE},
	{"userfaultfd", "to hold the kernel up at a page fault", fault_handler, OUTSIDE},
	{"io-uring", "calls that no filter sees", ring, OUTSIDE},
	{"add-key", "a key", key_add, OUTSIDE},
	{"request-key", "a key, made by a program of the host", key_request, OUTSIDE},
	{"keyctl", "a session keyring", key_join, OUTSIDE},
	{"tiocsti", "input typed into a terminal", type_ahead, OUTSIDE},
	{"tiocsti-wide", "the same with high bits set", type_ahead_wide, OUTSIDE},
	{"tioclinux", "a selection pasted into a terminal", paste, OUTSIDE},
	{"tioccons", "the console's output", grab_console, 0},
	{"vhangup", "to hang the terminal up", hang_up, OUTSIDE},
	{"clock-settime", "the clock", set_time, OUTSIDE},
	{"settimeofday", "the clock, the old way", set_time_of_day, OUTSIDE},
	{"adjtimex", "the clock's speed", adjust, OUTSIDE},
	{"clock-adjtime", "the clock's speed, by another call", adjust_clock, OUTSIDE},
	{"sethostname", "the host name", host_name, OUTSIDE},
	{"setdomainname", "the NIS domain name", domain_name, OUTSIDE},
	{"swapon", "a swap file", swap_on, OUTSIDE},
	{"swapoff", "swap taken away", swap_off, OUTSIDE},
	{"acct", "process accounting", account, OUTSIDE},
	{"quotactl", "quotas", quota, OUTSIDE},
	{"nfsservctl", "a call of long ago", nfs_server, 0},
	{"lookup-dcookie", "paths by cookie", cookie, 0},
	{"syslog-read", "the kernel's messages by syslog(2)", kernel_log, OUTSIDE},
	{"syslog-console", "what the kernel prints", kernel_log_off, OUTSIDE},
	{"fanotify-content", "to see and hold up every open of the machine", watch_all, OUTSIDE},
	{"fanotify-fid", "fanotify as anybody may have it", watch_some, OUTSIDE},
	{"move-pages", "pages of the reaper", pages_move, OUTSIDE},
	{"migrate-pages", "pages of the reaper, to another node", pages_migrate, OUTSIDE},
	{"set-mempolicy", "where memory comes from", memory_policy, OUTSIDE},
	{0},
};
