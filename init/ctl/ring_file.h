/* SPDX-License-Identifier: MIT
 * A log ring as bulkctl reads it: copied with pread(2), not mapped, so that a file that shrinks
 * gives a short read, not a SIGBUS. PID 1 is not needed.
 */
#pragma once
#include "base/ring.h"
#include <stdbool.h>

struct ring_file {
	char name[CONFIG_MAX_NAME];
	int file;            /* -1 = no ring yet */
	unsigned char *data; /* the copy, of `size` bytes */
	size_t size;
	struct ring_view view; /* the valid part of the copy */
	uint64_t position;     /* of the next entry to read */
	bool started;          /* entries have been read: a gap in the sequence means loss */
	uint32_t sequence;     /* expected in the next entry */

	bool ready;    /* the entry below is to be printed */
	uint32_t lost; /* entries that were overwritten before they were read */
	struct ring_entry entry;
	char text[CONFIG_MAX_LINE];
};

/* Opens the ring: 0 or -errno. May be called again after the file was replaced; reading continues
 * at the same position. */
int ring_file_open(struct ring_file *s, int directory, const char *name);
/* Copies new bytes. -EAGAIN: there are none. -ESTALE: another file has replaced this one. -EBADMSG:
 * it is damaged. -EBUSY: it is written faster than it can be read. */
int ring_file_refresh(struct ring_file *s);
/* Reads the next entry into s->entry and s->text, and sets s->ready. */
void ring_file_next(struct ring_file *s);
void ring_file_close(struct ring_file *s);
