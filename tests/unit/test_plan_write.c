// needs: plan base
/* SPDX-License-Identifier: MIT
 * The writer: equal things are stored once, what does not fit is reported and never written beyond
 * the buffer, and what was written opens again.
 */
#include "base/config.h"
#include "plan/plan.h"
#include "plan/write.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LARGE ((size_t)CONFIG_MAX_PLAN_KB * 1024)

static struct plan_writer w;
static _Alignas(8) unsigned char buf[LARGE + 64];
static char strings[LARGE];
static const struct plan_machine no_machine = {.default_group = UINT32_MAX};

static int begin_one(void **state)
{
	(void)state;
	memset(buf, 0xee, sizeof(buf));
	memset(strings, 0xee, sizeof(strings));
	plan_write_begin(&w, buf, LARGE, strings, sizeof(strings), 0);
	return 0;
}

static size_t finish(struct plan *p)
{
	size_t size = plan_write_end(&w, &no_machine, plan_native_arch(), 0);
	if (size > 0)
		assert_int_equal(plan_open(p, buf, size, plan_native_arch()), PLAN_OK);
	return size;
}

static void an_empty_plan_opens(void **state)
{
	struct plan p;
	(void)state;
	assert_int_equal(finish(&p), sizeof(struct plan_header) + 1);
	assert_int_equal(plan_service_count(&p), 0);
}

static void equal_texts_are_one(void **state)
{
	plan_str a = plan_write_text(&w, "text"), b = plan_write_span(&w, (struct span){"texture", 4});
	plan_str longer = plan_write_text(&w, "texture"), shorter = plan_write_text(&w, "tex");
	struct plan p;
	(void)state;
	assert_int_not_equal(a, 0);
	assert_int_equal(a, b);
	assert_int_not_equal(longer, a);
	assert_int_not_equal(shorter, a);
	assert_int_equal(plan_write_text(&w, ""), 0);
	assert_int_equal(plan_write_text(&w, NULL), 0);
	assert_int_equal(plan_write_span(&w, (struct span){NULL, 0}), 0);
	assert_true(finish(&p) > 0);
	assert_string_equal(plan_text(&p, a), "text");
	assert_string_equal(plan_text(&p, longer), "texture");
	assert_string_equal(plan_text(&p, shorter), "tex");
}

static void equal_items_are_one(void **state)
{
	const uint32_t words[] = {1, 2, 3, 4};
	struct plan_list a = plan_write_list(&w, words, 4, 4), b = plan_write_list(&w, words, 8, 2);
	struct plan_blob c = plan_write_blob(&w, words, sizeof(words)),
					 shorter = plan_write_blob(&w, words, 15);
	size_t len = w.len;
	struct plan p;
	(void)state;
	assert_int_equal(a.off, b.off);
	assert_int_equal(a.off, c.off);
	assert_int_equal(b.count, 2);
	assert_int_not_equal(shorter.off, a.off);
	plan_write_list(&w, words, 4, 4);
	assert_int_equal(w.len, len);
	assert_int_equal(plan_write_list(&w, NULL, 4, 0).off, 0);
	assert_int_equal(plan_write_blob(&w, NULL, 0).size, 0);
	assert_true(finish(&p) > 0);
	assert_memory_equal(plan_elements(&p, a, 4), words, sizeof(words));
}

static void items_are_aligned_and_padded_with_zeros(void **state)
{
	struct plan_blob one = plan_write_blob(&w, "x", 1), two = plan_write_blob(&w, "123456789", 9);
	(void)state;
	assert_int_equal(one.off % 8, 0);
	assert_int_equal(two.off, one.off + 8);
	assert_memory_equal(buf + one.off, "x\0\0\0\0\0\0", 8);
	assert_memory_equal(buf + two.off, "123456789\0\0\0\0\0\0", 16);
}

static void the_same_input_gives_the_same_bytes(void **state)
{
	unsigned char *first;
	size_t size = 0;
	(void)state;
	for (int i = 0; i < 2; i++) {
		begin_one(NULL);
		memset(buf, 0xee * i, sizeof(buf)); /* whatever was there before */
		plan_write_begin(&w, buf, LARGE, strings, sizeof(strings), 3);
		plan_write_blob(&w, "blob", plan_write_text(&w, "text") ? 5 : 0);
		size = plan_write_end(&w, &no_machine, 1, 2);
		if (i == 0)
			first = memcpy(malloc(size), buf, size);
	}
	assert_memory_equal(first, buf, size);
	free(first);
}

