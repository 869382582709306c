/* SPDX-License-Identifier: MIT
 * FNV-1a: see hash.h for what it is good for. Byte by byte, so the value is the same on every
 * architecture.
 */
#include "base/hash.h"

#define FNV_PRIME 0x100000001b3ull

uint64_t hash_bytes(uint64_t h, const void *p, size_t n)
{
	const unsigned char *byte = p;
	for (size_t i = 0; i < n; i++)
		h = (h ^ byte[i]) * FNV_PRIME;
	return h;
}
