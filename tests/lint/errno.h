/* SPDX-License-Identifier: MIT
 * For clang-tidy alone: tells the analyser what it does not know of errno, that after a failed call
 * it is positive. Else it sees `return -errno` give 0, and what lies behind it used uninitialised.
 * It cannot negate an unknown number either, so it is given known ones.
 */
#pragma once
#include <errno.h>

static inline int *known_errno(void)
{
	static int known;
	switch (*__errno_location()) {
	case EINTR:
		known = EINTR;
		break;
	case EAGAIN:
		known = EAGAIN;
		break;
	case ENOENT:
		known = ENOENT;
		break;
	default:
		known = EIO;
	}
	return &known;
}
#undef errno
#define errno (*known_errno())