static size_t write_some(unsigned char *at, size_t cap, char *pool, size_t pool_cap)
{
	const struct plan_service s = {.notification_fd = -1};
	const uint32_t words[] = {1, 2, 3};
	plan_write_begin(&w, at, cap, pool, pool_cap, 2);
	plan_write_service(&w, 1, &s);
	plan_write_list(&w, words, sizeof(words[0]), 3);
	plan_write_text(&w, "first");
	plan_write_text(&w, "second");
	plan_write_blob(&w, "a blob of some bytes", 20);
	return plan_write_end(&w, &no_machine, 0, 0);
}

/* In blocks of exactly the given sizes: a byte too far is seen. */
static void any_lack_of_room_is_reported(void **state)
{
	size_t needed = write_some(buf, sizeof(buf), strings, sizeof(strings)),
		   pool_needed = w.strings_len;
	(void)state;
	assert_true(needed > 0);
	for (size_t cap = 0; cap <= needed + 8; cap++) {
		unsigned char *exact = malloc(cap ? cap : 1);
		assert_int_equal(write_some(exact, cap, strings, sizeof(strings)),
			cap < needed ? 0 : needed);
		assert_int_equal(w.full, cap < needed);
		free(exact);
	}
	for (size_t cap = 0; cap <= pool_needed + 8; cap++) {
		char *block = malloc(cap + 1), *exact = block + 1; /* none at all is outside already */
		assert_int_equal(write_some(buf, sizeof(buf), exact, cap), cap < pool_needed ? 0 : needed);
		free(block);
	}
}

static void misuse_is_reported(void **state)
{
	const struct plan_service s = {.notification_fd = -1};
	struct plan p;
	(void)state;
	plan_write_begin(&w, buf + 4, LARGE, strings, sizeof(strings), 0); /* not aligned */
	assert_int_equal(finish(&p), 0);
	plan_write_begin(&w, buf, LARGE, strings, sizeof(strings), CONFIG_MAX_SERVICES + 1);
	assert_int_equal(finish(&p), 0);
	plan_write_begin(&w, buf, LARGE, strings, sizeof(strings), 1);
	plan_write_service(&w, 1, &s);
	assert_int_equal(finish(&p), 0);
	begin_one(NULL);
	plan_write_span(&w, (struct span){"a\0b", 3});
	assert_int_equal(finish(&p), 0);
	begin_one(NULL);
	assert_int_equal(plan_write_list(&w, "x", 0, 1).off, 0);
	assert_int_equal(finish(&p), 0);
	begin_one(NULL);
	assert_int_equal(plan_write_list(&w, "x", SIZE_MAX / 2, 3).off, 0); /* the product wraps */
	assert_int_equal(finish(&p), 0);
}

static void after_full_nothing_is_written(void **state)
{
	size_t len = w.len;
	(void)state;
	w.full = true;
	assert_int_equal(plan_write_text(&w, "text"), 0);
	assert_int_equal(plan_write_blob(&w, "blob", 4).size, 0);
	assert_int_equal(plan_write_list(&w, "list", 1, 4).count, 0);
	assert_int_equal(w.len, len);
	assert_int_equal(plan_write_end(&w, &no_machine, 0, 0), 0);
}

static void larger_than_any_reader_takes_is_full(void **state)
{
	char text[32];
	(void)state;
	/* a buffer larger than the bound */
	plan_write_begin(&w, buf, sizeof(buf), strings, sizeof(strings), 0);
	for (unsigned i = 0; !w.full && i < 1000000; i++) {
		snprintf(text, sizeof(text), "%u", i);
		plan_write_blob(&w, text, sizeof(text));
	}
	assert_true(w.full);
	assert_true(w.len <= LARGE);
	assert_int_equal(plan_write_end(&w, &no_machine, 0, 0), 0);
}

/* More different items than the writer's table has slots: all are there, and those in the table
 * are still found. */
