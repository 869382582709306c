/* SPDX-License-Identifier: MIT
 * Writing a plan into a caller's buffer. Equal lists, blobs and strings are stored once, so that
 * the common profile takes one copy. Pure, no allocation. The first item that does not fit sets
 * `full`; everything after it is ignored, and plan_write_end() reports it. Texts with a NUL, lists
 * of elements of size 0 and an unaligned buffer count as not fitting.
 */
#pragma once
#include "base/span.h"
#include "plan/format.h"

/* A power of 2. When three quarters are used, items are stored without a search for an equal
 * one. */
#define PLAN_WRITE_SLOTS 16384

struct plan_writer_slot { /* size 0 = free */
	uint32_t off;
	uint32_t size;
};

struct plan_writer_index {
	uint32_t used;
	struct plan_writer_slot slot[PLAN_WRITE_SLOTS];
};

struct plan_writer {    /* 256 kB: make it static, not a local variable */
	unsigned char *buf; /* cap bytes, aligned to 8; services, lists and blobs, from the front */
	size_t cap;
	size_t len;
	char *strings; /* a buffer of strings_cap bytes; appended at the end */
	size_t strings_cap;
	size_t strings_len;
	uint32_t service_count;
	bool full;
	struct plan_writer_index texts; /* contents of `strings` by hash */
	struct plan_writer_index items; /* contents of `buf` after the services, by hash */
};

/* Starts a plan. Room for service_count services is reserved at once, filled with zeros. Both
 * buffers stay the caller's. */
void plan_write_begin(struct plan_writer *w, unsigned char *buf, size_t cap, char *strings,
	size_t strings_cap, uint32_t service_count);
plan_str plan_write_text(struct plan_writer *w, const char *text); /* "" and NULL give 0 */
plan_str plan_write_span(struct plan_writer *w, struct span text);
struct plan_list plan_write_list(struct plan_writer *w, const void *elements, size_t element_size,
	size_t count);
struct plan_blob plan_write_blob(struct plan_writer *w, const void *bytes, size_t size);
void plan_write_service(struct plan_writer *w, uint32_t index, const struct plan_service *s);
/* Writes the header and appends the strings. Returns the plan's size, or 0 if it did not fit. */
size_t plan_write_end(struct plan_writer *w, const struct plan_machine *machine, uint32_t arch,
	uint64_t digest);
