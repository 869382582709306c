/* SPDX-License-Identifier: MIT
 * For clang-tidy alone: tells the analyser what it does not know of errno, that after a failed call it is positive. Else it sees
 * `return -errno` give 0, and everything behind it used uninitialised.
 */
#pragma once
#include <errno.h>

static inline int *positive_errno(void)
{
	int *e = __errno_location();
	if (*e <= 0)
		__builtin_unreachable();
	return e;
}
#undef errno
#define errno (*positive_errno())
