/* SPDX-License-Identifier: MIT
 * A kernel's version: see kernel.h. */
#include "base/kernel.h"
#include "base/num.h"

unsigned kernel_version(struct span text)
{
	struct span first, rest;
	uint64_t major, minor;
	size_t digits = 0;
	if (!span_cut(text, '.', &first, &rest))
		return 0;
	while (digits < rest.n && rest.p[digits] >= '0' && rest.p[digits] <= '9')
		digits++;
	rest.n = digits;
	if (num_u64(first, 999, &major) < 0 || num_u64(rest, 999, &minor) < 0)
		return 0;
	return KERNEL((unsigned)major, (unsigned)minor);
}
