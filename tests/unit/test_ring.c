// needs: base
/* SPDX-License-Identifier: MIT
 * The log ring against a model of it: random writes with reopening, a crash after every single
 * instruction of the writer, kills at random moments, and headers and entries that are nonsense.
 * SEED=N repeats a run.
 */
#include "base/ring.h"
#include "test_seed.h"
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define SIZE 4096u

/* What line number n says: any length up to the longest, made from n alone, so that a reader can
 * tell whether it is whole. */
static uint32_t line_of(uint32_t n, char *out)
{
	uint32_t x = n * 2654435761u + 12345;
	uint32_t length = (x >> 8) % (n % 7 ? 90 : CONFIG_MAX_LINE + 1);
	for (uint32_t i = 0; i < length; i++) {
		x = x * 1664525u + 1013904223u;
		out[i] = (char)(x >> 24);
	}
	return length;
}

static uint64_t *file_bytes(void)
{
	static uint64_t bytes[SIZE / sizeof(uint64_t)];
	return bytes;
}

static void write_line(struct ring *r, uint32_t n)
{
	char text[CONFIG_MAX_LINE];
	uint32_t length = line_of(n, text);
	ring_line_add(r, text, length / 2);
	ring_line_add(r, text + length / 2, length - length / 2);
	ring_line_store(r, n, (uint8_t)(n & 7), 0);
}

static struct ring_view view_of(const struct ring *r)
{
	return (struct ring_view){.data = r->data,
		.capacity = r->header->capacity,
		.tail = r->header->tail,
		.head = r->header->head};
}

/* Every entry is whole and they follow each other; returns their number, and the last one's
 * number in *last. */
static uint32_t check_entries(const struct ring *r, uint32_t *last)
{
	struct ring_view v = view_of(r);
	char text[CONFIG_MAX_LINE], expected[CONFIG_MAX_LINE];
	struct ring_entry e;
	uint64_t at = 0;
	uint32_t count = 0;
	for (; ring_read(&v, &at, &e, text); count++) {
		assert_int_equal(e.time_ns, e.sequence);
		assert_int_equal(e.level, e.sequence & 7);
		if (count)
			assert_int_equal(e.sequence, *last + 1);
		assert_int_equal(e.length, line_of(e.sequence, expected));
		assert_memory_equal(text, expected, e.length);
		*last = e.sequence;
	}
	assert_int_equal(at, v.head);
	return count;
}

static void an_empty_ring_has_no_entries(void **state)
{
	struct ring r, again;
	uint32_t last = 0;
	(void)state;
	ring_format(&r, file_bytes(), SIZE, 7, 3);
	assert_int_equal(check_entries(&r, &last), 0);
	assert_int_equal(ring_open(&again, file_bytes(), SIZE), 0);
	assert_int_equal(again.header->sequence, 3);
	assert_int_equal(ring_line_room(&again), CONFIG_MAX_LINE);
}

static void sizes_stay_in_their_bounds(void **state)
{
	(void)state;
	assert_int_equal(ring_file_size(0), RING_MIN_KB * 1024);
	assert_int_equal(ring_file_size(32), 32 * 1024);
	assert_int_equal(ring_file_size(UINT32_MAX), (size_t)RING_MAX_KB * 1024);
}

static void the_oldest_lines_make_room(void **state)
{
	struct ring r;
	uint32_t last = 0, count;
	(void)state;
	ring_format(&r, file_bytes(), SIZE, 0, 0);
	for (uint32_t n = 0; n < 5000; n++) {
		write_line(&r, n);
		count = check_entries(&r, &last);
		assert_int_equal(last, n);
		assert_true(count >= 1);
		/* not more were given up than had to be: one more of the longest would not have fitted */
		if (n >= 200)
			assert_true(r.header->head - r.header->tail +
					2 * (sizeof(struct ring_entry) + CONFIG_MAX_LINE) >
				r.header->capacity);
	}
}

static void what_is_too_long_is_cut(void **state)
{
	static char text[CONFIG_MAX_LINE * 2];
	struct ring r;
	(void)state;
	ring_format(&r, file_bytes(), SIZE, 0, 0);
	ring_line_add(&r, text, sizeof(text));
	assert_int_equal(ring_line_length(&r), CONFIG_MAX_LINE);
	assert_int_equal(ring_line_room(&r), 0);
	ring_line_add(&r, text, 1);
	assert_int_equal(ring_line_length(&r), CONFIG_MAX_LINE);
	ring_line_forget(&r);
	assert_int_equal(ring_line_length(&r), 0);
	assert_int_equal(r.header->head, 0);
}

