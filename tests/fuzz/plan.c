// needs: plan/*.c base/*.c tests/unit/plan_sample.c
/* SPDX-License-Identifier: MIT
 * Any bytes below a right header and checksum: the plan is opened or refused, and nothing outside
 * it is read.
 */
#include "plan/dump.h"
#include "unit/plan_sample.h"
#include <stdlib.h>
#include <string.h>

#define MOST (64u * 1024)

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned char *good;
static size_t good_size;
static FILE *nowhere;

static void prepare(void)
{
	if (good)
		return;
	good = sample_make(&good_size);
	nowhere = fopen("/dev/null", "w");
	if (!good || !nowhere)
		abort();
}

/* What is too short to be a plan becomes the sample, so that the fuzzer begins beyond the header
 * whatever the format is today. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	(void)seed;
	prepare();
	if (size < sizeof(struct plan_header) && good_size <= max) {
		memcpy(data, good, good_size);
		size = good_size;
	}
	return LLVMFuzzerMutate(data, size, max);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct plan p;
	prepare();
	if (size < sizeof(struct plan_header) || size > MOST)
		return 0;
	unsigned char *bytes = sample_copy(data, size);
	memcpy(bytes, good, offsetof(struct plan_header, checksum));
	((struct plan_header *)bytes)->size = (uint32_t)size;
	sample_seal(bytes, size);
	if (plan_open(&p, bytes, size, 0) == PLAN_OK) {
		sample_walk(&p);
		plan_dump(&p, nowhere);
	}
	free(bytes);
	return 0;
}
