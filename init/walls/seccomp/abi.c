/* SPDX-License-Identifier: MIT
 * ABIs, and the names and numbers of their system calls, from libseccomp. Calls that may be newer
 * than the library are named here.
 */
#include "base/count.h"
#include "base/num.h"
#include "walls/seccomp/rules.h"
#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

const struct seccomp_abi seccomp_abis[] = {
	{.name = "x86-64", .library = SCMP_ARCH_X86_64, .audit = AUDIT_ARCH_X86_64},
	{.name = "arm64", .library = SCMP_ARCH_AARCH64, .audit = AUDIT_ARCH_AARCH64},
	{.name = "arm",
		.library = SCMP_ARCH_ARM,
		.audit = AUDIT_ARCH_ARM,
		.beside = AUDIT_ARCH_AARCH64,
		.narrow = true},
	{.name = "x86",
		.library = SCMP_ARCH_X86,
		.audit = AUDIT_ARCH_I386,
		.beside = AUDIT_ARCH_X86_64,
		.narrow = true},
	{.name = "x32",
		.library = SCMP_ARCH_X32,
		.audit = AUDIT_ARCH_X86_64,
		.base = SECCOMP_X32_BIT,
		.beside = AUDIT_ARCH_X86_64},
	{.name = NULL},
};
#define ABIS (COUNT(seccomp_abis) - 1)
#define NATIVE_ABIS 3 /* the first ones: those that we build for */

static const struct seccomp_abi *target;

/* Linux 6.8 to 6.17, where the library of Debian 12 ends at 456; and names of manual pages that
 * the library has otherwise. */
static const struct {
	const char *name;
	unsigned short number;
	uint32_t only; /* AUDIT_ARCH_*; 0: everywhere */
} newer[] = {
	{"fadvise64_64", 270, AUDIT_ARCH_ARM},
	{"sync_file_range2", 341, AUDIT_ARCH_ARM},
	/* made by a return probe of the kernel's, not by the program */
	{"uretprobe", 335, AUDIT_ARCH_X86_64},
	{"statmount", 457, 0},
	{"listmount", 458, 0},
	{"lsm_get_self_attr", 459, 0},
	{"lsm_set_self_attr", 460, 0},
	{"lsm_list_modules", 461, 0},
	{"mseal", 462, 0},
	{"setxattrat", 463, 0},
	{"getxattrat", 464, 0},
	{"listxattrat", 465, 0},
	{"removexattrat", 466, 0},
	{"open_tree_attr", 467, 0},
	{"file_getattr", 468, 0},
	{"file_setattr", 469, 0},
};

/* Calls that differ in the width of a type that lies in memory, or in what the kernel does with
 * the same arguments. 32-bit architectures have the second. */
static const struct {
	const char *one, *other;
} same_calls[] = {
	{"mmap", "mmap2"},
	{"fcntl", "fcntl64"},
	{"sendfile", "sendfile64"},
	{"stat", "stat64"},
	{"lstat", "lstat64"},
	{"fstat", "fstat64"},
	{"newfstatat", "fstatat64"},
	{"getrlimit", "ugetrlimit"},
	{"select", "_newselect"},
	{"chown", "chown32"},
	{"lchown", "lchown32"},
	{"fchown", "fchown32"},
	{"getgroups", "getgroups32"},
	{"setgroups", "setgroups32"},
	{"setuid", "setuid32"},
	{"setgid", "setgid32"},
	{"setreuid", "setreuid32"},
	{"setregid", "setregid32"},
	{"setresuid", "setresuid32"},
	{"setresgid", "setresgid32"},
	{"setfsuid", "setfsuid32"},
	{"setfsgid", "setfsgid32"},
	{"futex", "futex_time64"},
	{"ppoll", "ppoll_time64"},
	{"pselect6", "pselect6_time64"},
	{"recvmmsg", "recvmmsg_time64"},
	{"rt_sigtimedwait", "rt_sigtimedwait_time64"},
	{"semtimedop", "semtimedop_time64"},
	{"mq_timedsend", "mq_timedsend_time64"},
	{"mq_timedreceive", "mq_timedreceive_time64"},
	{"sched_rr_get_interval", "sched_rr_get_interval_time64"},
	{"utimensat", "utimensat_time64"},
	{"io_pgetevents", "io_pgetevents_time64"},
	{"clock_gettime", "clock_gettime64"},
	{"clock_settime", "clock_settime64"},
	{"clock_getres", "clock_getres_time64"},
	{"clock_adjtime", "clock_adjtime64"},
	{"clock_nanosleep", "clock_nanosleep_time64"},
	{"timer_gettime", "timer_gettime64"},
	{"timer_settime", "timer_settime64"},
	{"timerfd_gettime", "timerfd_gettime64"},
	{"timerfd_settime", "timerfd_settime64"},
};

struct name {
	const char *text;
	unsigned slot;
};

