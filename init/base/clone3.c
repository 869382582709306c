/* SPDX-License-Identifier: MIT
 * clone3(2) with a new stack cannot be called from C: the child returns from the system call on an
 * empty stack without a C frame. A few instructions per architecture call fn(arg) there. If fn
 * returns, the child dies by an illegal instruction.
 */
#include "base/sys.h"
#include <sys/syscall.h>

_Static_assert(SYS_clone3 == 435, "the same number on every architecture, and written out below");

long bulkhead_clone3_call(struct clone_args *args, size_t size, void (*fn)(void *), void *arg)
	__attribute__((visibility("hidden")));

#define BEGIN_FUNCTION \
	".pushsection .text.bulkhead_clone3_call,\"ax\",%progbits\n" \
	".balign 16\n" \
	".global bulkhead_clone3_call\n" \
	".hidden bulkhead_clone3_call\n" \
	".type bulkhead_clone3_call,%function\n"
#define END_FUNCTION \
	".size bulkhead_clone3_call,.-bulkhead_clone3_call\n" \
	".popsection\n"

/* clang-format off */
#if defined(__x86_64__) && !defined(__ILP32__)
/* rdi args, rsi size, rdx fn, rcx arg. The instruction overwrites rcx and r11; a call wants rsp
 * at a multiple of 16. */
__asm__(BEGIN_FUNCTION
		"bulkhead_clone3_call:\n"
		"	mov %rcx, %r8\n"
		"	mov $435, %eax\n"
		"	syscall\n"
		"	test %rax, %rax\n"
		"	jz 1f\n"
		"	ret\n"
		"1:	xor %ebp, %ebp\n" /* end of the chain of frames, for debuggers */
		"	and $-16, %rsp\n"
		"	mov %r8, %rdi\n"
		"	call *%rdx\n"
		"	ud2\n" END_FUNCTION);
#elif defined(__aarch64__) && !defined(__ILP32__)
/* x0 args, x1 size, x2 fn, x3 arg; all but x0 survive. An sp that is no multiple of 16 faults at
 * its first use. */
__asm__(BEGIN_FUNCTION
		"bulkhead_clone3_call:\n"
		"	mov x8, #435\n"
		"	svc #0\n"
		"	cbz x0, 1f\n"
		"	ret\n"
		"1:	mov x9, sp\n"
		"	and sp, x9, #-16\n"
		"	mov x29, xzr\n"
		"	mov x30, xzr\n"
		"	mov x0, x3\n"
		"	blr x2\n"
		"	brk #0\n" END_FUNCTION);
#elif defined(__arm__) && defined(__ARM_EABI__)
/* r0 args, r1 size, r2 fn, r3 arg; all but r0 survive, and ip is free. In ARM state; the linker
 * sees to calls from Thumb. 435 is no immediate operand of ARM, 432 and 3 are. */
__asm__(BEGIN_FUNCTION
		".arm\n"
		"bulkhead_clone3_call:\n"
		"	mov ip, r7\n"
		"	mov r7, #432\n"
		"	orr r7, r7, #3\n"
		"	svc #0\n"
		"	cmp r0, #0\n"
		"	movne r7, ip\n"
		"	bxne lr\n"
		"	mov fp, #0\n"
		"	bic ip, sp, #7\n"
		"	mov sp, ip\n"
		"	mov r0, r3\n"
		"	blx r2\n"
		"	.inst 0xe7f000f0\n" /* udf #0 */
#ifdef __thumb__
		".thumb\n"
#endif
		END_FUNCTION);
#else
#error "base/clone3.c: this architecture needs its few instructions"
#endif
/* clang-format on */

long sys_clone3(struct clone_args *args, size_t size, void (*fn)(void *), void *arg)
{
	return bulkhead_clone3_call(args, size, fn, arg);
}
