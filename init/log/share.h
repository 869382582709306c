/* SPDX-License-Identifier: MIT
 * What one service may cost. A turn is bounded in bytes and in lines, since a line of two bytes
 * costs as much as one of eighty. A service may use a sixteenth of a CPU for bulkhead-log, after a
 * burst. One that costs more rests until it has paid: its pipe fills, and it is the only one that
 * waits. Pure.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* per turn of one service: what a pipe holds */
#define LOG_ROUND_BYTES (64 * 1024)
#define LOG_ROUND_LINES 1024
#define LOG_SHARE 16      /* its share of a CPU is 1 / LOG_SHARE */
#define LOG_BURST_US 4000 /* free of charge at first */
/* Debt that may be left when a rest ends: a rest costs two calls of epoll_ctl(2). */
#define LOG_AGAIN_US 2000
#define LOG_REST_MAX_MS 500 /* a rest at most */

struct log_share {
	uint64_t owed_us;
	uint64_t since_ms; /* time of that debt */
	bool is_long;      /* its last full round ended by its bytes */
};

struct log_round {
	size_t bytes, lines;
};

/* Charges a turn. Returns the milliseconds that the service rests, 0 = none. */
uint32_t log_share_charge(struct log_share *h, uint64_t spent_us, uint64_t now_ms);
/* How many bytes of its pipe to read now, at most `most`; 0 = the round is over. */
size_t log_share_next(struct log_share *h, const struct log_round *r, size_t most);
