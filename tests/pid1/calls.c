/* SPDX-License-Identifier: MIT
 * Numbers of system calls: see calls.h. */
#include "pid1/calls.h"
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/reg.h>
#include <sys/syscall.h>

bool call_never_fails(long n)
{
	static const long numbers[] = {SYS_umask, SYS_getpid, SYS_exit_group, SYS_rt_sigreturn,
		SYS_restart_syscall, SYS_rt_sigprocmask, SYS_rt_sigaction, SYS_sigaltstack,
		SYS_clock_gettime, SYS_arch_prctl, SYS_set_tid_address};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (n == numbers[i])
			return true;
	return false;
}

void call_name(long n, char name[32])
{
	char *known = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)n);
	snprintf(name, 32, "%s", known ? known : "?");
	free(known);
}

void call_skip(pid_t pid, long result)
{
	ptrace(PTRACE_POKEUSER, pid, sizeof(long) * ORIG_RAX, -1L);
	ptrace(PTRACE_POKEUSER, pid, sizeof(long) * RAX, result);
}

void call_hides(pid_t pid, long number, const char *file)
{
	union {
		long words[2];
		char text[16];
	} path;
	long at = ptrace(PTRACE_PEEKUSER, pid, sizeof(long) * RSI, NULL);
	if (number != SYS_openat || !at)
		return;
	path.words[0] = ptrace(PTRACE_PEEKDATA, pid, at, NULL);
	path.words[1] = ptrace(PTRACE_PEEKDATA, pid, at + (long)sizeof(long), NULL);
	if (strncmp(path.text, file, sizeof(path.text)) == 0)
		call_skip(pid, -ENOENT);
}

void call_confine(pid_t pid, long number)
{
	long type, third = ptrace(PTRACE_PEEKUSER, pid, sizeof(long) * RDX, NULL);
	if (number == SYS_sync)
		call_skip(pid, 0);
	if (number != SYS_mount || !third)
		return;
	type = ptrace(PTRACE_PEEKDATA, pid, third, NULL);
	if (memcmp(&type, "devtmpfs", sizeof(type)) == 0 || memcmp(&type, "proc", sizeof("proc")) == 0)
		call_skip(pid, -EBUSY);
}
