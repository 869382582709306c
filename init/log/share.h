/* SPDX-License-Identifier: MIT
 * What one service may cost. A turn is bounded in bytes and in lines, since a line of two bytes
 * costs as much as one of eighty. And a service has a sixteenth of a CPU of bulkhead-log, after a
 * burst: one that costs more rests until it has paid, its pipe fills, and it is the only one that
 * waits. Pure.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* of one service before the others have their turn: what a pipe holds */
#define LOG_ROUND_BYTES (64 * 1024)
#define LOG_ROUND_LINES 1024
#define LOG_SHARE 16      /* one part in so many of a CPU */
#define LOG_BURST_US 4000 /* before it counts */
/* that may still be owed when a rest ends: one rest is worth its two calls of epoll_ctl(2) */
#define LOG_AGAIN_US 2000
#define LOG_REST_MAX_MS 500 /* one rest */

struct log_share {
	uint64_t owed_us;
	uint64_t since_ms; /* when that was so much */
	bool is_long;      /* its last full round was over by its bytes */
};

struct log_round {
	size_t bytes, lines;
};

/* After a turn that cost so much: for how many milliseconds the service rests, 0 = not at all. */
uint32_t log_share_charge(struct log_share *h, uint64_t spent_us, uint64_t now_ms);
/* How much of its pipe is to be read now, at most `most` bytes; 0 = the round is over. */
size_t log_share_next(struct log_share *h, const struct log_round *r, size_t most);
