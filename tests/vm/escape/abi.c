/* SPDX-License-Identifier: MIT
 * Ways past the filter: other entries into the kernel, other numbers, other filters, rings and
 * tables of the processor.
 */
#include "escape.h"
#ifdef __x86_64__
#include <asm/ldt.h>
#endif
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
/* i386's numbers, where each means another call: 20 is getpid there. */
static long entry_32(long number, long a)
{
	long r;
	__asm__ volatile("int $0x80"
					 : "=a"(r)
					 : "a"(number), "b"(a)
					 : "memory", "r8", "r9", "r10", "r11");
	if (r >= 0 || r < -4095)
		return r;
	errno = (int)-r;
	return -1;
}

static int int80(void)
{
	return unless("int 0x80", entry_32(20, 0));
}
static int int80_unshare(void)
{
	return unless("unshare by int 0x80", entry_32(310, CLONE_NEWNS));
}
static int x32(void)
{
	return unless("x32 getpid", syscall(0x40000000 | SYS_getpid));
}
static int x32_mount(void)
{
	return gate("x32 mount", syscall(0x40000000 | SYS_mount, NULL, NULL, NULL, 0, NULL));
}
#elif defined(__aarch64__)
/* No instruction leads from a 64-bit program to the 32-bit calls, but a 32-bit program may be
 * executed: its first call must be its last. */
static int arm32(void)
{
	int end = run_again("/usr/libexec/arm32", "");
	if (end == 128 + SIGSYS)
		return blocked_by("a 32-bit program", "killed by SIGSYS");
	errno = end < 0 ? -end : 0;
	return end < 0 ? blocked("a 32-bit program") : escaped("a 32-bit program has made a call");
}
#elif defined(__arm__)
/* The old ABI has the number in the instruction, the new one in r7. A kernel with filters has the
 * new one alone (OABI_COMPAT excludes them), and must not go by the other number. */
static __attribute__((target("arm"), noinline)) long old_entry(long number, long a)
{
	register long r0 __asm__("r0") = a, r1 __asm__("r1") = 0, r2 __asm__("r2") = 0,
					 r3 __asm__("r3") = 0, r4 __asm__("r4") = 0;
	/* 0x900014 in the instruction: getpid, which is allowed. */
	__asm__ volatile("push {r7}\n\tmov r7, %[nr]\n\t.inst 0xef900014\n\tpop {r7}"
					 : "+r"(r0)
					 : [nr] "r"(number), "r"(r1), "r"(r2), "r"(r3), "r"(r4)
					 : "memory");
	if (r0 >= 0 || r0 < -4095)
		return r0;
	errno = (int)-r0;
	return -1;
}
static int oabi_mount(void)
{
	return gate("mount behind the old getpid", old_entry(SYS_mount, 0));
}
static int oabi_unshare(void)
{
	return unless("unshare behind the old getpid", old_entry(SYS_unshare, CLONE_NEWNS));
}
/* Behind the six that 32-bit ARM has for itself. */
static int private_future(void)
{
	for (long nr = 0x0f0007; nr < 0x0f0040; nr++)
		if (syscall(nr, 0, 0, 0) >= 0 || (errno != ENOSYS && errno != EPERM))
			return escaped("a private number of the future was answered");
	return blocked("numbers 0xf0007 to 0xf003f");
}
#endif

static int negative(void)
{
	long r = syscall(-1);
	return r < 0 ? blocked("-1") : escaped("-1");
}

/* Numbers that no table has yet must not go through: they will be calls some day. */
static int future(void)
{
	for (long nr = 470; nr < 1024; nr++)
		if (syscall(nr, 0, 0, 0, 0, 0, 0) >= 0 || (errno != ENOSYS && errno != EPERM))
			return escaped("a number of the future was answered");
	return blocked("numbers 470 to 1023");
}

static int add_filter(unsigned result, unsigned flags)
{
	struct sock_filter f[] = {BPF_STMT(BPF_RET | BPF_K, result)};
	struct sock_fprog p = {1, f};
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &p);
}

