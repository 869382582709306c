/* SPDX-License-Identifier: MIT
 * The simulation's generator (splitmix64): the same seed gives the same history on every
 * machine. */
#pragma once
#include "simulate/sim.h"

static inline uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* 0 .. below-1 */
static inline uint32_t random_below(struct sim *s, uint32_t below)
{
	return below < 2 ? 0 : (uint32_t)((random_next(&s->random) >> 32) * below >> 32);
}

static inline bool random_chance(struct sim *s, uint32_t percent)
{
	return random_below(s, 100) < percent;
}

static inline uint32_t random_of(struct sim *s, const uint32_t *values, size_t count)
{
	return values[random_below(s, (uint32_t)count)];
}

/* The numbers of the services in a random order. */
static inline void random_order(struct sim *s, uint16_t *order)
{
	for (uint32_t i = 0; i < s->count; i++)
		order[i] = (uint16_t)i;
	for (uint32_t i = s->count; i > 1; i--) {
		uint32_t j = random_below(s, i);
		uint16_t swap = order[i - 1];
		order[i - 1] = order[j];
		order[j] = swap;
	}
}

#define RANDOM_OF(s, ...) \
	random_of(s, (const uint32_t[]){__VA_ARGS__}, \
		sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))
