/* SPDX-License-Identifier: MIT
 * A service's log: a file of fixed size that bulkhead-log writes through a shared mapping, and that
 * any number of readers copy. Pure: the bytes are the caller's. Positions count all bytes ever
 * written and never go back; byte P of the log is at data[P % capacity].
 *
 *   header | data:  ... tail [entry][entry]...[entry] head (the line still being written) ...
 *
 * The order of the stores makes the file consistent at every moment, for readers and after a crash
 * of the writer. The tail moves before bytes are overwritten; the head moves after the bytes before
 * it are complete. So the bytes from tail to head are always whole entries.
 */
#pragma once
#include "base/config.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_MAGIC "bulkring"
#define RING_VERSION 1
#define RING_MIN_KB 4
#define RING_MAX_KB 65536
#define RING_DEFAULT_LEVEL 6 /* syslog(3)'s "info" */

struct ring_header {
	char magic[8];
	uint32_t version;
	uint32_t capacity; /* bytes of data after this header */
	uint64_t tail;     /* position of the oldest entry */
	uint64_t head;     /* position after the newest one */
	uint64_t dropped;  /* lines not stored: rate limit, no memory */
	uint32_t sequence; /* of the next entry */
	/* bytes of the unfinished line, which starts at head, after room for its entry */
	uint32_t open;
	/* changed by write(2) after each batch: stores through a mapping do not cause inotify(7)'s
	 * IN_MODIFY */
	uint32_t wake;
	uint32_t reserved[3];
};
_Static_assert(sizeof(struct ring_header) == 64, "the header is part of the file's format");

enum ring_flags {
	RING_NOTE = 1,      /* written by bulkhead-log, not by the service */
	RING_CONTINUES = 2, /* a long line was split: the next entry continues it */
	/* its process ended, or its bytes were dropped, before the line's newline came */
	RING_UNFINISHED = 4,
	/* the upper four bits: length of a kernel-style "<N>" at the start of the text */
	RING_SKIP_SHIFT = 4
};

struct ring_entry {   /* followed by `length` bytes of text, as the service wrote them */
	uint64_t time_ns; /* CLOCK_MONOTONIC */
	uint32_t sequence;
	uint16_t length;
	uint8_t level; /* 0..7 as in syslog(3) */
	uint8_t flags;
};
_Static_assert(sizeof(struct ring_entry) == 16, "the entry is part of the file's format");
_Static_assert(CONFIG_MAX_LINE >= 64 && CONFIG_MAX_LINE <= 3072,
	"the longest entry must fit into the smallest ring");

struct ring { /* the writer's view */
	struct ring_header *header;
	unsigned char *data;
	/* a copy: somebody else may truncate the file and with it the header */
	uint32_t capacity;
};

struct ring_view { /* a reader's: a copy of the data and what was valid in it */
	const unsigned char *data;
	uint32_t capacity;
	uint64_t tail, head;
};

/* Size in bytes of the file for a ring of `kb` kB; `kb` is brought into the bounds above. */
size_t ring_file_size(uint32_t kb);

/* Makes an empty ring in `size` bytes, aligned to 8. Its first entry will have this position and
 * sequence number. */
void ring_format(struct ring *r, void *file, size_t size, uint64_t position, uint32_t sequence);
/* Opens an existing ring, with its unfinished line. -EBADMSG, with nothing changed, if the bytes
 * are not a valid ring. */
int ring_open(struct ring *r, void *file, size_t size);

/* Bytes of the file, from its start, that are touched when `n` bytes are added to the line and it
 * is stored. */
size_t ring_extent(const struct ring *r, uint32_t n);
uint32_t ring_line_room(const struct ring *r); /* bytes that the unfinished line can still take */
uint32_t ring_line_length(const struct ring *r);
/* Appends to the unfinished line; what exceeds ring_line_room() is cut. Drops the oldest entries to
 * make room. */
void ring_line_add(struct ring *r, const char *p, uint32_t n);
/* Copies the first n bytes of the unfinished line; n <= ring_line_length(). */
void ring_line_copy(const struct ring *r, char *out, uint32_t n);
/* Makes an entry of the unfinished line. */
void ring_line_store(struct ring *r, uint64_t time_ns, uint8_t level, uint8_t flags);
void ring_line_forget(struct ring *r);
/* Copies what fits of `from`, at the same positions, so that readers can continue. `r` was just
 * formatted at from's tail. */
void ring_copy(struct ring *r, const struct ring *from);

/* Whether a header that was copied from a file of `size` bytes is valid. */
bool ring_header_valid(const struct ring_header *h, size_t size);
/* Bytes of the file, from its start, that are written according to a valid header. */
size_t ring_header_extent(const struct ring_header *h);
/* Reads the entry at *position and moves that to the next one; `text` has room for CONFIG_MAX_LINE
 * bytes. False at the end. A position outside of the ring is moved to the oldest entry. */
bool ring_read(const struct ring_view *v, uint64_t *position, struct ring_entry *entry, char *text);
