// needs: log base
/* SPDX-License-Identifier: MIT
 * The rings' files on a tmpfs that is full, by bytes or by inodes: no SIGBUS, whatever an earlier
 * run has left there, and lines again as soon as there is room. In a mount namespace of the test's
 * own.
 */
#include "log/log.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define KB 32

static char place[] = "/tmp/test-store-XXXXXX";
static struct log l;
static struct log_service *const s = &l.service[0];
static struct log_time now;

/* A tmpfs of eight pages and six inodes, its directory one of them. */
static int start(void **state)
{
	(void)state;
	if (mount("tmpfs", place, "tmpfs", 0, "size=32k,nr_inodes=6") < 0)
		return -1;
	memset(&l, 0, sizeof(l));
	l.kmsg = -1;
	l.directory = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	s->used = true;
	s->file = -1;
	s->ring_kb = KB;
	strcpy(s->name, "svc");
	now.ms += 1000000;
	return 0;
}

static int end(void **state)
{
	(void)state;
	log_store_close(s);
	close(l.directory);
	return umount2(place, MNT_DETACH);
}

static void fill(void)
{
	char page[4096] = {1};
	int fd = openat(l.directory, "fill", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	while (write(fd, page, sizeof(page)) > 0)
		continue;
	assert_int_equal(errno, ENOSPC);
	close(fd);
}

static void make_room(void)
{
	assert_int_equal(unlinkat(l.directory, "fill", 0), 0);
	now.ms += LOG_RETRY_MS;
}

static void feed(const char *text)
{
	log_line_feed(&l, s, text, strlen(text), now);
}

static off_t length(void)
{
	struct stat st;
	return fstatat(l.directory, s->name, &st, 0) < 0 ? -1 : st.st_size;
}

/* The newest lines of the ring are these, the last one newest. */
static void expect(const char *const *lines)
{
	struct ring_view v;
	struct ring_entry entry;
	char text[CONFIG_MAX_LINE];
	uint64_t at;
	assert_non_null(s->ring.header);
	v = (struct ring_view){s->ring.data, s->ring.header->capacity, s->ring.header->tail,
		s->ring.header->head};
	at = v.tail;
	for (; *lines; lines++) {
		assert_true(ring_read(&v, &at, &entry, text));
		assert_int_equal(entry.length, strlen(*lines));
		assert_memory_equal(text, *lines, entry.length);
	}
	assert_false(ring_read(&v, &at, &entry, text));
}

#define EXPECT(...) expect((const char *const[]){__VA_ARGS__, NULL})

static void a_full_tmpfs_leaves_no_file_that_looks_like_a_ring(void **state)
{
	(void)state;
	fill();
	log_store_open(&l, s, now);
	assert_null(s->ring.header);
	assert_true(length() <= 0);
	feed("one\ntwo\n");
	assert_int_equal(s->rate.dropped, 2);
	make_room();
	feed("three\n");
	EXPECT("2 lines dropped", "three");
}

/* What a run that was cut short has left, of any origin: it is never read. */
static void a_hole_is_no_ring(void **state)
{
	int fd = openat(l.directory, s->name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	(void)state;
	assert_int_equal(ftruncate(fd, KB * 1024), 0);
	close(fd);
	fill();
	log_store_open(&l, s, now);
	assert_null(s->ring.header);
	make_room();
	log_store_open(&l, s, now);
	feed("here\n");
	EXPECT("here");
}

static void a_header_whose_lines_have_no_memory_is_no_ring(void **state)
{
	static uint64_t bytes[KB * 1024 / sizeof(uint64_t)];
	struct ring r;
	int fd = openat(l.directory, s->name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	(void)state;
	ring_format(&r, bytes, sizeof(bytes), 0, 0);
	r.header->head = 20000;
	assert_int_equal(pwrite(fd, bytes, 4096, 0), 4096);
	assert_int_equal(ftruncate(fd, sizeof(bytes)), 0);
	close(fd);
	fill();
	log_store_open(&l, s, now);
	make_room();
	log_store_open(&l, s, now);
	feed("here\n");
	EXPECT("the log was damaged and has been started again", "here");
}

static void a_ring_that_grows_into_a_full_tmpfs_loses_lines_and_nothing_else(void **state)
{
	char line[1001];
	(void)state;
	memset(line, 'x', 1000);
	line[1000] = '\n';
	log_store_open(&l, s, now);
	feed("first\n");
	fill();
	for (int i = 0; i < 20; i++)
		log_line_feed(&l, s, line, sizeof(line), now);
	assert_true(s->rate.dropped > 0);
	log_store_close(s); /* the next run */
	log_store_open(&l, s, now);
	assert_non_null(s->ring.header);
	assert_int_equal(s->ring.header->sequence, 21 - s->rate.dropped);
}

static void without_an_inode_lines_are_counted_and_said_without_a_further_one(void **state)
{
	(void)state;
	for (char name[] = "0"; mknodat(l.directory, name, S_IFREG | 0600, 0) == 0; name[0]++)
		assert_true(name[0] < '9');
	assert_int_equal(errno, ENOSPC);
	log_store_open(&l, s, now);
	feed("lost\n");
	assert_null(s->ring.header);
	/* it is tried again though nobody speaks */
	assert_int_equal(log_line_deadline(s), now.ms + LOG_RETRY_MS);
	unlinkat(l.directory, "0", 0);
	now.ms += LOG_RETRY_MS;
	log_line_report(&l, s, now);
	EXPECT("1 line dropped");
	assert_int_equal(log_line_deadline(s), LOG_NO_DEADLINE);
}

static void a_file_that_somebody_cuts_short_ends_nothing(void **state)
{
	int fd;
	(void)state;
	log_store_catch_cuts(); /* after cmocka's own */
	log_store_open(&l, s, now);
	feed("before\n");
	fd = openat(l.directory, s->name, O_RDWR | O_CLOEXEC);
	assert_int_equal(ftruncate(fd, 0), 0);
	close(fd);
	feed("into nothing\n");
	log_store_reopen_cut(&l, now);
	feed("after\n");
	EXPECT("after");
	assert_int_equal(length(), KB * 1024);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_full_tmpfs_leaves_no_file_that_looks_like_a_ring, start,
			end),
		cmocka_unit_test_setup_teardown(a_hole_is_no_ring, start, end),
		cmocka_unit_test_setup_teardown(a_header_whose_lines_have_no_memory_is_no_ring, start, end),
		cmocka_unit_test_setup_teardown(
			a_ring_that_grows_into_a_full_tmpfs_loses_lines_and_nothing_else, start, end),
		cmocka_unit_test_setup_teardown(
			without_an_inode_lines_are_counted_and_said_without_a_further_one, start, end),
		cmocka_unit_test_setup_teardown(a_file_that_somebody_cuts_short_ends_nothing, start, end),
	};
	int failed;
	if ((unshare(CLONE_NEWNS) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) ||
		mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || !mkdtemp(place)) {
		printf("skipped: no mount namespace for a tmpfs of its own: %s\n", strerror(errno));
		return 0;
	}
	failed = cmocka_run_group_tests_name("the rings' files", tests, NULL, NULL);
	rmdir(place);
	return failed;
}
