// needs: base
/* SPDX-License-Identifier: MIT
 * A ring that is read while it is written: what the writer does between two of the reader's steps.
 */
#include <stdint.h>
#include <sys/types.h>
#include <unistd.h>

static ssize_t read_while_written(int fd, void *buf, size_t n, off_t at);
#define pread read_while_written
#include "ctl/ring_file.c"
#undef pread
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

#include <cmocka.h>

#define SIZE (RING_MIN_KB * 1024)
#define LINES_OF_A_RING 200

static char path[] = "/tmp/test-source-XXXXXX";
static int file;
static struct ring ring;
static uint32_t written;
/* looks at the file so far; after the data's so many times all of it is written anew */
static int reads, wraps;
static bool torn; /* the header's halves are of two moments */
static struct ring_file source = {.file = -1};

static void write_line(void)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "line %u", written++);
	ring_line_add(&ring, text, (uint32_t)n);
	ring_line_store(&ring, written, 6, 0);
}

static void write_lines(int n)
{
	while (n-- > 0)
		write_line();
}

static ssize_t read_while_written(int fd, void *buf, size_t n, off_t at)
{
	ssize_t done = pread(fd, buf, n, at);
	reads++;
	if (at != 0 && wraps) {
		wraps--;
		write_lines(LINES_OF_A_RING);
	}
	if (at == 0 && torn) {
		struct ring_header later;
		torn = false;
		write_lines(LINES_OF_A_RING);
		assert_int_equal(pread(fd, &later, sizeof(later), 0), sizeof(later));
		((struct ring_header *)buf)->head = later.head; /* the tail was copied before */
	}
	return done;
}

static int setup(void **state)
{
	void *p;
	(void)state;
	memcpy(path, "/tmp/test-source-XXXXXX", sizeof(path));
	file = mkstemp(path);
	assert_int_equal(ftruncate(file, SIZE), 0);
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	assert_ptr_not_equal(p, MAP_FAILED);
	ring_format(&ring, p, SIZE, 0, 0);
	written = 0;
	reads = wraps = 0;
	torn = false;
	write_lines(LINES_OF_A_RING);
	memset(&source, 0, sizeof(source));
	source.file = -1;
	assert_int_equal(ring_file_open(&source, AT_FDCWD, path), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ring_file_close(&source);
	munmap(ring.header, SIZE);
	close(file);
	return unlink(path);
}

/* How many lines the copy has, the last of which is `last`. */
static uint32_t lines_up_to(uint32_t last)
{
	uint32_t n = 0;
	char text[32];
	snprintf(text, sizeof(text), "line %u", last);
	for (ring_file_next(&source); source.ready; ring_file_next(&source)) {
		n++;
		source.text[source.entry.length] = '\0';
	}
	assert_string_equal(source.text, text);
	return n;
}

static void one_that_is_overtaken_reads_again(void **state)
{
	(void)state;
	wraps = 3;
	assert_int_equal(ring_file_refresh(&source), 0);
	assert_int_equal(wraps, 0);
	assert_true(lines_up_to(4 * LINES_OF_A_RING - 1) > 50);
}

static void a_torn_header_is_no_damage(void **state)
{
	(void)state;
	torn = true;
	assert_int_equal(ring_file_refresh(&source), 0);
	assert_true(lines_up_to(2 * LINES_OF_A_RING - 1) > 50);
}

/* It ends, and says that there was something. */
static void one_that_is_always_overtaken_gives_up(void **state)
{
	(void)state;
	wraps = INT32_MAX;
	assert_int_equal(ring_file_refresh(&source), -EBUSY);
	assert_true(reads < 1000);
	ring_file_next(&source);
	assert_false(source.ready);
	wraps = 0;
	assert_int_equal(ring_file_refresh(&source), 0);
	assert_true(lines_up_to(written - 1) > 50);
}

static void an_empty_file_is_no_damage(void **state)
{
	(void)state;
	assert_int_equal(ftruncate(file, 0), 0);
	assert_int_equal(ring_file_refresh(&source), -EAGAIN);
}

static void damage_is_said(void **state)
{
	(void)state;
	ring.header->magic[0] = 'x';
	assert_int_equal(ring_file_refresh(&source), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_that_is_overtaken_reads_again, setup, teardown),
		cmocka_unit_test_setup_teardown(a_torn_header_is_no_damage, setup, teardown),
		cmocka_unit_test_setup_teardown(one_that_is_always_overtaken_gives_up, setup, teardown),
		cmocka_unit_test_setup_teardown(an_empty_file_is_no_damage, setup, teardown),
		cmocka_unit_test_setup_teardown(damage_is_said, setup, teardown),
	};
	return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
