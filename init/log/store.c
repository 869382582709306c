/* SPDX-License-Identifier: MIT
 * The rings' files: opening what an earlier bulkhead-log left, making new ones, changing a size.
 * Memory behind the mapping is claimed by write(2) before it is touched, also by who takes a file
 * over, so that a full tmpfs is an errno here and not a SIGBUS. That leaves a file which somebody
 * else cuts short: the signal handler then maps a page of zeros there, and the file is looked at
 * again.
 */
#include "base/errname.h"
#include "base/fmt.h"
#include "log/log.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h> /* renameat */
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_FLAGS (O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* What is backed already: everything before the first hole (lseek(2)). */
static size_t backed_bytes(int file, size_t size)
{
	off_t hole = lseek(file, 0, SEEK_HOLE);
	if (hole < 0)
		return 0;
	return (size_t)hole < size ? (size_t)hole / LOG_PAGE_BYTES * LOG_PAGE_BYTES : size;
}

static void *map(int file, size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	return p == MAP_FAILED ? NULL : p;
}

/* Something stands there that can never be the ring: no file, a link, or a file of an earlier
 * owner. */
static bool in_the_way(int err)
{
	return err == -EINVAL || err == -EACCES || err == -EPERM || err == -ELOOP || err == -ENXIO;
}

/* An open regular file of that name. */
static int open_ring_file(int directory, const char *name, int flags, struct stat *st)
{
	int err = -EACCES;
	for (int tries = 0; tries < 2; tries++) {
		int fd = openat(directory, name, OPEN_FLAGS | flags, 0644);
		if (fd >= 0 && fstat(fd, st) == 0 && S_ISREG(st->st_mode))
			return fd;
		err = fd < 0 ? -errno : -EINVAL;
		if (fd >= 0)
			close(fd);
		if (!in_the_way(err) || unlinkat(directory, name, 0) < 0)
			return err;
	}
	return err;
}

/* The file has `size` bytes, and memory for the header: in this order, so that no run that is
 * cut short leaves a hole that looks like a ring. */
static int lengthen(int file, size_t *backed, size_t size)
{
	int err = ftruncate(file, 0) < 0 ? -errno : log_store_back(file, backed, size, LOG_PAGE_BYTES);
	return err == 0 && ftruncate(file, (off_t)size) < 0 ? -errno : err;
}

/* An empty ring of `size` bytes in an empty file; on failure the file stays empty. */
static int make_ring(struct log_service *s, int file, size_t size, uint64_t position,
	uint32_t sequence)
{
	void *p = NULL;
	int err;
	s->backed = 0;
	err = lengthen(file, &s->backed, size);
	if (!err && !(p = map(file, size)))
		err = -errno;
	if (err)
		return ftruncate(file, 0) < 0 ? -errno : err;
	ring_format(&s->ring, p, size, position, sequence);
	s->size = size;
	s->file = file;
	return 0;
}

/* Takes over the ring that is in the file, of whatever size: 0, or why it can't be one. */
static int adopt(struct log_service *s, int file, off_t length)
{
	size_t size = (size_t)length;
	struct ring_header h;
	void *p;
	int err;
	if (length < (off_t)ring_file_size(RING_MIN_KB) || length > (off_t)ring_file_size(RING_MAX_KB))
		return -EBADMSG;
	s->backed = backed_bytes(file, size);
	if (s->backed < sizeof(h) || pread(file, &h, sizeof(h), 0) != (ssize_t)sizeof(h) ||
		!ring_header_valid(&h, size) || ring_header_extent(&h) > s->backed)
		return -EBADMSG;
	p = map(file, size);
	if (!p)
		return -errno;
	err = ring_open(&s->ring, p, size);
	if (err) {
		munmap(p, size);
		return err;
	}
	s->size = size;
	s->file = file;
	return 0;
}

/* The ring's size was changed: a new file takes the place of the old one with all that fits. A
 * reader that follows sees IN_MOVED_TO. */
static int resize(struct log *l, struct log_service *s, size_t size)
{
	struct log_service old = *s;
	char name[CONFIG_MAX_NAME + 4]; /* no service's name has a dot */
	struct fmt f;
	struct stat st;
	int file, err;
	fmt_init(&f, name, sizeof(name));
	fmt_strs(&f, s->name, ".new", NULL);
	/* of a run that was cut short here; if it can't go, O_EXCL says so */
	unlinkat(l->directory, name, 0);
	file = open_ring_file(l->directory, name, O_EXCL, &st);
	if (file < 0)
		return file;
	err = make_ring(s, file, size, old.ring.header->tail, 0);
	if (!err)
		err = log_store_back(file, &s->backed, size, size);
	if (!err) {
		ring_copy(&s->ring, &old.ring);
		err = renameat(l->directory, name, l->directory, s->name) < 0 ? -errno : 0;
	}
	if (err) {
		if (s->ring.header != old.ring.header)
			munmap(s->ring.header, size);
		close(file);
		unlinkat(l->directory, name, 0);
		*s = old;
		return err;
	}
	munmap(old.ring.header, old.size);
	close(old.file);
	return 0;
}

/* Without a ring the only place left to say it is the kernel's log. Once a service: a full tmpfs
 * stays full for a while. */
static void no_ring(struct log *l, struct log_service *s, int err, struct log_time now)
{
	char text[96];
	struct fmt f;
	fmt_init(&f, text, sizeof(text));
	fmt_strs(&f, s->name, ": no log: ", err_text(err), NULL);
	log_kmsg_open(l);
	if (!s->retry_ms)
		log_kmsg_write(l, "bulkhead-log", 3, text, f.len);
	s->retry_ms = now.ms + LOG_RETRY_MS;
	s->ring.header = NULL;
	s->file = -1;
}

void log_store_open(struct log *l, struct log_service *s, struct log_time now)
{
	size_t size = ring_file_size(s->ring_kb);
	const char *note = NULL;
	struct stat st;
	int file = open_ring_file(l->directory, s->name, 0, &st);
	int err = file < 0 ? file : adopt(s, file, st.st_size);
	if (err == -EBADMSG) {
		note = st.st_size ? "the log was damaged and has been started again" : NULL;
		err = make_ring(s, file, size, 0, 0);
	}
	if (err) {
		if (file >= 0)
			close(file);
		no_ring(l, s, err, now);
		return;
	}
	/* umask(2) must not keep others from reading; a failure only does that */
	if (fchmod(file, 0644) < 0 || (s->size != size && resize(l, s, size)))
		note = note ? note : "the log could not get its new size";
	if (s->begun) /* lines were lost meanwhile, this one is not their end */
		ring_line_forget(&s->ring);
	else
		s->begun = ring_line_length(&s->ring) > 0;
	if (note)
		log_line_note(l, s, note, now);
}

/* ---- a file that was cut short ---- */

static volatile sig_atomic_t torn;
static uintptr_t page_mask;

static void on_torn(int sig, siginfo_t *info, void *context)
{
	void *page = (void *)((uintptr_t)info->si_addr & ~page_mask);
	(void)context;
	torn = 1;
	if (mmap(page, page_mask + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			-1, 0) == MAP_FAILED)
		signal(sig, SIG_DFL);
}

void log_store_catch_cuts(void)
{
	struct sigaction act = {.sa_sigaction = on_torn, .sa_flags = SA_SIGINFO};
	long page = sysconf(_SC_PAGESIZE);
	page_mask = (uintptr_t)(page > 0 ? page : LOG_PAGE_BYTES) - 1;
	sigaction(SIGBUS, &act, NULL);
}

void log_store_reopen_cut(struct log *l, struct log_time now)
{
	if (!torn)
		return;
	torn = 0;
	for (size_t i = 0; i < CONFIG_MAX_SERVICES; i++) {
		struct log_service *s = &l->service[i];
		if (!s->used || !s->ring.header)
			continue;
		log_store_close(s);
		log_store_open(l, s, now);
	}
}

/* ---- a file that was taken away ---- */

/* Under its name there is another file, or none. */
static bool is_gone(const struct log *l, const struct log_service *s)
{
	struct stat is, was;
	if (fstat(s->file, &was) < 0)
		return false;
	if (fstatat(l->directory, s->name, &is, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT;
	return is.st_dev != was.st_dev || is.st_ino != was.st_ino;
}

void log_store_look(struct log *l, struct log_service *s, struct log_time now)
{
	if (!s->ring.header || now.ms < s->look_ms)
		return;
	s->look_ms = now.ms + LOG_LOOK_MS;
	if (!is_gone(l, s))
		return;
	if (resize(l, s, s->size))
		s->look_ms = now.ms + LOG_RETRY_MS;
	else
		log_line_note(l, s, "the log's file was removed and has been created again", now);
}

void log_store_wake(struct log_service *s)
{
	uint32_t wake;
	s->changed = false;
	if (!s->ring.header)
		return;
	wake = s->ring.header->wake + 1;
	if (pwrite(s->file, &wake, sizeof(wake), offsetof(struct ring_header, wake)) < 0)
		return; /* a reader that follows sees it with the next batch */
}

void log_store_close(struct log_service *s)
{
	if (!s->ring.header)
		return;
	munmap(s->ring.header, s->size);
	close(s->file);
	s->ring.header = NULL;
	s->file = -1;
}
