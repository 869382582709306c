/* SPDX-License-Identifier: MIT
 * Copies of log rings: see ring_file.h.
 */
#include "ctl/ring_file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_TRIES 64 /* of a ring that is overwritten faster than it can be copied */

int ring_file_open(struct ring_file *s, int directory, const char *name)
{
	struct stat st;
	ring_file_close(s);
	if (strlen(name) >= sizeof(s->name))
		return -ENOENT;
	memmove(s->name, name, strlen(name) + 1);
	s->file = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (s->file < 0)
		return -errno;
	if (fstat(s->file, &st) < 0 || !S_ISREG(st.st_mode)) {
		ring_file_close(s);
		return -EINVAL;
	}
	return 0;
}

void ring_file_close(struct ring_file *s)
{
	if (s->file >= 0)
		close(s->file);
	free(s->data);
	s->file = -1;
	s->data = NULL;
	s->size = 0;
	s->view = (struct ring_view){0};
}

static bool read_at(int file, void *buf, size_t n, off_t at)
{
	return pread(file, buf, n, at) == (ssize_t)n;
}

static int fit(struct ring_file *s, size_t size)
{
	unsigned char *data;
	if (s->data && s->size == size)
		return 0;
	data = realloc(s->data, size);
	if (!data)
		return -ENOMEM;
	s->data = data;
	s->size = size;
	return 0;
}

static int no_header(const struct stat *st)
{
	return st->st_size ? -EBADMSG : -EAGAIN; /* one that could not be made yet is empty */
}

/* The order is what makes the copy whole: head, data, tail. What the writer has overwritten
 * while the data was copied is before the tail by then. -EBUSY: that was all of it. */
static int copy(struct ring_file *s)
{
	struct ring_header before, after;
	struct stat st;
	int err;
	if (s->file < 0 || fstat(s->file, &st) < 0)
		return -EIO;
	if (!st.st_nlink)
		return -ESTALE;
	if (!read_at(s->file, &before, sizeof(before), 0) ||
		!ring_header_valid(&before, (size_t)st.st_size))
		return no_header(&st);
	if (s->data && before.head == s->view.head && before.capacity == s->view.capacity)
		return -EAGAIN;
	err = fit(s, before.capacity);
	if (err)
		return err;
	/* nothing, until it is whole */
	s->view = (struct ring_view){.data = s->data, .capacity = before.capacity};
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!read_at(s->file, s->data, before.capacity, sizeof(before)))
		return -EIO;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!read_at(s->file, &after, sizeof(after), 0))
		return -EIO;
	if (!ring_header_valid(&after, (size_t)st.st_size) || after.head < before.head)
		return -EBADMSG;
	if (after.tail >= before.head && before.head != before.tail)
		return -EBUSY;
	s->view.head = before.head;
	s->view.tail = after.tail < before.head ? after.tail : before.head;
	return 0;
}

/* A header is 64 bytes, and copied while it is written: tail and head may be of two moments, which
 * looks like damage. Damage stays. */
int ring_file_refresh(struct ring_file *s)
{
	int err = copy(s);
	for (int tries = 1; tries < COPY_TRIES && (err == -EBADMSG || err == -EBUSY); tries++)
		err = copy(s);
	return err;
}

void ring_file_next(struct ring_file *s)
{
	s->ready = s->data && ring_read(&s->view, &s->position, &s->entry, s->text);
	if (!s->ready)
		return;
	s->lost = s->started ? s->entry.sequence - s->sequence : 0;
	if (s->lost > UINT32_MAX / 2) /* the ring began anew */
		s->lost = 0;
	s->started = true;
	s->sequence = s->entry.sequence + 1;
}
