/* SPDX-License-Identifier: MIT
 * System calls that learning does not watch. Every service makes them often, and they give it
 * nothing new: it reads, writes and waits for what it already holds. The cell's filter allows them,
 * and they are added to the learned list in any case.
 */
#pragma once
#include <sys/syscall.h>

#ifdef SYS_futex_time64
#define UNTRACED_32_BIT SYS_futex_time64, SYS_clock_gettime64, SYS_ppoll_time64,
#ifdef SYS_clock_gettime32 /* musl's name for the call of a 32-bit time */
#define SYS_clock_gettime SYS_clock_gettime32
#endif
#else
#define UNTRACED_32_BIT
#endif
/* Two calls with numbers above all others; each program makes the second before its main(). */
#ifdef __arm__
#define UNTRACED_ARM 0x0f0002 /* cacheflush */, 0x0f0005 /* set_tls */,
#else
#define UNTRACED_ARM
#endif
#ifdef SYS_epoll_wait
#define UNTRACED_OLD SYS_epoll_wait, SYS_poll,
#else
#define UNTRACED_OLD
#endif
#define CELL_LEARN_UNTRACED \
	UNTRACED_32_BIT UNTRACED_ARM UNTRACED_OLD SYS_read, SYS_write, SYS_readv, SYS_writev, \
		SYS_futex, SYS_epoll_pwait, SYS_ppoll, SYS_clock_gettime, SYS_rt_sigreturn, \
		SYS_rt_sigprocmask, SYS_restart_syscall, SYS_close, SYS_exit, SYS_exit_group
/* The same by name, for the list. Names that an architecture does not have are left out there. */
#define CELL_LEARN_UNTRACED_NAMES \
	"read write readv writev futex futex_time64 epoll_wait epoll_pwait poll ppoll ppoll_time64 clock_gettime clock_gettime64 rt_sigreturn " \
	"rt_sigprocmask restart_syscall close exit exit_group cacheflush set_tls"
