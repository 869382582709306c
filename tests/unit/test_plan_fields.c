// needs: plan
/* SPDX-License-Identifier: MIT
 * The table of fields covers each byte of each record of a plan once: a member that was added to a
 * struct and not to the table would be read unchecked.
 */
#include "plan/fields.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MAX_SIZE 1024

static void cover(unsigned char *covered, const struct plan_field *f, const char *where)
{
	unsigned bytes = f->bytes * f->repeat;
	assert_true(f->at + bytes <= MAX_SIZE);
	for (unsigned i = 0; i < bytes; i++)
		if (covered[f->at + i]++)
			fail_msg("%s: byte %u belongs to two fields", where, f->at + i);
}

static void every_byte_belongs_to_one_field(void **state)
{
	static unsigned char covered[MAX_SIZE];
	(void)state;
	for (unsigned kind = 0; kind < PLAN_RECORD_COUNT; kind++) {
		const struct plan_fields *r = &plan_records[kind];
		char where[32];
		snprintf(where, sizeof(where), "record %u", kind);
		memset(covered, 0, sizeof(covered));
		assert_in_range(r->size, 1, MAX_SIZE);
		for (unsigned i = 0; i < r->count; i++)
			cover(covered, &r->field[i], where);
		for (unsigned i = 0; i < r->size; i++)
			if (!covered[i])
				fail_msg("%s: byte %u belongs to no field of plan/fields.def", where, i);
	}
}

static void fields_have_the_size_of_their_kind(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < PLAN_RECORD_COUNT; kind++) {
		for (unsigned i = 0; i < plan_records[kind].count; i++) {
			const struct plan_field *f = &plan_records[kind].field[i];
			if (f->kind == PLAN_LIST || f->kind == PLAN_BLOB)
				assert_int_equal(f->bytes, sizeof(struct plan_list));
			else if (f->kind == PLAN_RECORD)
				assert_int_equal(f->bytes, plan_records[f->of].size);
			else
				assert_true(f->bytes == 1 || f->bytes == 2 || f->bytes == 4);
			assert_true(f->kind == PLAN_LIST || f->least <= f->most || !f->most);
		}
	}
}

static void values_are_read_without_their_neighbours(void **state)
{
	struct plan_service s;
	const struct plan_fields *r = &plan_records[PLAN_RECORD_SERVICE];
	(void)state;
	memset(&s, 0xff, sizeof(s));
	s.type = 3;
	s.network = 0x12345678;
	for (unsigned i = 0; i < r->count; i++) {
		if (r->field[i].at == offsetof(struct plan_service, type))
			assert_int_equal(plan_field_value(&s, &r->field[i], 0), 3);
		if (r->field[i].at == offsetof(struct plan_service, network))
			assert_int_equal(plan_field_value(&s, &r->field[i], 0), 0x12345678);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_belongs_to_one_field),
		cmocka_unit_test(fields_have_the_size_of_their_kind),
		cmocka_unit_test(values_are_read_without_their_neighbours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
