// needs: walls plan base tests/unit/seccomp_bpf.c tests/unit/seccomp_lines.c -lseccomp
/* SPDX-License-Identifier: MIT
 * What the lines Restrict... of [Seccomp] come to: the answer of the filter, on each architecture.
 */
#include "unit/seccomp_lines.h"
#include <errno.h>
#include <string.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(namespaces),
		cmocka_unit_test(families),
		cmocka_unit_test(the_other_restrictions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
