/* SPDX-License-Identifier: MIT
 * Writing a plan: see write.h. Equal items are found by a hash table of fixed size with open
 * addressing; a linear search would take seconds for a plan of many services.
 */
#include "plan/write.h"
#include "base/config.h"
#include "base/hash.h"
#include <stddef.h>
#include <string.h>

#define SLOT_LIMIT (PLAN_WRITE_SLOTS / 4 * 3) /* so that a search always ends at a free slot */
#define CHECKED_FROM (offsetof(struct plan_header, checksum) + sizeof(uint64_t))

_Static_assert((PLAN_WRITE_SLOTS & (PLAN_WRITE_SLOTS - 1)) == 0, "slots are found by masking");

/* The slot of these bytes of `pool`, or the free one where they would go. */
static struct plan_writer_slot *find_slot(struct plan_writer_index *index, const void *pool,
	const void *bytes, size_t size)
{
	uint64_t h = hash_bytes(HASH_INIT, bytes, size);
	for (;; h++) {
		struct plan_writer_slot *slot = &index->slot[h & (PLAN_WRITE_SLOTS - 1)];
		if (slot->size == 0)
			return slot;
		if (slot->size == size && memcmp((const char *)pool + slot->off, bytes, size) == 0)
			return slot;
	}
}

static void take_slot(struct plan_writer_index *index, struct plan_writer_slot *slot, size_t off,
	size_t size)
{
	if (index->used >= SLOT_LIMIT)
		return;
	index->used++;
	*slot = (struct plan_writer_slot){(uint32_t)off, (uint32_t)size};
}

static size_t round_up_8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/* Room for `size` bytes at the end of the front part, zeroed up to the next multiple of 8. NULL
 * sets `full`. */
static unsigned char *reserve(struct plan_writer *w, size_t size)
{
	size_t room = w->cap - w->len;
	if (w->full || size > room || round_up_8(size) > room) {
		w->full = true;
		return NULL;
	}
	unsigned char *at = w->buf + w->len;
	memset(at, 0, round_up_8(size));
	w->len += round_up_8(size);
	return at;
}

void plan_write_begin(struct plan_writer *w, unsigned char *buf, size_t cap, char *strings,
	size_t strings_cap, uint32_t service_count)
{
	const size_t max = (size_t)CONFIG_MAX_PLAN_KB * 1024;
	memset(w, 0, sizeof(*w));
	w->buf = buf;
	w->cap = cap < max ? cap : max; /* plan_open refuses larger ones */
	w->strings = strings;
	w->strings_cap = strings_cap;
	w->service_count = service_count;
	w->full = strings_cap == 0 || (uintptr_t)buf % 8 != 0 || service_count > CONFIG_MAX_SERVICES;
	reserve(w, sizeof(struct plan_header));
	reserve(w, service_count * sizeof(struct plan_service));
	if (w->full)
		return;
	strings[0] = '\0';
	w->strings_len = 1;
}

plan_str plan_write_text(struct plan_writer *w, const char *text)
{
	return plan_write_span(w, span_of(text));
}

plan_str plan_write_span(struct plan_writer *w, struct span text)
{
	if (w->full || text.n == 0)
		return 0;
	/* The NUL is not part of what is compared: a span has none. */
	struct plan_writer_slot *slot = find_slot(&w->texts, w->strings, text.p, text.n);
	if (slot->size != 0)
		return slot->off;
	if (text.n >= w->strings_cap - w->strings_len || memchr(text.p, '\0', text.n)) {
		w->full = true;
		return 0;
	}
	size_t off = w->strings_len;
	memcpy(w->strings + off, text.p, text.n);
	w->strings[off + text.n] = '\0';
	w->strings_len += text.n + 1;
	take_slot(&w->texts, slot, off, text.n);
	return (plan_str)off;
}

/* The offset of a copy of these bytes, 0 if there is none. */
static uint32_t write_item(struct plan_writer *w, const void *bytes, size_t size)
{
	if (w->full)
		return 0;
	struct plan_writer_slot *slot = find_slot(&w->items, w->buf, bytes, size);
	if (slot->size != 0)
		return slot->off;
	size_t off = w->len;
	unsigned char *at = reserve(w, size);
	if (!at)
		return 0;
	memcpy(at, bytes, size);
	take_slot(&w->items, slot, off, size);
	return (uint32_t)off;
}

struct plan_list plan_write_list(struct plan_writer *w, const void *elements, size_t element_size,
	size_t count)
{
	if (count == 0)
		return (struct plan_list){0};
	if (element_size == 0 || count > w->cap / element_size) {
		w->full = true;
		return (struct plan_list){0};
	}
	uint32_t off = write_item(w, elements, element_size * count);
	return off ? (struct plan_list){off, (uint32_t)count} : (struct plan_list){0};
}

struct plan_blob plan_write_blob(struct plan_writer *w, const void *bytes, size_t size)
{
	uint32_t off = size > 0 ? write_item(w, bytes, size) : 0;
	return off ? (struct plan_blob){off, (uint32_t)size} : (struct plan_blob){0};
}

void plan_write_service(struct plan_writer *w, uint32_t index, const struct plan_service *s)
{
	if (index >= w->service_count)
		w->full = true;
	if (w->full)
		return;
	memcpy(w->buf + sizeof(struct plan_header) + index * sizeof(*s), s, sizeof(*s));
}

size_t plan_write_end(struct plan_writer *w, const struct plan_machine *machine, uint32_t arch,
	uint64_t digest)
{
	if (w->full || w->strings_len > w->cap - w->len) {
		w->full = true;
		return 0;
	}
	size_t size = w->len + w->strings_len;
	struct plan_header h = {
		.version = PLAN_VERSION,
		.compatible = PLAN_COMPATIBLE,
		.arch = arch,
		.size = (uint32_t)size,
		.digest = digest,
		.strings_off = (uint32_t)w->len,
		.strings_size = (uint32_t)w->strings_len,
		.machine = *machine,
	};
	memcpy(h.magic, PLAN_MAGIC, sizeof(h.magic));
	if (w->service_count > 0)
		h.services = (struct plan_list){sizeof(h), w->service_count};
	memcpy(w->buf + w->len, w->strings, w->strings_len);
	memcpy(w->buf, &h, sizeof(h));
	/* The checksum covers what follows its own field, so it is made from the bytes in place. */
	h.checksum = hash_bytes(HASH_INIT, w->buf + CHECKED_FROM, size - CHECKED_FROM);
	memcpy(w->buf, &h, sizeof(h));
	return size;
}
