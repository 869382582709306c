// needs: core/core.c core/life.c core/start.c core/stop.c core/adopt.c core/names.c plan/read.c plan/check.c plan/write.c base/hash.c base/span.c tests/unit/core_rig.c
/* SPDX-License-Identifier: MIT
 * What core bounds for the whole device: how many services start at a time.
 */
#include "unit/core_rig.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct rig rig;

static uint32_t state_of(uint32_t service)
{
	return rig.core.service[service].state;
}

static void started(uint32_t service)
{
	rig_event(&rig, EV_STARTED, service, SLOT_MAIN, 0);
}

/* Twenty are asked for: those that are on their way behind their walls are few at a time. */
static void many_enter_a_few_at_a_time(void **state)
{
	(void)state;
	static char names[20][4];
	struct rig_service all[20] = {0};
	for (uint32_t i = 0; i < 20; i++) {
		names[i][0] = 's', names[i][1] = (char)('0' + i / 10), names[i][2] = (char)('0' + i % 10);
		all[i] = (struct rig_service){.name = names[i], .flags = SERVICE_ENABLED, .start_ms = 60000};
	}
	rig_begin(&rig, all, 20);
	for (uint32_t i = 0; i < 20; i++)
		assert_int_equal(state_of(i), i < 16 ? SVC_STARTING : SVC_WAITING);
	started(3);
	rig_expect(&rig, 16, SVC_STARTING, "s16 spawn start 0; s03 report ready");
	rig_event(&rig, EV_FAILED, 5, SLOT_MAIN, 1);
	assert_int_equal(state_of(17), SVC_STARTING);
	assert_int_equal(state_of(18), SVC_WAITING);
	assert_int_equal(rig_wait_deadline(&rig), 3000); /* walls that do not come up are not waited for */
	assert_int_equal(state_of(18), SVC_STARTING);
	assert_int_equal(state_of(19), SVC_STARTING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_enter_a_few_at_a_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
