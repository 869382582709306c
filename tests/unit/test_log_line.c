// needs: log base tests/unit/log_stub.c
/* SPDX-License-Identifier: MIT
 * Bytes to lines to entries: splitting at any place, priorities, long lines, rate limits and a file
 * system without room.
 */
#include "test_seed.h"
#include "unit/log_stub.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define SIZE (64u * 1024)

static uint64_t bytes[SIZE / sizeof(uint64_t)];
static struct log l;
static struct log_service *const s = &l.service[0];
static struct ring_view view;
static uint64_t position;
static struct ring_entry entry;
static char text[CONFIG_MAX_LINE + 1];

static int start(void **state)
{
	(void)state;
	memset(&l, 0, sizeof(l));
	ring_format(&s->ring, bytes, SIZE, 0, 0);
	s->used = true;
	strcpy(s->name, "svc");
	position = 0;
	log_stub_room = 0;
	return 0;
}

static void feed_bytes(const char *p, size_t n, uint64_t ms)
{
	log_line_feed(&l, s, p, n, (struct log_time){.ns = ms * 1000000, .ms = ms});
}

static void feed(const char *p, uint64_t ms)
{
	feed_bytes(p, strlen(p), ms);
}

static bool next(void)
{
	view = (struct ring_view){s->ring.data, s->ring.header->capacity, s->ring.header->tail,
		s->ring.header->head};
	if (!ring_read(&view, &position, &entry, text))
		return false;
	text[entry.length] = '\0';
	return true;
}

static void expect(const char *line, unsigned level, unsigned flags)
{
	assert_true(next());
	assert_string_equal(text, line);
	assert_int_equal(entry.level, level);
	assert_int_equal(entry.flags, flags);
}

static void lines(void **state)
{
	(void)state;
	feed("one\ntwo\n\nfo", 5);
	expect("one", 6, 0);
	assert_int_equal(entry.time_ns, 5000000);
	expect("two", 6, 0);
	expect("", 6, 0);
	assert_false(next());
	feed("ur\r\n", 6);
	expect("four\r", 6, 0);
	assert_int_equal(entry.time_ns, 6000000);
	feed_bytes("a\0b\n", 4, 7);
	assert_true(next());
	assert_int_equal(entry.length, 3);
	assert_memory_equal(text, "a\0b", 3);
}

static void the_end_stores_what_is_unfinished(void **state)
{
	(void)state;
	feed("last words", 1);
	assert_false(next());
	log_line_flush(&l, s, (struct log_time){1, 1});
	expect("last words", 6, RING_UNFINISHED);
	log_line_flush(&l, s, (struct log_time){1, 1});
	assert_false(next());
}

/* What stands in the pipe behind the last words of one process is another's. */
static void the_end_of_a_process_is_where_its_bytes_end(void **state)
{
	const struct log_time then = {1, 1};
	(void)state;
	feed("last ", 1);
	log_line_over(&l, s, 5, then);
	assert_false(next());
	feed("wor", 2);
	assert_false(next());
	feed("dsfirst\nsecond\n", 3);
	expect("last words", 6, RING_UNFINISHED);
	expect("first", 6, 0);
	expect("second", 6, 0);
	assert_false(next());
	log_line_over(&l, s, 6, then);
	feed("whole\nnext\n", 4);
	expect("whole", 6, 0);
	expect("next", 6, 0);
	assert_false(next());
	feed("at once", 5);
	log_line_over(&l, s, 0, then);
	expect("at once", 6, RING_UNFINISHED);
}

static void priorities(void **state)
{
	static const struct {
		const char *line;
		uint8_t level, skip;
	} cases[] = {
		{"<3>error", 3, 3},
		{"<0>", 0, 3},
		{"<13>user", 5, 4},
		{"<191>most", 7, 5},
		{"<192>too much", 6, 0},
		{"<>", 6, 0},
		{"<3", 6, 0},
		{"3>", 6, 0},
		{"<-1>x", 6, 0},
		{"<1234>", 6, 0},
		{" <3>x", 6, 0},
		{"<3x>", 6, 0},
		{"", 6, 0},
		{"<99", 6, 0},
		{"<999>", 6, 0},
		{"<007>x", 7, 5},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t skip = 99;
		assert_int_equal(log_line_level(cases[i].line, strlen(cases[i].line), &skip),
			cases[i].level);
		assert_int_equal(skip, cases[i].skip);
	}
	feed("<3>error\n", 1);
	expect("<3>error", 3, 3 << RING_SKIP_SHIFT);
}

static void long_lines_are_split(void **state)
{
	static char line[CONFIG_MAX_LINE * 2 + 11];
	(void)state;
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	feed_bytes(line, sizeof(line), 1);
	assert_true(next());
	assert_int_equal(entry.length, CONFIG_MAX_LINE);
	assert_int_equal(entry.flags, RING_CONTINUES);
	assert_true(next());
	assert_int_equal(entry.length, CONFIG_MAX_LINE);
	assert_int_equal(entry.flags, RING_CONTINUES);
	expect("xxxxxxxxxx", 6, 0);
	/* exactly the longest is one line */
	feed_bytes(line, CONFIG_MAX_LINE, 2);
	feed("\n", 2);
	assert_true(next());
	assert_int_equal(entry.flags, 0);
	assert_false(next());
}

