/* SPDX-License-Identifier: MIT
 * A small plan in which nothing is empty, for the tests of room plan: every list has elements,
 * every wall of one service a blob.
 */
#pragma once
#include "plan/plan.h"

enum sample_service {
	SAMPLE_LOG,
	SAMPLE_NETWORK,
	SAMPLE_NGINX,
	SAMPLE_BOOT,
	SAMPLE_BROKEN,
	SAMPLE_COUNT
};

#define SAMPLE_DIGEST 0x0123456789abcdefull

/* Fresh bytes of exactly the plan's size from malloc(3), so that the sanitizer sees the first
 * byte outside. */
unsigned char *sample_make(size_t *size);
/* A copy of the same kind. */
unsigned char *sample_copy(const unsigned char *bytes, size_t size);
/* After a change: makes the checksum right again. */
void sample_seal(unsigned char *bytes, size_t size);
/* Uses every accessor on everything, reading every byte that they give. The sum of the bytes, so
 * that nothing is left out. */
uint64_t sample_walk(const struct plan *p);
