// needs: walls plan base tests/unit/seccomp_bpf.c -lseccomp
/* SPDX-License-Identifier: MIT
 * What a service's lines of [Seccomp] come to, on each architecture: the answer of its filter to
 * this call with these arguments.
 */
#include "unit/seccomp_bpf.h"
#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sock_filter ours[BPF_MAXINSNS];

/* ---- the default ---- */

static uint32_t answer(const struct seccomp_conf *conf, uint32_t arch, const char *name,
	uint64_t a0, uint64_t a1, uint64_t a2)
{
	struct seccomp_data d = {.nr = seccomp_syscall_resolve_name_arch(arch, name),
		.arch = arch,
		.args = {a0, a1, a2}};
	size_t n = seccomp_program(conf, ours);
	bpf_check(ours, n);
	return bpf_run(ours, n, &d);
}

static void the_default_filter(void **state)
{
	static const uint32_t archs[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM};
	const uint32_t allow = SECCOMP_RET_ALLOW, eperm = SECCOMP_RET_ERRNO | EPERM,
				   enosys = SECCOMP_RET_ERRNO | ENOSYS;
	static struct seccomp_conf conf;
	struct diag d = {0};
	(void)state;
	for (size_t i = 0; i < sizeof(archs) / sizeof(archs[0]); i++) {
		uint32_t arch = archs[i];
		assert_int_equal(seccomp_target(arch), 0);
		seccomp_conf_init(&conf);
		assert_int_equal(seccomp_set_filter(&conf, span_of("@service"), &d), 0);
		assert_int_equal(seccomp_check(&conf, &d), 0);
		assert_int_equal(answer(&conf, arch, "read", 0, 0, 0), allow);
		assert_int_equal(answer(&conf, arch, "execve", 0, 0, 0), allow);
		assert_int_equal(answer(&conf, arch, "mount", 0, 0, 0), eperm);
		assert_int_equal(answer(&conf, arch, "setuid", 0, 0, 0), eperm);
		assert_int_equal(answer(&conf, arch, "io_uring_setup", 0, 0, 0), eperm);
		assert_int_equal(answer(&conf, arch, "clone3", 0, 0, 0), enosys);
		assert_int_equal(answer(&conf, arch, "clone", 0x01200011, 0, 0), allow);
		assert_int_equal(answer(&conf, arch, "clone", 0x10000011, 0, 0), eperm); /* CLONE_NEWUSER */
		assert_int_equal(answer(&conf, arch, "unshare", 0x10000000, 0, 0), eperm);
		assert_int_equal(answer(&conf, arch, "socket", 2, 1, 0), allow);
		assert_int_equal(answer(&conf, arch, "socket", 17, 3, 0), eperm);
		assert_int_equal(answer(&conf, arch, "socket", 0x100000011ull, 3, 0), eperm);
		assert_int_equal(answer(&conf, arch, "ioctl", 0, 0x5401, 0), allow);
		assert_int_equal(answer(&conf, arch, "ioctl", 0, 0x5412, 0), eperm);
		/* the kernel looks at 32 bits */
		assert_int_equal(answer(&conf, arch, "ioctl", 0, 0xdeadbeef00005412ull, 0), eperm);
		assert_int_equal(answer(&conf, arch, "ioctl", 0, 0x541c, 0), eperm);
		assert_int_equal(answer(&conf, arch, "mprotect", 0, 0, 4), eperm);
		assert_int_equal(answer(&conf, arch, "mprotect", 0, 0, 3), allow);
		assert_int_equal(answer(&conf, arch, "personality", 0xffffffff, 0, 0), allow);
		/* ADDR_NO_RANDOMIZE */
		assert_int_equal(answer(&conf, arch, "personality", 0x40000, 0, 0), eperm);
	}
	assert_int_equal(seccomp_target(0), -EINVAL);
	assert_int_equal(seccomp_target(AUDIT_ARCH_X86_64), 0);
	assert_int_equal(d.errors, 0);
}

