/* SPDX-License-Identifier: MIT
 * The seed of a test's random numbers: from SEED in the environment, else of the moment, and always
 * printed.
 */
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline uint64_t seed(void)
{
	static uint64_t value;
	const char *given = getenv("SEED");
	struct timespec ts;
	if (value)
		return value;
	clock_gettime(CLOCK_REALTIME, &ts);
	value = given ? strtoull(given, NULL, 0)
				  : (uint64_t)ts.tv_sec * 1000000007u + (uint64_t)ts.tv_nsec;
	value |= 1; /* xorshift stays at 0 */
	printf("SEED=%llu\n", (unsigned long long)value);
	return value;
}

static inline uint64_t next_random(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s * 0x2545f4914f6cdd1dull >> 11;
}
