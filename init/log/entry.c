/* SPDX-License-Identifier: MIT
 * The line that stands in the ring becomes an entry.
 */
#include "log/log.h"
#include <string.h>

#define PRIORITY_MAX 191 /* syslog(3): facility 23, severity 7 */
#define NOTE_LEVEL 4     /* warning */

uint8_t log_line_level(const char *p, size_t n, uint8_t *skip)
{
	uint32_t value = 0;
	uint8_t i = 1;
	*skip = 0;
	if (n < 3 || p[0] != '<')
		return RING_DEFAULT_LEVEL;
	for (; i < n && i < 4 && p[i] >= '0' && p[i] <= '9'; i++)
		value = value * 10 + (uint32_t)(p[i] - '0');
	if (i == 1 || i >= n || p[i] != '>' || value > PRIORITY_MAX)
		return RING_DEFAULT_LEVEL;
	*skip = (uint8_t)(i + 1);
	return value & 7;
}

void log_line_store(struct log *l, struct log_service *s, uint8_t flags, struct log_time now)
{
	char text[CONFIG_MAX_LINE];
	uint32_t n = ring_line_length(&s->ring);
	uint8_t level, skip;
	ring_line_copy(&s->ring, text, n);
	level = log_line_level(text, n, &skip);
	if (flags & RING_NOTE)
		level = NOTE_LEVEL;
	ring_line_store(&s->ring, now.ns, level, (uint8_t)(flags | skip << RING_SKIP_SHIFT));
	s->changed = true;
	if (s->forward)
		log_kmsg_write(l, s->name, level, text + skip, n - skip);
}

bool log_line_note(struct log *l, struct log_service *s, const char *text, struct log_time now)
{
	uint32_t n = (uint32_t)strlen(text);
	if (!s->ring.header || s->begun || log_store_reserve(s, n))
		return false;
	ring_line_add(&s->ring, text, n);
	log_line_store(l, s, RING_NOTE, now);
	return true;
}
