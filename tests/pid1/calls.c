/* SPDX-License-Identifier: MIT
 * Numbers of system calls: see calls.h. */
#include "pid1/calls.h"
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
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
