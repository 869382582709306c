/* SPDX-License-Identifier: MIT
 * The bare system call, one inline function per architecture. It is for children that share their
 * parent's memory (CLONE_VM): libc's syscall(2) stores to errno, which is the parent's there, and
 * libc's setuid family signals all threads. Private to base/.
 */
#pragma once

#define RAW_ARG(x) ((long)(x)) /* pointers and integers alike travel in a register */

#if defined(__x86_64__) && !defined(__ILP32__)

static inline long raw_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	long ret;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	/* The instruction overwrites rcx and r11 (return address and flags). */
	__asm__ volatile("syscall"
					 : "=a"(ret)
					 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
					 : "rcx", "r11", "memory");
	return ret;
}

#elif defined(__aarch64__) && !defined(__ILP32__)

static inline long raw_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;
	__asm__ volatile("svc #0"
					 : "+r"(x0)
					 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
					 : "memory");
	return x0;
}

#elif defined(__arm__) && defined(__ARM_EABI__)

static inline long raw_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r0 __asm__("r0") = a;
	register long r1 __asm__("r1") = b;
	register long r2 __asm__("r2") = c;
	register long r3 __asm__("r3") = d;
	register long r4 __asm__("r4") = e;
	register long r5 __asm__("r5") = f;
	long saved;
	/* r7 holds the number, but it is Thumb's frame pointer, which the compiler does not allow to be
	 * named. So it is saved and restored by hand. */
	__asm__ volatile("mov %[saved], r7\n\tmov r7, %[nr]\n\tsvc #0\n\tmov r7, %[saved]"
					 : [saved] "=&r"(saved), "+r"(r0)
					 : [nr] "r"(nr), "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5)
					 : "memory");
	return r0;
}

#else
#error "base/raw.h: no system call instruction for this architecture yet"
#endif
