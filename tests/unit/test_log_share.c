// needs: log
/* SPDX-License-Identifier: MIT
 * What a flood of lines costs the others: a bulkhead-log of one CPU, and services that write. Its
 * time is made of lines and turns alone.
 */
#include "log/share.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PIPE_BYTES (64 * 1024)
#define READ_BYTES 4096
#define MAX 32

struct kind {
	const char *name;
	uint32_t line_bytes;
	uint32_t per_ms; /* bytes that it would write in a millisecond */
};

struct model {
	const struct kind *kind;
	struct log_share share;
	uint64_t rest_ms;
	/* bytes in its pipe; what is not yet a millisecond's worth, in bytes * us */
	uint64_t pipe, fraction;
	uint64_t begun;   /* bytes of a line that has not ended */
	uint64_t refused; /* bytes that it had to wait with */
	uint64_t lines, spent_us;
};

static struct model m[MAX];
static uint64_t now_us, idle_us, longest_round_us;

static void write_all(int count, uint64_t us)
{
	for (int i = 0; i < count; i++) {
		m[i].fraction += us * m[i].kind->per_ms;
		uint64_t n = m[i].fraction / 1000, room = PIPE_BYTES - m[i].pipe;
		m[i].fraction %= 1000;
		m[i].pipe += n < room ? n : room;
		m[i].refused += n < room ? 0 : n - room;
	}
}

/* What one service's turn takes: line_us for each line, turn_us besides. */
static uint64_t turn(struct model *s, uint64_t line_us, uint64_t turn_us)
{
	struct log_round r = {0};
	for (size_t part; s->pipe && (part = log_share_next(&s->share, &r, READ_BYTES));) {
		size_t n = s->pipe < part ? (size_t)s->pipe : part;
		s->pipe -= n;
		s->begun += n;
		r.bytes += n;
		r.lines += s->begun / s->kind->line_bytes;
		s->lines += s->begun / s->kind->line_bytes;
		s->begun %= s->kind->line_bytes;
		if (n < part)
			break;
	}
	return r.lines * line_us + turn_us;
}

static void run(const struct kind *const *kinds, int count, uint64_t line_us, uint64_t turn_us,
	uint64_t end_us)
{
	memset(m, 0, sizeof(m));
	now_us = idle_us = longest_round_us = 0;
	for (int i = 0; i < count; i++)
		m[i].kind = kinds[i];
	while (now_us < end_us) {
		uint64_t begin = now_us;
		for (int i = 0; i < count; i++) {
			if (!m[i].pipe || now_us / 1000 < m[i].rest_ms)
				continue;
			uint64_t took = turn(&m[i], line_us, turn_us);
			uint32_t rest;
			now_us += took;
			m[i].spent_us += took;
			write_all(count, took);
			rest = log_share_charge(&m[i].share, took, now_us / 1000);
			m[i].rest_ms = rest ? now_us / 1000 + rest : 0;
		}
		if (now_us - begin > longest_round_us)
			longest_round_us = now_us - begin;
		if (now_us == begin) {
			write_all(count, 100);
			now_us += 100;
			idle_us += 100;
		}
	}
}

static const struct kind quiet = {"80 bytes", 80, 400}; /* 5,000 lines a second */
static const struct kind flood = {"a\\n", 2, 100000};   /* more than anybody reads */
static const struct kind wide = {"1000 bytes", 1000, 100000};
static const struct kind newlines = {"\\n", 1, 100000};

static void print(const char *what, int count)
{
	printf("%s: %d services, idle %d %%, longest round %d us;", what, count,
		(int)(idle_us * 100 / now_us), (int)longest_round_us);
	for (int i = 0; i < count && i < 4; i++)
		printf(" %s: %d lines, %d us, %d bytes waited;", m[i].kind->name, (int)m[i].lines,
			(int)m[i].spent_us, (int)m[i].refused);
	printf("\n");
}

#define SECOND 1000000u

/* Nobody but the flooder waits, and a sixteenth of the time is all that it costs. */
static void a_flood_costs_the_flooder(void **state)
{
	const struct kind *const floods[] = {&flood, &newlines, &wide};
	(void)state;
	for (size_t i = 0; i < sizeof(floods) / sizeof(*floods); i++) {
		const struct kind *const kinds[] = {&quiet, floods[i]};
		run(kinds, 2, 3, 30, 10 * SECOND);
		print("flood", 2);
		assert_int_equal(m[0].refused, 0);
		assert_in_range(m[0].lines, 49000, 50000);
		assert_in_range(m[1].spent_us, 0,
			10 * SECOND / LOG_SHARE + 2 * LOG_BURST_US + 5 * LOG_ROUND_LINES * 3);
		assert_true(m[1].refused > 0);
	}
}

static void many_floods_leave_all_of_the_quiet_one(void **state)
{
	const struct kind *kinds[MAX] = {&quiet};
	(void)state;
	for (int i = 1; i < MAX; i++)
		kinds[i] = i % 2 ? &flood : &newlines;
	run(kinds, 6, 3, 30, 10 * SECOND);
	print("five floods", 6);
	assert_int_equal(m[0].refused, 0);
	assert_true(idle_us > 2 * SECOND);
	run(kinds, MAX, 3, 30, 10 * SECOND);
	print("31 floods", MAX);
	assert_int_equal(m[0].refused, 0);
	assert_in_range(m[0].lines, 48000, 50000);
}

/* Where nothing is over: each has its turn, none is longer than a round's budget and one read. */
static void a_turn_is_bounded_in_lines(void **state)
{
	const struct kind *const kinds[] = {&quiet, &newlines, &flood};
	(void)state;
	run(kinds, 3, 10, 100, SECOND);
	print("slow machine", 3);
	assert_in_range(longest_round_us, 0, 3 * (100 + 2 * LOG_ROUND_LINES * 10));
	assert_in_range(m[1].lines + m[2].lines, 2000, SECOND / 10);
}

static void a_burst_is_free_and_a_rest_is_bounded(void **state)
{
	struct log_share h = {0};
	(void)state;
	assert_int_equal(log_share_charge(&h, LOG_BURST_US, 5), 0);
	assert_int_equal(log_share_charge(&h, 1000, 5),
		(LOG_BURST_US + 1000 - LOG_AGAIN_US) * LOG_SHARE / 1000);
	h = (struct log_share){0};
	assert_int_equal(log_share_charge(&h, 3600u * SECOND, 1), LOG_REST_MAX_MS);
	assert_int_equal(log_share_charge(&h, 0, 1 + LOG_REST_MAX_MS), 0);
	assert_int_equal(h.owed_us, LOG_AGAIN_US);
	assert_int_equal(log_share_charge(&h, 0, 1000000), 0);
	assert_int_equal(h.owed_us, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flood_costs_the_flooder),
		cmocka_unit_test(many_floods_leave_all_of_the_quiet_one),
		cmocka_unit_test(a_turn_is_bounded_in_lines),
		cmocka_unit_test(a_burst_is_free_and_a_rest_is_bounded),
	};
	return cmocka_run_group_tests_name("share", tests, NULL, NULL);
}