struct dirlist {
	bool ready;
	const char *of[SECCOMP_SLOTS];
	struct name sorted[SECCOMP_SLOTS + 16]; /* two names for one call among them */
	size_t count;
};

int seccomp_target(uint32_t arch)
{
	for (size_t i = 0; i < NATIVE_ABIS; i++) {
		if (seccomp_abis[i].audit == arch) {
			target = &seccomp_abis[i];
			return 0;
		}
	}
	return -EINVAL;
}

uint32_t seccomp_native(void)
{
	return target->audit;
}

const struct seccomp_abi *abi_native(void)
{
	return target;
}

static bool has_private(const struct seccomp_abi *abi)
{
	return abi->audit == AUDIT_ARCH_ARM;
}

static int by_text(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	return strcmp(x->text, y->text);
}

static void add_newer(const struct seccomp_abi *abi, struct dirlist *names)
{
	for (size_t i = 0; i < COUNT(newer); i++) {
		const char **of = &names->of[newer[i].number];
		if ((newer[i].only != 0 && newer[i].only != abi->audit) ||
			(*of && strcmp(*of, newer[i].name) == 0))
			continue;
		names->sorted[names->count++] = (struct name){newer[i].name, newer[i].number};
		*of = *of ? *of : newer[i].name;
	}
}

/* Kept for the program's life: the library searches its whole table for each. */
static const struct dirlist *names_of(const struct seccomp_abi *abi)
{
	static struct dirlist all[ABIS];
	struct dirlist *names = &all[abi - seccomp_abis];
	if (names->ready)
		return names;
	for (unsigned slot = 0; slot < SECCOMP_SLOTS; slot++) {
		unsigned number = slot < SECCOMP_NUMBERS ? slot
												 : SECCOMP_ARM_PRIVATE + slot - SECCOMP_NUMBERS;
		if (slot < SECCOMP_NUMBERS || has_private(abi))
			names->of[slot] = seccomp_syscall_resolve_num_arch(abi->library,
				(int)(number + abi->base));
		if (names->of[slot])
			names->sorted[names->count++] = (struct name){names->of[slot], slot};
	}
	add_newer(abi, names);
	qsort(names->sorted, names->count, sizeof(names->sorted[0]), by_text);
	names->ready = true;
	return names;
}

const char *abi_call_name(const struct seccomp_abi *abi, unsigned slot)
{
	return names_of(abi)->of[slot];
}

unsigned seccomp_slot(unsigned number)
{
	unsigned above = number - SECCOMP_ARM_PRIVATE;
	if (number < SECCOMP_NUMBERS)
		return number;
	return number >= SECCOMP_ARM_PRIVATE && above < SECCOMP_SLOTS - SECCOMP_NUMBERS
		? SECCOMP_NUMBERS + above
		: SECCOMP_SLOTS;
}

const char *seccomp_call_name(unsigned number)
{
	unsigned slot = seccomp_slot(number);
	return slot < SECCOMP_SLOTS ? abi_call_name(abi_native(), slot) : NULL;
}

static int find_name(const struct seccomp_abi *abi, const char *name)
{
	const struct dirlist *names = names_of(abi);
	struct name key = {.text = name};
	const struct name *found = bsearch(&key, names->sorted, names->count, sizeof(key), by_text);
	return found ? (int)found->slot : -ENOENT;
}

int abi_find_call(const struct seccomp_abi *abi, struct span call)
{
	char name[64];
	uint64_t number;
	if (span_copy(call, name, sizeof(name)) < 0)
		return -EINVAL;
	if (num_int(call, UINT64_MAX, &number) == 0) {
		if (number >= SECCOMP_NUMBERS)
			return -EINVAL;
		return number < SECCOMP_COMMON ? -ERANGE : (int)number;
	}
	int slot = find_name(abi, name);
	for (size_t i = 0; slot < 0 && i < ABIS; i++)
		if (find_name(&seccomp_abis[i], name) >= 0)
			return -ENOENT;
	return slot < 0 ? -EINVAL : slot;
}

void abi_try_names(const struct seccomp_abi *abi, struct nearest *near)
{
	const struct dirlist *names = names_of(abi);
	for (size_t i = 0; i < names->count; i++)
		nearest_try(near, span_of(names->sorted[i].text));
}

bool abi_same_call(struct span a, struct span b)
{
	if (a.n == 0 || b.n == 0 || span_same(a, b))
		return span_same(a, b);
	for (size_t i = 0; i < COUNT(same_calls); i++) {
		const char *one = same_calls[i].one, *other = same_calls[i].other;
		/* Asked for each call of each rule: most have another first letter. */
		if (one[0] != a.p[0] && other[0] != a.p[0])
			continue;
		if ((span_is(a, one) && span_is(b, other)) || (span_is(a, other) && span_is(b, one)))
			return true;
	}
	return false;
}
