/* SPDX-License-Identifier: MIT
 * A service's bytes become lines, lines become entries of its ring. The unfinished line stands in
 * the ring, so this file needs no buffer of its own and a restart of the program finds the line
 * where it was left.
 */
#include "base/fmt.h"
#include "log/log.h"
#include <string.h>

static bool rate_allows(struct log_rate *rate, uint64_t now_ms)
{
	if (!rate->burst || !rate->interval_ms)
		return true;
	if (now_ms - rate->since_ms >= rate->interval_ms) {
		rate->since_ms = now_ms;
		rate->lines = 0;
	}
	if (rate->lines >= rate->burst)
		return false;
	rate->lines++;
	return true;
}

static void drop(struct log_service *s)
{
	s->discard = true;
	s->rate.dropped++;
	if (!s->ring.header)
		return;
	s->ring.header->dropped++;
	s->changed = true;
}

uint64_t log_line_deadline(const struct log_service *s)
{
	uint64_t due = s->rate.dropped ? s->rate.since_ms + s->rate.interval_ms : 0;
	if (!s->used || (!s->rate.dropped && !s->lost) || s->begun)
		return LOG_NO_DEADLINE;
	if (!s->ring.header)
		return s->retry_ms;
	return due > s->retry_ms ? due : s->retry_ms;
}

void log_line_report(struct log *l, struct log_service *s, struct log_time now)
{
	char text[96];
	struct fmt f;
	if (now.ms < log_line_deadline(s))
		return;
	if (!s->ring.header)
		log_store_open(l, s, now);
	fmt_init(&f, text, sizeof(text));
	if (s->lost) {
		fmt_u64(&f, s->lost);
		fmt_str(&f, s->lost == 1 ? " byte" : " bytes");
		fmt_str(&f, " dropped before this: bulkhead-log was not running");
	} else {
		fmt_u64(&f, s->rate.dropped);
		fmt_str(&f, s->rate.dropped == 1 ? " line dropped" : " lines dropped");
	}
	if (!log_line_note(l, s, text, now))
		s->retry_ms = now.ms + LOG_RETRY_MS;
	else if (s->lost)
		s->lost = 0;
	else
		s->rate.dropped = 0;
}

/* The first bytes of a line, or of the rest of a split one: may it be stored? */
static void begin_line(struct log *l, struct log_service *s, struct log_time now)
{
	if (!s->begun)
		log_line_report(l, s, now);
	s->begun = true;
	if (!s->ring.header || !rate_allows(&s->rate, now.ms))
		drop(s);
}

/* Bytes of one line, without its end. */
static void add_bytes(struct log *l, struct log_service *s, const char *p, size_t n,
	struct log_time now)
{
	if (!s->begun)
		begin_line(l, s, now);
	while (n && !s->discard) {
		uint32_t room = ring_line_room(&s->ring);
		uint32_t part = n < room ? (uint32_t)n : room;
		if (!part) {
			log_line_store(l, s, RING_CONTINUES, now);
			/* each part counts, or one endless line would pass the rate limit by */
			begin_line(l, s, now);
			continue;
		}
		if (log_store_reserve(s, part)) {
			ring_line_forget(&s->ring);
			drop(s);
			return;
		}
		ring_line_add(&s->ring, p, part);
		p += part;
		n -= part;
	}
}

static void end_line(struct log *l, struct log_service *s, uint8_t flags, struct log_time now)
{
	if (!s->discard && log_store_reserve(s, 0) == 0)
		log_line_store(l, s, flags, now);
	else if (!s->discard)
		drop(s);
	s->begun = false;
	s->discard = false;
}

static size_t feed_lines(struct log *l, struct log_service *s, const char *p, size_t n,
	struct log_time now)
{
	size_t lines = 0;
	while (n) {
		const char *newline = memchr(p, '\n', n);
		size_t length = newline ? (size_t)(newline - p) : n;
		add_bytes(l, s, p, length, now);
		if (!newline)
			break;
		end_line(l, s, 0, now);
		lines++;
		p = newline + 1;
		n -= length + 1;
	}
	return lines;
}

size_t log_line_feed(struct log *l, struct log_service *s, const char *p, size_t n,
	struct log_time now)
{
	size_t before = s->over && s->over <= n ? s->over : n, lines;
	if (!s->ring.header && now.ms >= s->retry_ms)
		log_store_open(l, s, now);
	lines = feed_lines(l, s, p, before, now);
	if (!s->over)
		return lines;
	s->over -= (uint32_t)before;
	if (!s->over)
		log_line_flush(l, s, now);
	return lines + feed_lines(l, s, p + before, n - before, now);
}

void log_line_flush(struct log *l, struct log_service *s, struct log_time now)
{
	if (s->begun)
		end_line(l, s, RING_UNFINISHED, now);
}

void log_line_over(struct log *l, struct log_service *s, uint32_t left, struct log_time now)
{
	s->over = left;
	if (!left)
		log_line_flush(l, s, now);
}