static void more_items_than_slots(void **state)
{
	static plan_str at[PLAN_WRITE_SLOTS * 2];
	char text[32];
	struct plan p;
	(void)state;
	for (unsigned i = 0; i < PLAN_WRITE_SLOTS * 2; i++) {
		snprintf(text, sizeof(text), "text %u", i);
		at[i] = plan_write_text(&w, text);
	}
	assert_int_equal(plan_write_text(&w, "text 0"), at[0]);
	assert_int_equal(plan_write_text(&w, "text 1000"), at[1000]);
	assert_true(finish(&p) > 0);
	for (unsigned i = 0; i < PLAN_WRITE_SLOTS * 2; i++) {
		snprintf(text, sizeof(text), "text %u", i);
		assert_string_equal(plan_text(&p, at[i]), text);
	}
}

static struct plan_service nth_service(unsigned i)
{
	char text[64];
	snprintf(text, sizeof(text), "service-%u", i);
	plan_str name = plan_write_text(&w, text);
	plan_str path = plan_write_text(&w, "/bin/daemon");
	const plan_str argv[] = {path, name};
	const struct plan_command c = {.path = path,
		.argv = plan_write_list(&w, argv, sizeof(argv[0]), 2)};
	struct plan_service s = {.name = name, .kill_signal = 15, .notification_fd = -1};
	static uint64_t filter[256];
	s.exec[EXEC_START] = plan_write_list(&w, &c, sizeof(c), 1);
	s.wall[WALL_SECCOMP] = plan_write_blob(&w, filter, sizeof(filter));
	return s;
}

static void the_largest_number_of_services(void **state)
{
	struct plan p;
	(void)state;
	plan_write_begin(&w, buf, LARGE, strings, sizeof(strings), CONFIG_MAX_SERVICES);
	for (unsigned i = 0; i < CONFIG_MAX_SERVICES; i++) {
		const struct plan_service s = nth_service(i);
		plan_write_service(&w, i, &s);
	}
	assert_true(finish(&p) > 0);
	assert_int_equal(plan_service_count(&p), CONFIG_MAX_SERVICES);
	assert_int_equal(plan_find(&p, "service-200"), 200);
	/* The filter is one copy. */
	assert_int_equal(plan_service(&p, 0)->wall[WALL_SECCOMP].off,
		plan_service(&p, 200)->wall[WALL_SECCOMP].off);
}

/* A service with so many words on its command line and in its environment. */
static enum plan_error open_with(uint32_t words, uint32_t variables)
{
	static plan_str many[PLAN_MAX_ARGV + PLAN_MAX_ENVIRONMENT];
	struct plan_command c = {0};
	struct plan p;
	plan_write_begin(&w, buf, LARGE, strings, sizeof(strings), 1);
	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
		many[i] = plan_write_text(&w, "/x=y");
	c.path = many[0];
	c.argv = plan_write_list(&w, many, sizeof(many[0]), words);

	struct plan_service s = {.name = plan_write_text(&w, "s"),
		.kill_signal = 15,
		.notification_fd = -1};
	s.exec[EXEC_START] = plan_write_list(&w, &c, sizeof(c), 1);
	s.environment = plan_write_list(&w, many, sizeof(many[0]), variables);
	plan_write_service(&w, 0, &s);
	return plan_open(&p, buf, plan_write_end(&w, &no_machine, 0, 0), 0);
}

static void lists_may_be_just_so_long(void **state)
{
	(void)state;
	assert_int_equal(open_with(1, 0), PLAN_OK);
	assert_int_equal(open_with(PLAN_MAX_ARGV, PLAN_MAX_ENVIRONMENT), PLAN_OK);
	assert_int_equal(open_with(PLAN_MAX_ARGV + 1, 0), PLAN_BAD_LIST);
	assert_int_equal(open_with(1, PLAN_MAX_ENVIRONMENT + 1), PLAN_BAD_LIST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_empty_plan_opens, begin_one),
		cmocka_unit_test_setup(equal_texts_are_one, begin_one),
		cmocka_unit_test_setup(equal_items_are_one, begin_one),
		cmocka_unit_test_setup(items_are_aligned_and_padded_with_zeros, begin_one),
		cmocka_unit_test(the_same_input_gives_the_same_bytes),
		cmocka_unit_test(any_lack_of_room_is_reported),
		cmocka_unit_test(misuse_is_reported),
		cmocka_unit_test_setup(after_full_nothing_is_written, begin_one),
		cmocka_unit_test(larger_than_any_reader_takes_is_full),
		cmocka_unit_test_setup(more_items_than_slots, begin_one),
		cmocka_unit_test(the_largest_number_of_services),
		cmocka_unit_test(lists_may_be_just_so_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
