// needs: pid1
/* SPDX-License-Identifier: MIT
 * The places of the control socket: whoever floods it, root is served, and nobody loses his place
 * to who has more of them.
 */
#include "pid1/control/places.h"
#include "test_seed.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define PLACES 8
#define NOBODY 65534

static struct client list[PLACES];
static uint64_t now;

static int start(void **state)
{
	(void)state;
	memset(list, 0, sizeof(list));
	now = 1;
	return 0;
}

static uint32_t enter(int32_t service, uint32_t uid, uint32_t state)
{
	uint32_t at = places_for(list, PLACES, service, uid);
	if (at != PLACES_NONE)
		list[at] = (struct client){.state = state,
			.service = service,
			.uid = uid,
			.since_ms = now++};
	return at;
}

static uint32_t count(int32_t service)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < PLACES; i++)
		n += list[i].state != CLIENT_FREE && list[i].service == service;
	return n;
}

static void a_service_of_root_cannot_lock_root_out(void **state)
{
	uint32_t mine;
	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_not_equal(enter(1, 0, i % 3 ? CLIENT_WAITING : CLIENT_READING), PLACES_NONE);
	assert_int_equal(count(1), PLACES);
	mine = enter(2, 0, CLIENT_WAITING); /* bulkctl start, from a shell */
	assert_int_not_equal(mine, PLACES_NONE);
	for (int i = 0; i < 100; i++)
		enter(1, 0, CLIENT_READING);
	assert_int_equal(list[mine].service, 2);
	assert_int_equal(count(1), PLACES - 1);
}

static void those_without_rights_take_no_place_of_roots(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		enter(1, NOBODY, CLIENT_READING);
	assert_int_equal(count(1), PLACES - 2);
	enter(2, 0, CLIENT_WAITING);
	enter(2, 0, CLIENT_WAITING);
	for (int i = 0; i < 100; i++)
		enter(3, NOBODY, CLIENT_READING);
	assert_int_equal(count(2), 2);
	assert_int_equal(count(1) + count(3), PLACES - 2);
	assert_int_equal(count(3), 3); /* as many as the others */
}

static void where_all_are_roots_those_without_rights_are_turned_away(void **state)
{
	(void)state;
	for (int i = 0; i < PLACES; i++)
		enter(i, 0, CLIENT_WAITING);
	assert_int_equal(enter(50, NOBODY, CLIENT_READING), PLACES_NONE);
	assert_int_not_equal(enter(50, 0, CLIENT_READING), PLACES_NONE);
}

static void many_users_of_one_service_count_as_one(void **state)
{
	uint32_t mine;
	(void)state;
	mine = enter(2, 1000, CLIENT_READING);
	for (uint32_t i = 0; i < 100; i++)
		enter(1, 70000 + i, CLIENT_READING);
	assert_int_equal(list[mine].service, 2);
	assert_int_equal(list[mine].uid, 1000);
}

static void who_has_asked_for_nothing_goes_first(void **state)
{
	(void)state;
	for (int i = 0; i < PLACES; i++)
		enter(1, 0, i == 5 ? CLIENT_READING : i == 6 ? CLIENT_LISTING : CLIENT_WAITING);
	assert_int_equal(list[enter(2, 0, CLIENT_WAITING)].service, 2);
	for (int i = 0; i < PLACES; i++)
		assert_true(list[i].state != CLIENT_READING);
	enter(3, 0, CLIENT_WAITING);
	for (int i = 0; i < PLACES; i++)
		assert_true(list[i].state == CLIENT_WAITING);
}

/* Whoever comes and goes, and with whatever numbers. */
static void whatever_comes(void **state)
{
	uint64_t random = seed();
	(void)state;
	for (int i = 0; i < 200000; i++) {
		int32_t service = (int32_t)(next_random(&random) % 6) - 1;
		uint32_t uid = next_random(&random) % 3 ? 0 : (uint32_t)(next_random(&random) % 3) + 1;
		uint32_t before = count(service), n = 1 + (uint32_t)(next_random(&random) % PLACES);
		struct client gone = {0};
		uint32_t at = places_for(list, PLACES, service, uid);
		assert_true(at != PLACES_NONE || uid);
		if (at != PLACES_NONE) {
			gone = list[at];
			assert_true(gone.state == CLIENT_FREE || gone.uid || !uid);
			assert_true(gone.state == CLIENT_FREE || uid || gone.service == service ||
				count(gone.service) > before);
			list[at] = (struct client){.state = CLIENT_READING +
					(uint32_t)(next_random(&random) % 4),
				.service = service,
				.uid = uid,
				.since_ms = now++};
		}
		if (next_random(&random) % 4 == 0)
			list[next_random(&random) % PLACES].state = CLIENT_FREE;
		for (uint32_t k = 1; k <= n; k++) /* any number of places */
			assert_true(places_for(list, k, service, 0) < k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_service_of_root_cannot_lock_root_out, start),
		cmocka_unit_test_setup(those_without_rights_take_no_place_of_roots, start),
		cmocka_unit_test_setup(where_all_are_roots_those_without_rights_are_turned_away, start),
		cmocka_unit_test_setup(many_users_of_one_service_count_as_one, start),
		cmocka_unit_test_setup(who_has_asked_for_nothing_goes_first, start),
		cmocka_unit_test_setup(whatever_comes, start),
	};
	return cmocka_run_group_tests_name("places of the control socket", tests, NULL, NULL);
}