/* A filter that allows everything, on top: the strictest answer must win. */
static int filter_over(void)
{
	if (add_filter(SECCOMP_RET_ALLOW, 0))
		return blocked("seccomp");
	return unless("unshare under a filter that allows it", unshare(CLONE_NEWNS));
}

static int filter_log(void)
{
	if (add_filter(SECCOMP_RET_LOG, 0))
		return blocked("seccomp");
	return unless("unshare under a filter that logs", unshare(CLONE_NEWNS));
}

static int filter_metadata(void)
{
	return gate("PTRACE_SECCOMP_GET_FILTER", syscall(SYS_ptrace, 0x420c, 1, 0, 0));
}

/* Rules of Landlock can only be added to, never loosened: with one that handles nothing the tree
 * stays as closed as it was. */
static int landlock(void)
{
	struct landlock_ruleset_attr a = {.handled_access_fs = LANDLOCK_ACCESS_FS_WRITE_FILE};
	int fd = (int)syscall(SYS_landlock_create_ruleset, &a, sizeof(a.handled_access_fs), 0);
	if (fd < 0)
		return blocked("landlock_create_ruleset");
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (syscall(SYS_landlock_restrict_self, fd, 0))
		return blocked("landlock_restrict_self");
	return unless("/etc/passwd", write_file("/etc/passwd", ""));
}

#ifdef __x86_64__
static int local_descriptors(void)
{
	struct user_desc d = {.entry_number = 0,
		.limit = 1,
		.seg_32bit = 1,
		.contents = 2 /* code */,
		.useable = 1};
	return unless("modify_ldt", syscall(SYS_modify_ldt, 1, &d, sizeof(d)));
}

static int io_level(void)
{
	return unless("iopl", syscall(SYS_iopl, 3));
}
static int io_ports(void)
{
	return unless("ioperm", syscall(SYS_ioperm, 0x80, 1, 1));
}
#endif
static int fixed_addresses(void)
{
	return unless("ADDR_NO_RANDOMIZE", personality(ADDR_NO_RANDOMIZE));
}
static int read_is_exec(void)
{
	return unless("READ_IMPLIES_EXEC", personality(READ_IMPLIES_EXEC));
}
static int low_memory(void)
{
	return unless("MMAP_PAGE_ZERO", personality(MMAP_PAGE_ZERO));
}
static int linux_32(void)
{
	return unless("PER_LINUX32", personality(PER_LINUX32));
}

const struct probe abi_probes[] = {
#if defined(__x86_64__)
	{"int80", "the 32-bit entry", int80, 0},
	{"int80-unshare", "a forbidden call by the 32-bit entry", int80_unshare, 0},
	{"x32", "a number of the x32 ABI", x32, 0},
	{"x32-mount", "a forbidden call by its x32 number", x32_mount, 0},
	{"modify-ldt", "segments of its own", local_descriptors, OUTSIDE},
	{"iopl", "all ports", io_level, OUTSIDE},
	{"ioperm", "one port", io_ports, OUTSIDE},
#elif defined(__aarch64__)
	{"arm32", "a program of the 32-bit ABI", arm32, 0},
#elif defined(__arm__)
	{"oabi-mount", "a forbidden call by the old ABI's instruction", oabi_mount, 0},
	{"oabi-unshare", "another one", oabi_unshare, 0},
	{"private-future", "private numbers that are no calls yet", private_future, 0},
#endif
	{"call-negative", "call number -1", negative, 0},
	{"call-future", "numbers that are no calls yet", future, 0},
	{"seccomp-allow", "a filter that allows all, over the other", filter_over, OUTSIDE},
	{"seccomp-log", "a filter that only logs, over the other", filter_log, OUTSIDE},
	{"seccomp-read", "the reaper's filter", filter_metadata, OUTSIDE},
	{"landlock-loosen", "Landlock's rules loosened by more of them", landlock, 0},
	{"personality-addresses", "addresses that can be foreseen", fixed_addresses, OUTSIDE},
	{"personality-exec", "memory that is executable because it is readable", read_is_exec, OUTSIDE},
	{"personality-page-zero", "something at address 0", low_memory, OUTSIDE},
	{"personality-32", "another machine's name", linux_32, OUTSIDE},
	{0},
};
