/* SPDX-License-Identifier: MIT
 * What the services and the monitor share: a file of slots, one a service, slot 0 for the monitor
 * itself.
 */
#pragma once
#include <stdint.h>

#define BOARD_PATH "/bench/board"
#define BOARD_SLOTS 1024
#define COST_SLOT 512 /* from here on: COST_KINDS slots for each run of cost */
#define COST_KINDS 3
#define COST_CALLS 10000

struct stamp {
	uint64_t ns; /* CLOCK_MONOTONIC at the first instruction */
	uint64_t starts;
};
