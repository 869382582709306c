/* SPDX-License-Identifier: MIT
 * A service's log: a file of fixed size that bulkhead-log writes through a shared mapping and any
 * number of readers copy. Pure: the bytes are the caller's. Positions count all bytes ever written
 * and never go back; byte P of the log is at data[P % capacity].
 *
 *   header | data:  ... tail [entry][entry]...[entry] head (the line still being written) ...
 *
 * The order of the stores is what a crash of the writer, or a reader at any moment, relies on: the
 * tail moves away before bytes are overwritten, the head moves only after the bytes before it are
 * whole. So everything from tail to head is whole entries, always.
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
	uint64_t dropped;  /* lines that were not stored: rate limit, no memory */
	uint32_t sequence; /* of the next entry */
	/* bytes of the unfinished line; they stand at head, after room for its entry */
	uint32_t open;
	/* changed by write(2) after each batch: stores through a mapping do not raise inotify(7)'s
	 * IN_MODIFY */
	uint32_t wake;
	uint32_t reserved[3];
};
_Static_assert(sizeof(struct ring_header) == 64, "the header is part of the file's format");

enum ring_flags {
	RING_NOTE = 1,      /* said by bulkhead-log, not by the service */
	RING_CONTINUES = 2, /* a long line was split: the next entry goes on with it */
	RING_SKIP_SHIFT = 4 /* the upper half: bytes of a kernel-style "<N>" at the start of the text */
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
	/* as it was: the header may be lost under the writer (a file cut short by somebody else) */
	uint32_t capacity;
};

struct ring_view { /* a reader's: a copy of the data and what was valid in it */
	const unsigned char *data;
	uint32_t capacity;
	uint64_t tail, head;
};

/* Bytes of a ring's file of `kb` kB, brought into the bounds above. */
size_t ring_file_size(uint32_t kb);

/* An empty ring in `size` bytes aligned to 8; its first entry will have this position and
 * sequence number. */
void ring_format(struct ring *r, void *file, size_t size, uint64_t position, uint32_t sequence);
/* Goes on with the ring that is there, an unfinished line included. -EBADMSG if those bytes
 * can't be one: nothing is changed then. */
int ring_open(struct ring *r, void *file, size_t size);

/* Bytes of the file, from its start, that are touched by adding `n` bytes to the line and
 * storing it. */
size_t ring_extent(const struct ring *r, uint32_t n);
uint32_t ring_line_room(const struct ring *r); /* bytes that the unfinished line can still take */
uint32_t ring_line_length(const struct ring *r);
/* Adds to the unfinished line; what is beyond ring_line_room is cut. The oldest entries make
 * room. */
void ring_line_add(struct ring *r, const char *p, uint32_t n);
/* its first n bytes; n <= ring_line_length */
void ring_line_copy(const struct ring *r, char *out, uint32_t n);
void ring_line_store(struct ring *r, uint64_t time_ns, uint8_t level, uint8_t flags);
void ring_line_forget(struct ring *r);
/* Everything of `from` that fits, at the same positions, so that readers can go on where they
 * were. `r` is freshly formatted at from's tail. */
void ring_copy(struct ring *r, const struct ring *from);

/* A header that was copied from a file of `size` bytes: true if a reader may go on. */
bool ring_header_valid(const struct ring_header *h, size_t size);
/* Bytes of the file, from its start, that a valid header says are written. */
size_t ring_header_extent(const struct ring_header *h);
/* The entry at *position, which moves to the next one; text has room for CONFIG_MAX_LINE bytes.
 * False at the end. A position that is no longer (or not yet) in the ring is moved to the oldest
 * entry. */
bool ring_read(const struct ring_view *v, uint64_t *position, struct ring_entry *entry, char *text);