static void the_rate_limit_counts_and_says_so(void **state)
{
	(void)state;
	s->rate.burst = 2;
	s->rate.interval_ms = 1000;
	feed("1\n2\n3\n4\n5 and ", 5000);
	expect("1", 6, 0);
	expect("2", 6, 0);
	assert_false(next());
	assert_int_equal(log_line_deadline(s), LOG_NO_DEADLINE); /* a note would stand inside line 5 */
	feed("its end\n", 5500);
	assert_int_equal(log_line_deadline(s), 6000);
	log_line_report(&l, s, (struct log_time){5999000000, 5999});
	assert_false(next());
	log_line_report(&l, s, (struct log_time){6000000000, 6000});
	expect("3 lines dropped", 4, RING_NOTE);
	assert_int_equal(log_line_deadline(s), LOG_NO_DEADLINE);
	assert_int_equal(s->ring.header->dropped, 3);
	/* without a report in between, the next line brings it */
	feed("a\nb\nc\n", 7000);
	feed("d\n", 9000);
	expect("a", 6, 0);
	expect("b", 6, 0);
	expect("1 line dropped", 4, RING_NOTE);
	expect("d", 6, 0);
	assert_int_equal(s->ring.header->dropped, 4);
}

static void an_endless_line_meets_the_limit_too(void **state)
{
	static char part[CONFIG_MAX_LINE];
	uint32_t stored = 0;
	(void)state;
	memset(part, 'y', sizeof(part));
	s->rate.burst = 3;
	s->rate.interval_ms = 1000;
	for (int i = 0; i < 100; i++)
		feed_bytes(part, sizeof(part), 5000);
	while (next())
		stored++;
	assert_int_equal(stored, 3);
	feed("\nafter\n", 7000);
	expect("1 line dropped", 4, RING_NOTE);
	expect("after", 6, 0);
}

static void no_room_loses_lines_and_nothing_else(void **state)
{
	(void)state;
	feed("before\nhalf", 1);
	log_stub_room = -ENOSPC;
	feed(" a line\nlost\n\n", 2);
	log_line_report(&l, s, (struct log_time){3000000, 3});
	assert_true(log_line_deadline(s) > 3); /* no busy loop while there is no room */
	log_stub_room = 0;
	feed("after\n", LOG_RETRY_MS + 10);
	expect("before", 6, 0);
	expect("3 lines dropped", 4, RING_NOTE);
	expect("after", 6, 0);
	assert_false(next());
}

static void without_a_ring_lines_are_counted(void **state)
{
	(void)state;
	s->ring.header = NULL;
	feed("a\nb\nc", 1);
	assert_int_equal(s->rate.dropped, 3);
	assert_int_equal(log_line_deadline(s), LOG_NO_DEADLINE);
	assert_int_equal(s->retry_ms, LOG_RETRY_MS + 1);
}

static void copies_go_to_the_kernels_log(void **state)
{
	(void)state;
	s->forward = 1;
	feed("<2>trouble\n", 1);
	assert_string_equal(log_stub_kmsg, "<2>svc: trouble");
	feed("plain\n", 1);
	assert_string_equal(log_stub_kmsg, "<6>svc: plain");
}

/* However the bytes are cut into reads, the lines are the same. */
static void any_cut_gives_the_same_lines(void **state)
{
	static char input[40000];
	static uint64_t first[SIZE / sizeof(uint64_t)];
	uint64_t random = seed();
	(void)state;
	for (size_t i = 0; i < sizeof(input); i++)
		input[i] = next_random(&random) % 300 ? (char)next_random(&random) : '\n';
	feed_bytes(input, sizeof(input), 1);
	memcpy(first, bytes, SIZE);
	for (int round = 0; round < 50; round++) {
		memset(bytes, 0, SIZE);
		start(NULL);
		for (size_t at = 0; at < sizeof(input);) {
			size_t n = next_random(&random) % 3000 + 1;
			n = n < sizeof(input) - at ? n : sizeof(input) - at;
			feed_bytes(input + at, n, 1);
			at += n;
		}
		assert_memory_equal(bytes, first, s->ring.header->head);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(lines, start),
		cmocka_unit_test_setup(the_end_stores_what_is_unfinished, start),
		cmocka_unit_test_setup(the_end_of_a_process_is_where_its_bytes_end, start),
		cmocka_unit_test_setup(priorities, start),
		cmocka_unit_test_setup(long_lines_are_split, start),
		cmocka_unit_test_setup(the_rate_limit_counts_and_says_so, start),
		cmocka_unit_test_setup(an_endless_line_meets_the_limit_too, start),
		cmocka_unit_test_setup(no_room_loses_lines_and_nothing_else, start),
		cmocka_unit_test_setup(without_a_ring_lines_are_counted, start),
		cmocka_unit_test_setup(copies_go_to_the_kernels_log, start),
		cmocka_unit_test_setup(any_cut_gives_the_same_lines, start),
	};
	return cmocka_run_group_tests_name("log lines", tests, NULL, NULL);
}