static void own_rules_replace_the_default_ones(void **state)
{
	static struct seccomp_conf conf;
	struct diag d = {0};
	(void)state;
	assert_int_equal(seccomp_target(AUDIT_ARCH_X86_64), 0);
	seccomp_conf_init(&conf);
	assert_int_equal(seccomp_set_filter(&conf, span_of("~mount read"), &d), 0);
	assert_int_equal(seccomp_set_rule(&conf, span_of("socket: domain == AF_PACKET"), &d), 0);
	assert_int_equal(seccomp_set_rule(&conf, span_of("socket: domain == AF_UNIX"), &d), 0);
	assert_int_equal(seccomp_set_rule(&conf, span_of("setuid: arg0 == 5"), &d), 0);
	assert_int_equal(seccomp_set_default(&conf, span_of("kill"), &d), 0);
	assert_int_equal(answer(&conf, AUDIT_ARCH_X86_64, "socket", 17, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(&conf, AUDIT_ARCH_X86_64, "socket", 1, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(&conf, AUDIT_ARCH_X86_64, "socket", 2, 0, 0), SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(answer(&conf, AUDIT_ARCH_X86_64, "setuid", 5, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(&conf, AUDIT_ARCH_X86_64, "setuid", 6, 0, 0), SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(answer(&conf, AUDIT_ARCH_X86_64, "read", 0, 0, 0), SECCOMP_RET_KILL_PROCESS);
	/* What begins by taking away takes from the default. */
	seccomp_conf_init(&conf);
	assert_int_equal(seccomp_set_filter(&conf, span_of("~@network-io"), &d), 0);
	assert_int_equal(answer(&conf, AUDIT_ARCH_X86_64, "write", 0, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(&conf, AUDIT_ARCH_X86_64, "socket", 1, 0, 0),
		SECCOMP_RET_ERRNO | EPERM);
	/* All that is known, and no default rules. */
	seccomp_conf_init(&conf);
	assert_int_equal(seccomp_set_filter(&conf, span_of("@known"), &d), 0);
	assert_int_equal(answer(&conf, AUDIT_ARCH_X86_64, "unshare", 0x10000000, 0, 0),
		SECCOMP_RET_ALLOW);
	assert_int_equal(answer(&conf, AUDIT_ARCH_X86_64, "clone3", 0, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(d.errors, 0);
}

/* ---- lines as a file has them ---- */

struct line {
	wall_setter *set;
	const char *value;
};

static struct seccomp_conf conf;

/* A filter from lines; the first error's text, "" if there was none. */
static const char *make(uint32_t arch, const struct line *line)
{
	static struct diag d;
	memset(&d, 0, sizeof(d));
	assert_int_equal(seccomp_target(arch), 0);
	seccomp_conf_init(&conf);
	for (; line->set && d.errors == 0; line++)
		line->set(&conf, span_of(line->value), &d);
	if (d.errors == 0)
		seccomp_check(&conf, &d);
	return d.text;
}

#define MAKE(arch, ...) make(arch, (const struct line[]){__VA_ARGS__, {NULL, NULL}})
#define FILTER(value) \
	{ \
		seccomp_set_filter, value \
	}
#define RULE(value) \
	{ \
		seccomp_set_rule, value \
	}
#define DEFAULT FILTER("@service")

static uint32_t says(uint32_t arch, const char *name, uint64_t a0, uint64_t a1, uint64_t a2,
	uint64_t a3)
{
	struct seccomp_data d = {.nr = seccomp_syscall_resolve_name_arch(arch, name),
		.arch = arch,
		.args = {a0, a1, a2, a3}};
	size_t n = seccomp_program(&conf, ours);
	if (arch == AUDIT_ARCH_I386 && strcmp(name, "socket") == 0)
		d.nr = 359; /* the library has a pseudo number for it */
	assert_true(d.nr >= 0);
	bpf_check(ours, n);
	return bpf_run(ours, n, &d);
}

static uint32_t says_number(uint32_t arch, uint32_t number)
{
	struct seccomp_data d = {.nr = (int)number, .arch = arch};
	size_t n = seccomp_program(&conf, ours);
	return bpf_run(ours, n, &d);
}

#define ALLOW SECCOMP_RET_ALLOW
#define KILL SECCOMP_RET_KILL_PROCESS
#define ERR(e) (SECCOMP_RET_ERRNO | (e))
#define X86_64 AUDIT_ARCH_X86_64
#define ARM64 AUDIT_ARCH_AARCH64
#define ARM AUDIT_ARCH_ARM
#define I386 AUDIT_ARCH_I386

static const uint32_t archs[] = {X86_64, ARM64, ARM};

static void numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(MAKE(archs[i], FILTER("@service 900 1023"), RULE("901: arg0 == 7")),
			"");
		assert_int_equal(says_number(archs[i], 900), ALLOW);
		assert_int_equal(says_number(archs[i], 1023), ALLOW);
		assert_int_equal(says_number(archs[i], 899), ERR(ENOSYS));
		assert_int_equal(says_number(archs[i], 901), ERR(EPERM));
		/* mseal, which the library may not know yet */
		assert_string_equal(MAKE(archs[i], FILTER("@service 462")), "");
		assert_int_equal(says_number(archs[i], 462), ALLOW);
		assert_non_null(
			strstr(MAKE(archs[i], FILTER("@service 60")), "is another one on each architecture"));
		assert_non_null(strstr(MAKE(archs[i], FILTER("@service 1024")), "unknown system call"));
	}
	assert_string_equal(MAKE(X86_64, FILTER("~mseal")), "");
	assert_int_equal(says_number(X86_64, 462), ERR(EPERM));
}

static void answers_of_their_own(void **state)
{
	(void)state;
	assert_string_equal(MAKE(X86_64, FILTER("@service"),
							FILTER("~chmod:EACCES ptrace:kill @clock:log pipe"),
							FILTER("~umask:ENOSYS")),
		"");
	assert_int_equal(says(X86_64, "chmod", 0, 0, 0, 0), ERR(EACCES));
	assert_int_equal(says(X86_64, "ptrace", 0, 0, 0, 0), KILL);
	assert_int_equal(says(X86_64, "settimeofday", 0, 0, 0, 0), SECCOMP_RET_LOG);
	assert_int_equal(says(X86_64, "umask", 0, 0, 0, 0), ERR(ENOSYS));
	assert_int_equal(says(X86_64, "pipe", 0, 0, 0, 0), ERR(EPERM));
	/* the last line counts */
	assert_string_equal(MAKE(X86_64, FILTER("~chmod:EACCES"), FILTER("chmod")), "");
	assert_int_equal(says(X86_64, "chmod", 0, 0, 0, 0), ALLOW);
	assert_non_null(strstr(MAKE(X86_64, FILTER("@service chmod:EACCES")), "expected ~NAME:EACCES"));
	assert_non_null(strstr(MAKE(X86_64, FILTER("~chmod:EACES")), "\"EACES\" is not known"));
}

/* As with systemd: a ~ before the list inverts all of it, and none stands inside. */
static void a_tilde_inverts_the_whole_list(void **state)
{
	(void)state;
	assert_string_equal(MAKE(X86_64, FILTER("@known"), FILTER("~@mount @reboot")), "");
	assert_int_equal(says(X86_64, "mount", 0, 0, 0, 0), ERR(EPERM));
	assert_int_equal(says(X86_64, "reboot", 0, 0, 0, 0), ERR(EPERM));
	assert_int_equal(says(X86_64, "swapon", 0, 0, 0, 0), ALLOW);
	assert_string_equal(MAKE(X86_64, FILTER("~@mount @reboot @sync")), ""); /* from the default */
	assert_int_equal(says(X86_64, "reboot", 0, 0, 0, 0), ERR(EPERM));
	assert_int_equal(says(X86_64, "fsync", 0, 0, 0, 0), ERR(EPERM));
	assert_int_equal(says(X86_64, "read", 0, 0, 0, 0), ALLOW);
	assert_string_equal(MAKE(X86_64, FILTER("~ umask\tchmod")), "");
	assert_int_equal(says(X86_64, "chmod", 0, 0, 0, 0), ERR(EPERM));
	assert_non_null(strstr(MAKE(X86_64, FILTER("@service ~mount")), "before a whole list"));
	assert_non_null(strstr(MAKE(X86_64, FILTER("~umask ~mount")), "expected mount"));
	assert_non_null(strstr(MAKE(X86_64, FILTER("~")), "no list"));
	assert_non_null(
		strstr(MAKE(X86_64, DEFAULT, {seccomp_set_log, "@sync ~fsync"}), "before a whole list"));
	assert_non_null(strstr(MAKE(X86_64, DEFAULT, {seccomp_set_families, "AF_UNIX ~AF_INET"}),
		"before a whole list"));
	assert_non_null(strstr(MAKE(X86_64, DEFAULT, {seccomp_set_namespaces, "~"}), "no list"));
}

static void logged_calls(void **state)
{
	(void)state;
	assert_string_equal(MAKE(X86_64, DEFAULT, {seccomp_set_log, "@sync socket mount"}), "");
	assert_int_equal(says(X86_64, "fsync", 0, 0, 0, 0), SECCOMP_RET_LOG);
	assert_int_equal(says(X86_64, "socket", 1, 0, 0, 0), SECCOMP_RET_LOG);
	assert_int_equal(says(X86_64, "socket", 17, 0, 0, 0), ERR(EPERM));
	assert_int_equal(says(X86_64, "mount", 0, 0, 0, 0), ERR(EPERM)); /* it opens nothing */
	assert_int_equal(says(X86_64, "read", 0, 0, 0, 0), ALLOW);
	assert_string_equal(MAKE(X86_64, DEFAULT, {seccomp_set_log, "~@basic-io"}), "");
	assert_int_equal(says(X86_64, "read", 0, 0, 0, 0), ALLOW);
	assert_int_equal(says(X86_64, "getpid", 0, 0, 0, 0), SECCOMP_RET_LOG);
}

static void descriptors(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(MAKE(archs[i], DEFAULT, RULE("write: fd in 1 2"), RULE("read: fd == 0"),
								RULE("read: fd == 7 && count <= 16")),
			"");
		assert_int_equal(says(archs[i], "write", 1, 0, 0, 0), ALLOW);
		assert_int_equal(says(archs[i], "write", 3, 0, 0, 0), ERR(EPERM));
		/* 1, to the kernel */
		assert_int_equal(says(archs[i], "write", 0x300000001ull, 0, 0, 0), ALLOW);
		assert_int_equal(says(archs[i], "read", 0, 0, 1000, 0), ALLOW);
		assert_int_equal(says(archs[i], "read", 7, 0, 16, 0), ALLOW);
		assert_int_equal(says(archs[i], "read", 7, 0, 17, 0), ERR(EPERM));
		assert_int_equal(says(archs[i], "read", 1, 0, 1, 0), ERR(EPERM));
	}
}

/* A rule on mmap is one on arm's mmap2, and so on; and a number that is negative is so in 32
 * bits there. */
static void siblings(void **state)
{
	(void)state;
	assert_string_equal(MAKE(ARM, DEFAULT, RULE("mmap: prot == PROT_READ"),
							RULE("futex: futex_op == 3"), RULE("setuid: uid == 5")),
		"");
	assert_int_equal(says(ARM, "mmap2", 0, 0, 1, 0), ALLOW);
	assert_int_equal(says(ARM, "mmap2", 0, 0, 3, 0), ERR(EPERM));
	assert_int_equal(says(ARM, "futex_time64", 0, 3, 0, 0), ALLOW);
	assert_int_equal(says(ARM, "futex_time64", 0, 0, 0, 0), ERR(EPERM));
	assert_int_equal(says(ARM, "futex", 0, 0, 0, 0), ERR(EPERM));
	assert_int_equal(says(ARM, "setuid32", 5, 0, 0, 0), ALLOW);
	assert_int_equal(says(ARM, "setuid", 5, 0, 0, 0), ALLOW);
	assert_string_equal(MAKE(X86_64, DEFAULT, RULE("mmap2: prot == PROT_READ")), "");
	assert_int_equal(says(X86_64, "mmap", 0, 0, 3, 0), ERR(EPERM));
	assert_string_equal(MAKE(ARM, DEFAULT, RULE("lseek: offset == -1 || offset == 0x100000002")),
		"");
	assert_int_equal(says(ARM, "lseek", 0, 0xffffffff, 0, 0), ALLOW);
	assert_int_equal(says(ARM, "lseek", 0, 2, 0, 0), ERR(EPERM));
	assert_string_equal(MAKE(X86_64, DEFAULT, RULE("lseek: offset == -1")), "");
	assert_int_equal(says(X86_64, "lseek", 0, 0xffffffff, 0, 0), ERR(EPERM));
	assert_int_equal(says(X86_64, "lseek", 0, UINT64_MAX, 0, 0), ALLOW);
	assert_non_null(
		strstr(MAKE(ARM64, DEFAULT, RULE("open: flags == 0")), "does not exist on arm64"));
	assert_string_equal(MAKE(ARM64, FILTER("@service open cacheflush")), "");
	assert_non_null(strstr(MAKE(ARM64, FILTER("~open")), "does not exist on arm64"));
}

/* Of a parameter whose width nobody knows, high bits that the kernel may not look at must not
 * help. */
static void unknown_widths(void **state)
{
	(void)state;
	assert_string_equal(MAKE(X86_64, DEFAULT, RULE("getpid: arg0 != 5 && arg1 > 5"),
							RULE("gettid: arg0 == 5 || arg1 < 2")),
		"");
	assert_int_equal(says(X86_64, "getpid", 6, 6, 0, 0), ALLOW);
	assert_int_equal(says(X86_64, "getpid", 0x100000005ull, 6, 0, 0), ERR(EPERM));
	assert_int_equal(says(X86_64, "getpid", 6, 0x100000005ull, 0, 0), ERR(EPERM));
	assert_int_equal(says(X86_64, "gettid", 5, 9, 0, 0), ALLOW);
	assert_int_equal(says(X86_64, "gettid", 0x100000005ull, 9, 0, 0), ERR(EPERM));
	assert_int_equal(says(X86_64, "gettid", 0, 0x100000001ull, 0, 0), ERR(EPERM));
}

static void foreign_abis(void **state)
{
	(void)state;
	assert_string_equal(MAKE(X86_64, DEFAULT), "");
	assert_int_equal(says(I386, "getpid", 0, 0, 0, 0), KILL);
	assert_int_equal(says_number(X86_64, 0x40000000u | 39), KILL);
	assert_int_equal(says_number(X86_64, UINT32_MAX), ERR(ENOSYS));
	assert_string_equal(MAKE(ARM64, DEFAULT), "");
	assert_int_equal(says(ARM, "getpid", 0, 0, 0, 0), KILL);
	assert_string_equal(MAKE(ARM, DEFAULT), "");
	assert_int_equal(says_number(ARM, 0x900014), KILL);      /* OABI's getpid */
	assert_int_equal(says_number(ARM, 0xf0002), ALLOW);      /* cacheflush */
	assert_int_equal(says_number(ARM, 0xf0001), ERR(EPERM)); /* breakpoint */
	assert_int_equal(says_number(ARM, 0xf0030), ERR(ENOSYS));

	assert_string_equal(MAKE(X86_64, FILTER("~getuid"), {seccomp_set_architectures, "native x86"}),
		"");
	assert_int_equal(says(X86_64, "getpid", 0, 0, 0, 0), ALLOW);
	assert_int_equal(says(I386, "getpid", 0, 0, 0, 0), ALLOW);
	assert_int_equal(says(I386, "getuid", 0, 0, 0, 0), ERR(EPERM));
	assert_int_equal(says(I386, "mount", 0, 0, 0, 0), ERR(EPERM));
	/* socket: its arguments are in memory */
	assert_int_equal(says(I386, "socketcall", 1, 0, 0, 0), ERR(ENOSYS));
	assert_int_equal(says(I386, "socketcall", 3, 0, 0, 0), ALLOW);
	assert_int_equal(says(I386, "socket", 17, 0, 0, 0), ERR(EPERM));
	assert_int_equal(says(I386, "ipc", 0x10015, 0, 0, 0), ERR(ENOSYS)); /* shmat */
	assert_int_equal(says(I386, "ipc", 11, 0, 0, 0), ALLOW);
	assert_int_equal(says(I386, "mmap", 0, 0, 0, 0), ERR(ENOSYS));
	assert_int_equal(says(I386, "mmap2", 0, 0, 3, 0), ALLOW);
	assert_int_equal(says(I386, "mmap2", 0, 0, 6, 0), ERR(EPERM));
	assert_int_equal(says_number(X86_64, 0x40000000u | 39), KILL);
	assert_string_equal(
		MAKE(X86_64, FILTER("~connect"), {seccomp_set_architectures, "native x86 x32"}), "");
	assert_int_equal(says(I386, "socketcall", 3, 0, 0, 0), ERR(ENOSYS));
	assert_int_equal(says_number(X86_64, 0x40000000u | 39), ALLOW);
	assert_int_equal(says_number(X86_64, 0x40000000u | 42), ERR(EPERM)); /* connect */
	assert_int_equal(says_number(X86_64, 0x40000000u | 1024), KILL);
	assert_string_equal(MAKE(ARM64, DEFAULT, {seccomp_set_architectures, "native arm"}), "");
	assert_int_equal(says(ARM, "getpid", 0, 0, 0, 0), ALLOW);
	assert_int_equal(says(ARM, "mount", 0, 0, 0, 0), ERR(EPERM));
	assert_non_null(strstr(MAKE(ARM64, DEFAULT, {seccomp_set_architectures, "native x86"}),
		"is no ABI of arm64"));
	assert_non_null(
		strstr(MAKE(X86_64, DEFAULT, {seccomp_set_architectures, "x86"}), "native is missing"));
}

/* ---- Restrict… ---- */

static void namespaces(void **state)
{
	const uint64_t user = 0x10000000, mnt = 0x20000, net = 0x40000000;
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		uint32_t a = archs[i];
		assert_string_equal(MAKE(a, FILTER("@service setns"), {seccomp_set_namespaces, "user net"}),
			"");
		assert_int_equal(says(a, "clone", 0x11 | user | net, 0, 0, 0), ALLOW);
		assert_int_equal(says(a, "clone", 0x11 | mnt, 0, 0, 0), ERR(EPERM));
		assert_int_equal(says(a, "unshare", user, 0, 0, 0), ALLOW);
		assert_int_equal(says(a, "unshare", user | 0x80, 0, 0, 0), ERR(EPERM)); /* time */
		assert_int_equal(says(a, "setns", 3, net, 0, 0), ALLOW);
		assert_int_equal(says(a, "setns", 3, mnt, 0, 0), ERR(EPERM));
		assert_int_equal(says(a, "setns", 3, 0, 0, 0), ERR(EPERM)); /* whatever the descriptor is */
		assert_int_equal(says(a, "clone3", 0, 0, 0, 0), ERR(ENOSYS));
		assert_string_equal(MAKE(a, DEFAULT, {seccomp_set_namespaces, "~mnt"}), "");
		assert_int_equal(says(a, "unshare", user, 0, 0, 0), ALLOW);
		assert_int_equal(says(a, "unshare", mnt, 0, 0, 0), ERR(EPERM));
		assert_string_equal(MAKE(a, FILTER("@service clone3"), {seccomp_set_namespaces, "no"}), "");
		assert_int_equal(says(a, "unshare", mnt, 0, 0, 0), ALLOW);
		assert_int_equal(says(a, "clone3", 0, 0, 0, 0), ALLOW);
		assert_string_equal(MAKE(a, FILTER("@service @process")), "");
		assert_int_equal(says(a, "clone3", 0, 0, 0, 0), ERR(ENOSYS));
		/* The service's own rule stands in for the default, and beside the directive. */
		assert_string_equal(MAKE(a, DEFAULT, RULE("unshare: flags == CLONE_NEWUSER")), "");
		assert_int_equal(says(a, "unshare", user, 0, 0, 0), ALLOW);
		assert_string_equal(MAKE(a, DEFAULT, RULE("unshare: flags == CLONE_NEWUSER"),
								{seccomp_set_namespaces, "yes"}),
			"");
		assert_int_equal(says(a, "unshare", user, 0, 0, 0), ERR(EPERM));
		assert_string_equal(MAKE(a, FILTER("@known"), {seccomp_set_namespaces, "yes"}), "");
		assert_int_equal(says(a, "unshare", user, 0, 0, 0), ERR(EPERM));
		assert_int_equal(says(a, "mount", 0, 0, 0, 0), ALLOW);
	}
	assert_non_null(strstr(MAKE(X86_64, FILTER("@service clone3")),
		"clone3 cannot be allowed while RestrictNamespaces holds"));
	assert_non_null(
		strstr(MAKE(X86_64, DEFAULT, {seccomp_set_namespaces, "usr"}), "\"usr\" is not known"));
}

static void families(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		uint32_t a = archs[i];
		assert_string_equal(MAKE(a, DEFAULT, {seccomp_set_families, "AF_INET AF_PACKET"},
								{seccomp_set_families, "AF_INET6"}),
			"");
		assert_int_equal(says(a, "socket", 2, 1, 0, 0), ALLOW);
		assert_int_equal(says(a, "socket", 10, 1, 0, 0), ALLOW);
		assert_int_equal(says(a, "socket", 17, 3, 0, 0), ALLOW);
		assert_int_equal(says(a, "socket", 1, 1, 0, 0), ERR(EAFNOSUPPORT));
		assert_int_equal(says(a, "socket", 0xff00000001ull, 1, 0, 0), ERR(EAFNOSUPPORT));
		assert_int_equal(says(a, "socketpair", 1, 1, 0, 0), ALLOW);
		assert_string_equal(MAKE(a, DEFAULT, {seccomp_set_families, "~AF_PACKET AF_ALG"}), "");
		assert_int_equal(says(a, "socket", 17, 3, 0, 0), ERR(EAFNOSUPPORT));
		assert_int_equal(says(a, "socket", 40, 3, 0, 0), ALLOW);
		assert_string_equal(MAKE(a, DEFAULT, {seccomp_set_families, "none"}), "");
		assert_int_equal(says(a, "socket", 1, 1, 0, 0), ERR(EAFNOSUPPORT));
		assert_int_equal(says(a, "socketpair", 1, 1, 0, 0), ALLOW);
		assert_string_equal(MAKE(a, DEFAULT, {seccomp_set_families, "no"}), "");
		assert_int_equal(says(a, "socket", 38, 5, 0, 0), ALLOW);
		assert_string_equal(MAKE(a, DEFAULT, RULE("socket: domain == AF_PACKET")), "");
		assert_int_equal(says(a, "socket", 17, 3, 0, 0), ALLOW);
		assert_int_equal(says(a, "socket", 1, 3, 0, 0), ERR(EPERM));
		assert_string_equal(MAKE(a, DEFAULT, RULE("socket: type & 0xf == SOCK_STREAM"),
								{seccomp_set_families, "AF_INET"}),
			"");
		assert_int_equal(says(a, "socket", 2, 1, 0, 0), ALLOW);
		assert_int_equal(says(a, "socket", 2, 2, 0, 0), ERR(EPERM));
		assert_int_equal(says(a, "socket", 1, 1, 0, 0), ERR(EAFNOSUPPORT));
		/* io_uring makes sockets that no filter sees. */
		assert_string_equal(MAKE(a, FILTER("@service @aio")), "");
		assert_int_equal(says(a, "io_uring_setup", 0, 0, 0, 0), ERR(ENOSYS));
		assert_string_equal(MAKE(a, FILTER("@service @aio"), {seccomp_set_families, "no"},
								{seccomp_set_suid_sgid, "no"}),
			"");
		assert_int_equal(says(a, "io_uring_setup", 0, 0, 0, 0), ALLOW);
		assert_string_equal(
			MAKE(a, DEFAULT, {seccomp_set_families, "none"}, {seccomp_set_default, "kill"}), "");
		assert_int_equal(says(a, "socket", 1, 1, 0, 0), KILL);
	}
	assert_non_null(strstr(MAKE(X86_64, DEFAULT, {seccomp_set_families, "AF_UNX"}),
		"did you mean \"AF_UNIX\""));
}

static void the_other_restrictions(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		uint32_t a = archs[i];
		assert_string_equal(MAKE(a, DEFAULT), "");
		assert_int_equal(says(a, "sched_setscheduler", 0, 0, 0, 0), ALLOW);
		assert_int_equal(says(a, "sched_setscheduler", 0, 0x40000003, 0, 0), ALLOW);
		assert_int_equal(says(a, "sched_setscheduler", 0, 1, 0, 0), ERR(EPERM));
		assert_int_equal(says(a, "sched_setattr", 0, 0, 0, 0), ERR(ENOSYS));
		assert_int_equal(says(a, "fchmod", 3, 0755, 0, 0), ALLOW);
		assert_int_equal(says(a, "fchmod", 3, 04755, 0, 0), ERR(EPERM));
		assert_int_equal(says(a, "fchmodat", 3, 0, 02755, 0), ERR(EPERM));
		assert_int_equal(says(a, "fchmodat2", 3, 0, 02755, 0), ERR(EPERM));
		assert_int_equal(says(a, "mknodat", 3, 0, 06000, 0), ERR(EPERM));
		assert_int_equal(says(a, "mkdirat", 3, 0, 02000, 0), ERR(EPERM));
		assert_int_equal(says(a, "openat", 3, 0, 0, 04755), ALLOW); /* makes no file */
		assert_int_equal(says(a, "openat", 3, 0, 0100, 0644), ALLOW);
		assert_int_equal(says(a, "openat", 3, 0, 0100, 04755), ERR(EPERM));
		assert_int_equal(says(a, "openat", 3, 0, 020000000, 02755), ERR(EPERM)); /* O_TMPFILE */
		assert_int_equal(says(a, "openat2", 0, 0, 0, 0), ERR(ENOSYS));
		if (a != ARM64) {
			assert_int_equal(says(a, "open", 0, 0100, 04755, 0), ERR(EPERM));
			assert_int_equal(says(a, "creat", 0, 04755, 0, 0), ERR(EPERM));
			assert_int_equal(says(a, "chmod", 0, 04755, 0, 0), ERR(EPERM));
		}
		assert_int_equal(says(a, "shmat", 0, 0, 0100000, 0), ERR(EPERM));
		assert_int_equal(says(a, "pkey_mprotect", 0, 0, 4, 0), ERR(EPERM));
		assert_string_equal(MAKE(a, FILTER("@service openat2 sched_setattr"),
								{seccomp_set_realtime, "no"}, {seccomp_set_suid_sgid, "no"},
								{seccomp_set_write_execute, "no"}, {seccomp_set_personality, "no"}),
			"");
		assert_int_equal(says(a, "sched_setscheduler", 0, 1, 0, 0), ALLOW);
		assert_int_equal(says(a, "sched_setattr", 0, 0, 0, 0), ALLOW);
		assert_int_equal(says(a, "fchmod", 3, 04755, 0, 0), ALLOW);
		assert_int_equal(says(a, "openat2", 0, 0, 0, 0), ALLOW);
		assert_int_equal(says(a, "mprotect", 0, 0, 7, 0), ALLOW);
		assert_int_equal(says(a, "personality", 0x40000, 0, 0, 0), ALLOW);
		/* TIOCSTI: no directive opens it, only a rule */
		assert_int_equal(says(a, "ioctl", 0, 0x5412, 0, 0), ERR(EPERM));
		assert_string_equal(MAKE(a, DEFAULT, RULE("personality: persona in 0 8"),
								{seccomp_set_personality, "yes"}),
			"");
		assert_int_equal(says(a, "personality", 8, 0, 0, 0), ERR(EPERM));
		assert_int_equal(says(a, "personality", 0, 0, 0, 0), ALLOW);
		assert_int_equal(says(a, "personality", 0xffffffff, 0, 0, 0), ERR(EPERM));
	}
	assert_non_null(strstr(MAKE(X86_64, FILTER("@service openat2")), "say RestrictSUIDSGID = no"));
	assert_non_null(
		strstr(MAKE(X86_64, DEFAULT, {seccomp_set_realtime, "maybe"}), "neither yes nor no"));
}

/* What a daemon does all the time is answered without a look at its arguments: only such calls
 * are in the kernel's bitmap. */
static void hot_calls_have_no_rules(void **state)
{
	static const char *const hot[] = {"read", "write", "readv", "writev", "futex", "epoll_pwait",
		"ppoll", "recvfrom", "sendto", "recvmsg", "sendmsg", "clock_gettime", "close", "lseek",
		"fstat", "munmap", "rt_sigprocmask", "getpid"};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(MAKE(archs[i], DEFAULT), "");
		size_t n = seccomp_program(&conf, ours);
		for (size_t k = 0; k < sizeof(hot) / sizeof(hot[0]); k++) {
			struct seccomp_data d = {.nr = seccomp_syscall_resolve_name_arch(archs[i], hot[k]),
				.arch = archs[i]};
			assert_int_equal(bpf_run(ours, n, &d), ALLOW);
			assert_false(bpf_looked_at_arguments());
		}
		assert_in_range(n, 100, 400);
	}
}

/* Each name of each group is a system call of one of our architectures, and which of them lack
 * it is known: seccomp_names.txt. */
static void every_name_is_known(void **state)
{
	FILE *known = fopen("tests/unit/seccomp_names.txt", "r");
	char line[256], wanted[128], words[128];
	(void)state;
	assert_non_null(known);
	for (const struct seccomp_group *g = seccomp_groups; g->name; g++) {
		struct span rest = span_of(g->calls), word;
		while (span_word(&rest, &word)) {
			size_t n = 0, lacking = 0;
			if (word.p[0] == '~')
				word = (struct span){word.p + 1, word.n - 1};
			snprintf(wanted, sizeof(wanted), "%s %.*s:", g->name, SPAN_ARGS(word));
			for (const struct seccomp_abi *abi = seccomp_abis; abi->name && word.p[0] != '@';
				 abi++) {
				assert_int_not_equal(abi_find_call(abi, word), -EINVAL);
				if (abi_find_call(abi, word) >= 0)
					continue;
				lacking++;
				n = strlen(wanted);
				snprintf(wanted + n, sizeof(wanted) - n, " %s", abi->name);
			}
			if (lacking == 0)
				continue;
			do
				assert_non_null(fgets(line, sizeof(line), known));
			while (line[0] == '#');
			snprintf(words, sizeof(words), "%.*s", (int)strcspn(line, "\n"), line);
			assert_string_equal(words, wanted);
		}
	}
	assert_null(fgets(line, sizeof(line), known));
	fclose(known);
}

/* The default filter, call by call, on each architecture: seccomp_default.txt. What changes
 * there is to be meant. */
static void the_default_is_as_it_was(void **state)
{
	FILE *known = fopen("tests/unit/seccomp_default.txt", "r");
	char line[512], wanted[512];
	struct seccomp_call allowed;
	(void)state;
	assert_non_null(known);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(MAKE(archs[i], DEFAULT), "");
		for (unsigned k = 0; seccomp_allowed(&conf, k, &allowed); k++) {
			const char *colon = allowed.rule.n ? ": " : "";
			snprintf(wanted, sizeof(wanted), "%s %s%s%.*s\n", abi_native()->name, allowed.name,
				colon, SPAN_ARGS(allowed.rule));
			assert_non_null(fgets(line, sizeof(line), known));
			assert_string_equal(line, wanted);
		}
	}
	assert_null(fgets(line, sizeof(line), known));
	fclose(known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_filter),
		cmocka_unit_test(own_rules_replace_the_default_ones),
		cmocka_unit_test(numbers),
		cmocka_unit_test(answers_of_their_own),
		cmocka_unit_test(a_tilde_inverts_the_whole_list),
		cmocka_unit_test(logged_calls),
		cmocka_unit_test(descriptors),
		cmocka_unit_test(siblings),
		cmocka_unit_test(unknown_widths),
		cmocka_unit_test(foreign_abis),
		cmocka_unit_test(namespaces),
		cmocka_unit_test(families),
		cmocka_unit_test(the_other_restrictions),
		cmocka_unit_test(hot_calls_have_no_rules),
		cmocka_unit_test(every_name_is_known),
		cmocka_unit_test(the_default_is_as_it_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
