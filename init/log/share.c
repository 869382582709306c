/* SPDX-License-Identifier: MIT
 * What one service may cost: see share.h. */
#include "log/share.h"

uint32_t log_share_charge(struct log_share *h, uint64_t spent_us, uint64_t now_ms)
{
	uint64_t paid_us = (now_ms - h->since_ms) * 1000 / LOG_SHARE;
	h->owed_us = spent_us + (h->owed_us > paid_us ? h->owed_us - paid_us : 0);
	h->since_ms = now_ms;
	if (h->owed_us <= LOG_BURST_US)
		return 0;
	uint64_t rest_ms = (h->owed_us - LOG_AGAIN_US) * LOG_SHARE / 1000;
	if (rest_ms <= LOG_REST_MAX_MS)
		return (uint32_t)rest_ms;
	/* whatever held the machine up is not its debt for ever */
	h->owed_us = LOG_AGAIN_US + LOG_REST_MAX_MS * 1000 / LOG_SHARE;
	return LOG_REST_MAX_MS;
}

/* No read has more lines than bytes: until it is seen to write long ones it is read in small
 * parts. */
size_t log_share_next(struct log_share *h, const struct log_round *r, size_t most)
{
	if (r->lines >= LOG_ROUND_LINES)
		h->is_long = false;
	else if (r->bytes >= LOG_ROUND_BYTES)
		h->is_long = true;
	else
		return h->is_long || most < LOG_ROUND_LINES ? most : LOG_ROUND_LINES;
	return 0;
}
