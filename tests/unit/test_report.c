// needs: core pid1 plan base tests/unit/core_rig.c
/* SPDX-License-Identifier: MIT
 * Why a service has failed, in words: what its wait status alone does not say.
 */
#include "base/fmt.h"
#include "pid1/console.h"
#include "pid1/report.h"
#include "pid1/watch.h"
#include "unit/core_rig.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define EXIT_STATUS(n) ((n) << 8)

static struct rig rig;
static struct pid1 pid1;

static int lines, unwatched;

void console_say(struct pid1 *s, enum console_level level, ...)
{
	(void)s;
	(void)level;
	lines++;
}

int watch_error(void)
{
	int err = unwatched;
	unwatched = 0;
	return err;
}

uint64_t now_ms(void)
{
	return rig.now;
}

/* The reason that is given for a service which ended with this status; ready: after it was. */
static const char *reason(const struct rig_service *service, bool ready, int32_t status)
{
	static char text[200];
	struct fmt f;
	rig_begin(&rig, service, 1);
	rig_event(&rig, EV_STARTED, 0, SLOT_MAIN, 0);
	if (ready)
		rig_event(&rig, EV_READY, 0, SLOT_MAIN, 0);
	rig_exited(&rig, 0, status);
	pid1.core = rig.core;
	fmt_init(&f, text, sizeof(text));
	report_reason(&f, &pid1, &rig.plan, 0);
	return text;
}

static void who_ends_well_before_it_is_ready_is_told_so(void **state)
{
	const struct rig_service notify = {.name = "n",
		.type = TYPE_NOTIFY,
		.flags = SERVICE_ENABLED,
		.restart = RESTART_NO,
		.success = 5};
	(void)state;
	assert_string_equal(reason(&notify, false, 0), "exit status 0 before it was ready");
	assert_string_equal(reason(&notify, false, EXIT_STATUS(5)),
		"exit status 5 before it was ready");
	assert_string_equal(reason(&notify, false, EXIT_STATUS(1)), "exit status 1");
	assert_string_equal(reason(&notify, false, 9), "killed by SIGKILL");
	assert_string_equal(reason(&notify, true, EXIT_STATUS(1)), "exit status 1");
	/* and no failure */
	assert_string_equal(reason(&notify, true, EXIT_STATUS(5)), "exit status 5");
}

static void who_fails_is_told_its_status(void **state)
{
	const struct rig_service simple = {.name = "s",
		.flags = SERVICE_ENABLED,
		.restart = RESTART_NO};
	(void)state;
	assert_string_equal(reason(&simple, false, EXIT_STATUS(3)), "exit status 3");
	assert_string_equal(reason(&simple, false, 11), "killed by SIGSEGV");
}

static void what_cannot_be_watched_is_told_once(void **state)
{
	(void)state;
	lines = 0;
	unwatched = ENOMEM;
	report_unwatched(&pid1);
	report_unwatched(&pid1);
	assert_int_equal(lines, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_ends_well_before_it_is_ready_is_told_so),
		cmocka_unit_test(who_fails_is_told_its_status),
		cmocka_unit_test(what_cannot_be_watched_is_told_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
