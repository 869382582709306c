/* SPDX-License-Identifier: MIT
 * The log ring: see ring.h. There is one writer. Its release stores order it against readers on
 * other processors. Against a crash of the writer program order is enough, since the mapping
 * outlives it.
 */
#include "base/ring.h"
#include <errno.h>
#include <string.h>

#define ENTRY_SIZE ((uint32_t)sizeof(struct ring_entry))

/* 64-bit atomics need libatomic on a few 32-bit machines (MIPS, old Arm); there the linker says
 * so. */
static void publish(uint64_t *where, uint64_t value)
{
	__atomic_store_n(where, value, __ATOMIC_RELEASE);
}

/* Keeps the compiler and the processor from moving later stores above the tail's, see
 * ring_make_room. */
static void fence(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

size_t ring_file_size(uint32_t kb)
{
	if (kb < RING_MIN_KB)
		kb = RING_MIN_KB;
	if (kb > RING_MAX_KB)
		kb = RING_MAX_KB;
	return (size_t)kb * 1024;
}

static void bytes_in(unsigned char *data, uint32_t capacity, uint64_t position, const void *p,
	uint32_t n)
{
	uint32_t at = (uint32_t)(position % capacity);
	uint32_t first = n < capacity - at ? n : capacity - at;
	memcpy(data + at, p, first);
	memcpy(data, (const unsigned char *)p + first, n - first);
}

static void bytes_out(const unsigned char *data, uint32_t capacity, uint64_t position, void *p,
	uint32_t n)
{
	uint32_t at = (uint32_t)(position % capacity);
	uint32_t first = n < capacity - at ? n : capacity - at;
	memcpy(p, data + at, first);
	memcpy((unsigned char *)p + first, data, n - first);
}

void ring_format(struct ring *r, void *file, size_t size, uint64_t position, uint32_t sequence)
{
	struct ring_header *h = file;
	r->header = h;
	r->data = (unsigned char *)file + sizeof(*h);
	memset(h, 0, sizeof(*h));
	fence(); /* no magic until the rest stands */
	h->version = RING_VERSION;
	h->capacity = r->capacity = (uint32_t)(size - sizeof(*h));
	h->tail = position;
	h->head = position;
	h->sequence = sequence;
	fence();
	memcpy(h->magic, RING_MAGIC, sizeof(h->magic));
}

bool ring_header_valid(const struct ring_header *h, size_t size)
{
	if (size < ring_file_size(RING_MIN_KB) || size > ring_file_size(RING_MAX_KB))
		return false;
	if (memcmp(h->magic, RING_MAGIC, sizeof(h->magic)) != 0 || h->version != RING_VERSION)
		return false;
	if (h->capacity != size - sizeof(*h) || h->open > CONFIG_MAX_LINE)
		return false;
	/* No ring has had so many bytes; one whose positions wrap around has no end for who reads
	 * it. */
	if (h->head > UINT64_MAX / 2)
		return false;
	return h->tail <= h->head && h->head - h->tail <= h->capacity;
}

size_t ring_header_extent(const struct ring_header *h)
{
	uint64_t end = h->tail % h->capacity + (h->head - h->tail) +
		(h->open ? ENTRY_SIZE + h->open : 0);
	return sizeof(*h) + (end < h->capacity ? (size_t)end : h->capacity);
}

/* Where the entry at `position` ends, or 0 if there can be none. */
static uint64_t entry_end(const struct ring_view *v, uint64_t position, struct ring_entry *entry)
{
	uint64_t left = v->head - position;
	if (left < ENTRY_SIZE)
		return 0;
	bytes_out(v->data, v->capacity, position, entry, ENTRY_SIZE);
	if (entry->length > CONFIG_MAX_LINE || entry->length > left - ENTRY_SIZE || entry->level > 7)
		return 0;
	if (entry->flags >> RING_SKIP_SHIFT > entry->length)
		return 0;
	return position + ENTRY_SIZE + entry->length;
}

int ring_open(struct ring *r, void *file, size_t size)
{
	struct ring_header *h = file;
	struct ring_view v = {.data = (unsigned char *)file + sizeof(*h)};
	struct ring_entry entry = {0};
	if (!ring_header_valid(h, size))
		return -EBADMSG;
	v.capacity = h->capacity;
	v.tail = h->tail;
	v.head = h->head;
	if (h->open && v.head - v.tail + ENTRY_SIZE + h->open > v.capacity)
		return -EBADMSG;
	for (uint64_t at = v.tail; at != v.head;) {
		at = entry_end(&v, at, &entry);
		if (!at)
			return -EBADMSG;
	}
	/* a crash between the head's store and the sequence number's */
	if (v.tail != v.head)
		h->sequence = entry.sequence + 1;
	r->header = h;
	r->data = (unsigned char *)file + sizeof(*h);
	r->capacity = v.capacity;
	return 0;
}

size_t ring_extent(const struct ring *r, uint32_t n)
{
	const struct ring_header *h = r->header;
	uint64_t end = h->head % r->capacity + ENTRY_SIZE + h->open + n;
	return sizeof(*h) + (end < r->capacity ? (size_t)end : r->capacity);
}

uint32_t ring_line_room(const struct ring *r)
{
	return CONFIG_MAX_LINE - r->header->open;
}

uint32_t ring_line_length(const struct ring *r)
{
	return r->header->open;
}

/* Ends with room for n bytes after head. Bounded: at most all entries go. */
static void make_room(struct ring *r, uint32_t n)
{
	struct ring_header *h = r->header;
	uint64_t tail = h->tail;
	while (h->head + n - tail > r->capacity) {
		struct ring_entry entry;
		bytes_out(r->data, r->capacity, tail, &entry, ENTRY_SIZE);
		tail += ENTRY_SIZE + entry.length;
		if (tail > h->head) /* only if somebody else wrote into the file */
			tail = h->head;
	}
	if (tail == h->tail)
		return;
	publish(&h->tail, tail);
	fence();
}

void ring_line_add(struct ring *r, const char *p, uint32_t n)
{
	struct ring_header *h = r->header;
	if (n > ring_line_room(r))
		n = ring_line_room(r);
	make_room(r, ENTRY_SIZE + h->open + n);
	bytes_in(r->data, r->capacity, h->head + ENTRY_SIZE + h->open, p, n);
	__atomic_store_n(&h->open, h->open + n, __ATOMIC_RELEASE);
}

void ring_line_copy(const struct ring *r, char *out, uint32_t n)
{
	bytes_out(r->data, r->capacity, r->header->head + ENTRY_SIZE, out, n);
}

void ring_line_store(struct ring *r, uint64_t time_ns, uint8_t level, uint8_t flags)
{
	struct ring_header *h = r->header;
	struct ring_entry entry = {.time_ns = time_ns,
		.sequence = h->sequence,
		.length = (uint16_t)h->open,
		.level = level & 7,
		.flags = flags};
	make_room(r, ENTRY_SIZE + h->open);
	bytes_in(r->data, r->capacity, h->head, &entry, ENTRY_SIZE);
	/* Before the head moves: a crash in between loses this line, the other way round would leave
	 * an unfinished line of foreign bytes. */
	__atomic_store_n(&h->open, 0, __ATOMIC_RELEASE);
	publish(&h->head, h->head + ENTRY_SIZE + entry.length);
	h->sequence++;
}

void ring_line_forget(struct ring *r)
{
	r->header->open = 0;
}

void ring_copy(struct ring *r, const struct ring *from)
{
	const struct ring_header *h = from->header;
	struct ring_view v = {.data = from->data,
		.capacity = from->capacity,
		.tail = h->tail,
		.head = h->head};
	struct ring_entry entry;
	char text[CONFIG_MAX_LINE];
	uint64_t at = v.tail;
	while (ring_read(&v, &at, &entry, text)) {
		r->header->sequence = entry.sequence;
		ring_line_add(r, text, entry.length);
		ring_line_store(r, entry.time_ns, entry.level, entry.flags);
	}
	r->header->dropped = h->dropped;
	if (!h->open)
		return;
	ring_line_copy(from, text, h->open);
	ring_line_add(r, text, h->open);
}

bool ring_read(const struct ring_view *v, uint64_t *position, struct ring_entry *entry, char *text)
{
	uint64_t end;
	if (*position < v->tail || *position > v->head)
		*position = v->tail;
	end = entry_end(v, *position, entry);
	/* the end, or bytes that are no entry: nothing after them can be told apart either */
	if (!end) {
		*position = v->head;
		return false;
	}
	bytes_out(v->data, v->capacity, *position + ENTRY_SIZE, text, entry->length);
	*position = end;
	return true;
}