static void an_unfinished_line_is_found_again(void **state)
{
	struct ring r, again;
	char text[CONFIG_MAX_LINE];
	uint32_t last = 0;
	(void)state;
	ring_format(&r, file_bytes(), SIZE, 0, 0);
	write_line(&r, 0);
	ring_line_add(&r, text, line_of(1, text) / 3);
	assert_int_equal(ring_open(&again, file_bytes(), SIZE), 0);
	assert_int_equal(ring_line_length(&again), line_of(1, text) / 3);
	ring_line_add(&again, text + ring_line_length(&again),
		line_of(1, text) - ring_line_length(&again));
	ring_line_store(&again, 1, 1, 0);
	assert_int_equal(check_entries(&again, &last), 2);
}

static void another_size_keeps_positions(void **state)
{
	static uint64_t other[2 * SIZE / sizeof(uint64_t)];
	static const size_t sizes[] = {SIZE, SIZE + SIZE / 2, 2 * SIZE};
	char text[CONFIG_MAX_LINE];
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct ring from, to;
		uint32_t before = 0, after = 0, count;
		ring_format(&from, other, 2 * SIZE, 0, 0);
		for (uint32_t n = 0; n < 300; n++)
			write_line(&from, n);
		ring_line_add(&from, text, line_of(300, text) / 2);
		from.header->dropped = 17;
		count = check_entries(&from, &before);
		static uint64_t bytes[2 * SIZE / sizeof(uint64_t)];
		ring_format(&to, bytes, sizes[i], from.header->tail, 0);
		ring_copy(&to, &from);
		assert_true(check_entries(&to, &after) <= count);
		assert_int_equal(before, after);
		assert_int_equal(to.header->head, from.header->head);
		assert_int_equal(to.header->sequence, from.header->sequence);
		assert_int_equal(to.header->dropped, 17);
		assert_int_equal(ring_line_length(&to), ring_line_length(&from));
		ring_line_add(&to, text + ring_line_length(&to),
			line_of(300, text) - ring_line_length(&to));
		ring_line_store(&to, 300, 300 & 7, 0);
		check_entries(&to, &after);
		assert_int_equal(after, 300);
	}
}

static void random_writes_and_reopening(void **state)
{
	uint64_t random = seed();
	struct ring r;
	uint32_t last = 0, n = 0;
	(void)state;
	ring_format(&r, file_bytes(), SIZE, next_random(&random) % 100000, 0);
	for (int i = 0; i < 20000; i++) {
		switch (next_random(&random) % 8) {
		case 0:
			assert_int_equal(ring_open(&r, file_bytes(), SIZE), 0);
			break;
		case 1:
			ring_line_add(&r, "rubbish", 7);
			ring_line_forget(&r);
			break;
		default:
			write_line(&r, n++);
		}
		if (i % 16)
			continue;
		if (check_entries(&r, &last))
			assert_int_equal(last, n - 1);
	}
}

static void nonsense_is_refused_or_harmless(void **state)
{
	uint64_t random = seed();
	int refused = 0, taken = 0;
	(void)state;
	for (int i = 0; i < 20000; i++) {
		/* of its own, so that the sanitizer sees the first byte outside */
		unsigned char *bytes = malloc(SIZE);
		struct ring r;
		assert_non_null(bytes);
		ring_format(&r, bytes, SIZE, next_random(&random) % 10000, 0);
		for (uint32_t n = 0; n < 60; n++)
			write_line(&r, n);
		for (uint64_t k = next_random(&random) % 6; k; k--)
			bytes[next_random(&random) % (i % 2 ? 64 : SIZE)] = (unsigned char)next_random(&random);
		if (ring_open(&r, bytes, SIZE) == 0) {
			write_line(&r, 1);
			taken++;
		} else {
			refused++;
		}
		free(bytes);
	}
	assert_true(refused > 1000);
	assert_true(taken > 1000);
}

