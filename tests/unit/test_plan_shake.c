// needs: plan base tests/unit/plan_sample.c CONFIG_PLAN_DUMP
/* SPDX-License-Identifier: MIT
 * Damaged plans: cut at every length, every bit flipped, every byte and random words changed under
 * a right checksum. They are opened or refused, but nothing outside is ever read (the sanitizer
 * watches), neither by the check nor by the accessors nor by the dump.
 */
#include "base/count.h"
#include "plan/dump.h"
#include "unit/plan_sample.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROUNDS_DEFAULT 50000 /* BULKHEAD_ROUNDS=N for more, BULKHEAD_SEED=N for others */

static unsigned char *good;
static size_t good_size;
static const struct plan_header *good_header;
static struct plan good_plan;
static FILE *nowhere;

static int make_good(void **state)
{
	(void)state;
	good = sample_make(&good_size);
	good_header = (const void *)good;
	nowhere = fopen("/dev/null", "w");
	return plan_open(&good_plan, good, good_size, plan_native_arch()) == PLAN_OK ? 0 : -1;
}

static int drop_good(void **state)
{
	(void)state;
	free(good);
	return fclose(nowhere);
}

static enum plan_error open_copy(const unsigned char *bytes, size_t size)
{
	unsigned char *copy = sample_copy(bytes, size);
	struct plan p;
	enum plan_error err = plan_open(&p, copy, size, 0);
	if (err == PLAN_OK)
		sample_walk(&p);
	else
		assert_null(p.base);
	free(copy);
	return err;
}

/* An opened plan is read in every way there is. The dump is slow, so one in 32 has to do. */
static bool open_and_read(const unsigned char *bytes)
{
	static unsigned turn;
	struct plan p;
	if (plan_open(&p, bytes, good_size, 0) != PLAN_OK)
		return false;
	sample_walk(&p);
	if (turn++ % 32 == 0)
		plan_dump(&p, nowhere);
	return true;
}

static void cut_anywhere(void **state)
{
	(void)state;
	for (size_t size = 0; size < good_size; size++) {
		unsigned char *bytes = sample_copy(good, size);
		assert_int_equal(open_copy(bytes, size),
			size < sizeof(struct plan_header) ? PLAN_TOO_SMALL : PLAN_BAD_SIZE);
		if (size >= sizeof(struct plan_header)) { /* and now it claims to be so short */
			((struct plan_header *)bytes)->size = (uint32_t)size;
			sample_seal(bytes, size);
			assert_int_equal(open_copy(bytes, size), PLAN_BAD_STRINGS);
		}
		free(bytes);
	}
}

static void any_flipped_bit_is_noticed(void **state)
{
	unsigned char *bytes = sample_copy(good, good_size);
	const size_t version = offsetof(struct plan_header, version),
				 arch = offsetof(struct plan_header, arch);
	const size_t digest = offsetof(struct plan_header, digest),
				 checksum = offsetof(struct plan_header, checksum);
	struct plan p;
	(void)state;
	for (size_t at = 0; at < good_size; at++) {
		for (int bit = 0; bit < 8; bit++) {
			bytes[at] ^= (unsigned char)(1 << bit);

			enum plan_error err = plan_open(&p, bytes, good_size, plan_native_arch());
			if (at >= checksum)
				assert_int_equal(err, PLAN_BAD_CHECKSUM);
			/* versions next to ours and any digest are fine */
			else if (at < version || (at >= arch && at < digest))
				assert_int_not_equal(err, PLAN_OK);
			bytes[at] ^= (unsigned char)(1 << bit);
		}
	}
	free(bytes);
}

/* Every byte takes several values under a right checksum: opened or refused, but never a read
 * outside. */
static void any_byte_may_be_anything(void **state)
{
	unsigned char *bytes = sample_copy(good, good_size);
	unsigned opened = 0, refused = 0;
	(void)state;
	for (size_t at = 0; at < good_size; at++) {
		const unsigned char old = bytes[at];
		const unsigned char values[] = {0, 1, 0x7f, 0x80, 0xff, (unsigned char)(old + 1),
			(unsigned char)(old - 1), old ^ 8};
		for (size_t i = 0; i < COUNT(values); i++) {
			bytes[at] = values[i];
			sample_seal(bytes, good_size);
			if (open_and_read(bytes))
				opened++;
			else
				refused++;
		}
		bytes[at] = old;
	}
	free(bytes);
	assert_true(opened > 100);
	assert_true(refused > 100);
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	uint64_t v = text ? strtoull(text, NULL, 0) : otherwise;
	return v ? v : otherwise; /* the generator does not leave zero */
}

static uint32_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)(*seed >> 16);
}

/* Whole words at once, where offsets, counts and indexes live. */
static void shake(unsigned char *bytes, uint64_t *seed)
{
	const uint32_t interesting[] = {
		0,
		1,
		7,
		8,
		UINT32_MAX,
		UINT32_MAX - 7,
		0x80000000u,
		(uint32_t)good_size,
		(uint32_t)good_size - 8,
		good_header->strings_size,
		good_header->strings_size - 1,
		good_header->strings_off,
		SAMPLE_COUNT,
		sizeof(struct plan_header),
	};
	for (uint32_t n = 1 + next_random(seed) % 4; n > 0; n--) {
		size_t at = next_random(seed) % (good_size / 4) * 4;
		uint32_t v = next_random(seed) % 4 ? interesting[next_random(seed) % COUNT(interesting)]
										   : next_random(seed);
		memcpy(bytes + at, &v, sizeof(v));
	}
}

static void many_words_may_be_anything(void **state)
{
	uint64_t seed = from_environment("BULKHEAD_SEED", 0x9e3779b97f4a7c15ull);
	const uint64_t rounds = from_environment("BULKHEAD_ROUNDS", ROUNDS_DEFAULT);
	unsigned char *bytes = sample_copy(good, good_size);
	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	for (uint64_t round = 0; round < rounds; round++) {
		memcpy(bytes, good, good_size);
		shake(bytes, &seed);
		/* or hardly any would get further */
		memcpy(bytes, good, offsetof(struct plan_header, checksum));
		sample_seal(bytes, good_size);
		open_and_read(bytes);
	}
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(any_flipped_bit_is_noticed),
		cmocka_unit_test(any_byte_may_be_anything),
		cmocka_unit_test(many_words_may_be_anything),
	};
	return cmocka_run_group_tests(tests, make_good, drop_good);
}
