// needs: base/ring.c
/* SPDX-License-Identifier: MIT
 * Any bytes in a ring's file, as bulkhead-log adopts it after a crash: refused, or written on and
 * read without leaving the file, and what is written now can be read again.
 */
#include "base/ring.h"
#include <stdlib.h>
#include <string.h>

#define SIZE 16384u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ring_view view_of(const struct ring *r)
{
	return (struct ring_view){r->data, r->capacity, r->header->tail, r->header->head};
}

/* The number of entries; *last is the text of the newest. */
static unsigned read_all(const struct ring *r, char *last, uint16_t *length)
{
	struct ring_view view = view_of(r);
	struct ring_entry entry;
	uint64_t position = 0;
	unsigned n = 0;
	while (ring_read(&view, &position, &entry, last)) {
		*length = entry.length;
		if (++n > SIZE)
			abort();
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char line[] = "a line after it";
	static char text[CONFIG_MAX_LINE + 1];
	struct ring r, copy;
	uint16_t length = 0;
	unsigned char *file = aligned_alloc(8, SIZE), *other = aligned_alloc(8, SIZE);
	if (!file || !other)
		abort();
	memset(file, 0, SIZE);
	ring_format(&r, file, SIZE, 0, 0);
	memcpy(file + offsetof(struct ring_header, tail), data,
		size < SIZE - offsetof(struct ring_header, tail)
			? size
			: SIZE - offsetof(struct ring_header, tail));
	if (ring_open(&r, file, SIZE) == 0) {
		read_all(&r, text, &length);
		ring_format(&copy, other, SIZE, r.header->tail, 0);
		ring_copy(&copy, &r);
		ring_line_forget(&r);
		ring_line_add(&r, line, sizeof(line) - 1);
		ring_line_store(&r, 1, 6, 0);
		if (read_all(&r, text, &length) == 0 || length != sizeof(line) - 1 ||
			memcmp(text, line, length) != 0)
			abort();
	}
	free(file);
	free(other);
	return 0;
}
