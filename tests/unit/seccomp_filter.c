// needs: walls plan base tests/unit/seccomp_bpf.c tests/unit/seccomp_lines.c -lseccomp
/* SPDX-License-Identifier: MIT
 * What a service's lines of [Seccomp] come to, on each architecture: the answer of its filter to
 * this call with these arguments.
 */
#include "unit/seccomp_lines.h"
#include <errno.h>
#include <seccomp.h>
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
	const uint32_t allow = SECCOMP_RET_ALLOW, eperm = SECCOMP_RET_ERRNO | EPERM,
				   enosys = SECCOMP_RET_ERRNO | ENOSYS,
				   no_family = SECCOMP_RET_ERRNO | EAFNOSUPPORT;
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
		assert_int_equal(answer(&conf, arch, "socket", 17, 3, 0), no_family);
		assert_int_equal(answer(&conf, arch, "socket", 0x100000011ull, 3, 0), no_family);
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
	assert_int_equal(says(X86_64, "socket", 17, 0, 0, 0), ERR(EAFNOSUPPORT));
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
	assert_int_equal(says(I386, "socket", 17, 0, 0, 0), ERR(EAFNOSUPPORT));
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
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