static void impossible_headers(void **state)
{
	struct ring r;
	struct ring_header good, *h = (struct ring_header *)file_bytes();
	static const struct {
		size_t at;
		uint64_t value;
		size_t size;
	} changes[] = {
		{offsetof(struct ring_header, magic), 0, 1},
		{offsetof(struct ring_header, version), RING_VERSION + 1, 4},
		{offsetof(struct ring_header, capacity), SIZE, 4},
		{offsetof(struct ring_header, capacity), 0, 4},
		{offsetof(struct ring_header, tail), UINT64_MAX, 8},
		{offsetof(struct ring_header, head), UINT64_MAX, 8},
		{offsetof(struct ring_header, open), CONFIG_MAX_LINE + 1, 4},
	};
	(void)state;
	ring_format(&r, file_bytes(), SIZE, 0, 0);
	write_line(&r, 0);
	good = *h;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		*h = good;
		memcpy((char *)h + changes[i].at, &changes[i].value, changes[i].size);
		assert_int_equal(ring_open(&r, file_bytes(), SIZE), -EBADMSG);
	}
	*h = good;
	assert_int_equal(ring_open(&r, file_bytes(), SIZE), 0);
	assert_int_equal(ring_open(&r, file_bytes(), SIZE - 8), -EBADMSG);
	assert_int_equal(ring_open(&r, file_bytes(), sizeof(good)), -EBADMSG);
}

/* After a crash: the ring opens, every entry is whole, and at most the line being written is
 * missing. */
static uint32_t check_crash(const void *shared, uint32_t least)
{
	static uint64_t copy[SIZE / sizeof(uint64_t)];
	struct ring r;
	uint32_t last = 0;
	memcpy(copy, shared, SIZE);
	assert_int_equal(ring_open(&r, copy, SIZE), 0);
	assert_true(check_entries(&r, &last) >= 1);
	assert_true(last >= least);
	assert_int_equal(r.header->sequence, last + 1);
	/* and it can be gone on with */
	ring_line_forget(&r);
	write_line(&r, last + 1);
	check_entries(&r, &last);
	return last - 1;
}

static void *shared_ring(struct ring *r, uint32_t lines)
{
	void *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(p, MAP_FAILED);
	ring_format(r, p, SIZE, 0, 0);
	for (uint32_t n = 0; n < lines; n++)
		write_line(r, n);
	return p;
}

/* One instruction at a time through the writing of a few lines in a ring that is full: each
 * state in between is what a crash would leave. */
static void a_crash_at_every_instruction(void **state)
{
	struct ring r;
	void *p = shared_ring(&r, 100);
	uint32_t last = 99;
	long steps = 0;
	int status;
	pid_t pid = fork();
	(void)state;
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(77);
		raise(SIGSTOP);
		for (uint32_t n = 100; n < 104; n++) {
			ring_line_add(&r, "0123456789", n % 10);
			ring_line_forget(&r);
			write_line(&r, n);
		}
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		printf("skipped: ptrace(2) is not permitted here\n");
		skip();
	}
	while (WIFSTOPPED(status)) {
		last = check_crash(p, last);
		steps++;
		assert_int_equal(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
	}
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(last, 103);
	printf("%ld instructions, each a crash\n", steps);
	munmap(p, SIZE);
}

static void kills_at_random_moments(void **state)
{
	uint64_t random = seed();
	(void)state;
	for (int i = 0; i < 100; i++) {
		struct ring r;
		void *p = shared_ring(&r, 100);
		struct timespec wait = {.tv_nsec = (long)(next_random(&random) % 2000000)};
		pid_t pid = fork();
		if (pid == 0)
			for (uint32_t n = 100;; n++)
				write_line(&r, n);
		nanosleep(&wait, NULL);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		check_crash(p, 99);
		munmap(p, SIZE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_ring_has_no_entries),
		cmocka_unit_test(sizes_stay_in_their_bounds),
		cmocka_unit_test(the_oldest_lines_make_room),
		cmocka_unit_test(what_is_too_long_is_cut),
		cmocka_unit_test(an_unfinished_line_is_found_again),
		cmocka_unit_test(another_size_keeps_positions),
		cmocka_unit_test(random_writes_and_reopening),
		cmocka_unit_test(nonsense_is_refused_or_harmless),
		cmocka_unit_test(impossible_headers),
		cmocka_unit_test(a_crash_at_every_instruction),
		cmocka_unit_test(kills_at_random_moments),
	};
	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
