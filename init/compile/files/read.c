/* SPDX-License-Identifier: MIT
 * Reading a text file, once it is known who can write it: see files.h.
 */
#include "base/errname.h"
#include "compile/files/files.h"
#include "compile/files/trust.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int read_all(int fd, char *buf, size_t cap, size_t *n)
{
	*n = 0;
	while (*n < cap) {
		ssize_t got = read(fd, buf + *n, cap - *n);
		if (got < 0)
			return -errno;
		if (got == 0)
			return 0;
		*n += (size_t)got;
	}
	return 0;
}

static int check_file(int fd, const char *path, bool anywhere, unsigned max_kb, struct stat *st,
	struct diag *d)
{
	if (fstat(fd, st) < 0)
		return diag_error(d, "cannot be read: %s (%s)", err_text(errno), err_name(errno));
	if (!S_ISREG(st->st_mode))
		return diag_error(d, "is no regular file");
	if (st->st_size > (off_t)max_kb * 1024)
		return diag_error(d, "the file has %lld bytes, at most %u kB are read",
			(long long)st->st_size, max_kb);
	return !d || (anywhere && !trust_concerns(path)) ? 0 : trust_file(path, st, d);
}

static int read_text(int fd, const struct stat *st, unsigned max_kb, struct span *text,
	struct diag *d)
{
	size_t max = max_kb * 1024u, n = 0;
	char *buf;
	int err;
	buf = malloc(max + 1);
	if (!buf)
		return diag_error(d, "out of memory");
	err = read_all(fd, buf, max + 1, &n);
	if (err < 0)
		return diag_error(d, "cannot be read: %s (%s)", err_text(err), err_name(err));
	/* A file is replaced by renaming; one that is being written is not to be believed. */
	if ((off_t)n != st->st_size)
		return diag_error(d, "the file changed while it was read (%lld bytes, then %zu): try again",
			(long long)st->st_size, n);
	text->n = n;
	text->p = realloc(buf, n + 1);
	return text->p ? 0 : diag_error(d, "out of memory");
}

int files_read(const char *path, bool anywhere, unsigned max_kb, struct span *text, struct diag *d)
{
	/* O_NONBLOCK: a FIFO of that name must not keep the boot waiting. */
	int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
	int fd = anywhere ? open(path, flags | O_CLOEXEC) : files_open(path, (uint64_t)flags);
	struct stat st;
	int err;
	if (anywhere && fd < 0)
		fd = -errno;
	if (fd == -ENOENT)
		return -ENOENT;
	diag_place(d, strdup(path), 0, NULL, NULL);
	if (fd < 0)
		return diag_error(d, "cannot be opened: %s (%s)", err_text(fd), err_name(fd));
	err = check_file(fd, path, anywhere, max_kb, &st, d);
	if (err == 0)
		err = read_text(fd, &st, max_kb, text, d);
	close(fd);
	return err;
}
