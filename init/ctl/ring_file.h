/* SPDX-License-Identifier: MIT
 * A log ring as bulkctl reads it: copied with pread(2), never mapped, so that a file that shrinks
 * is a short read and not a SIGBUS. PID 1 is not needed.
 */
#pragma once
#include "base/ring.h"
#include <stdbool.h>

struct ring_file {
	char name[CONFIG_MAX_NAME];
	int file;            /* -1 = no ring (yet) */
	unsigned char *data; /* the copy, of `size` bytes */
	size_t size;
	struct ring_view view; /* what of the copy is whole */
	uint64_t position;     /* of the next entry to read */
	bool started;          /* entries have been read: a gap in their numbers is a loss */
	uint32_t sequence;     /* expected of the next entry */

	bool ready;    /* the entry below is to be shown */
	uint32_t lost; /* entries that were overwritten before they were read */
	struct ring_entry entry;
	char text[CONFIG_MAX_LINE];
};

/* 0 or -errno; again after the file was replaced: reading goes on at the same position. */
int ring_file_open(struct ring_file *s, int directory, const char *name);
/* Copies what is new. -EAGAIN: nothing is. -ESTALE: another file has taken this one's place.
 * -EBADMSG: it is damaged. -EBUSY: it is written faster than it can be read. */
int ring_file_refresh(struct ring_file *s);
/* Reads the next entry into s->entry and s->text, and sets s->ready. */
void ring_file_next(struct ring_file *s);
void ring_file_close(struct ring_file *s);
