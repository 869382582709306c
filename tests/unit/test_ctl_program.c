// needs: ctl renew print core plan base tests/unit/ctl_run.c tests/unit/ctl_pid1.c CONFIG_JSON CONFIG_ERROR_TEXT CONFIG_EXPLAIN CONFIG_SECURITY CONFIG_COMPILER
/* SPDX-License-Identifier: MIT
 * bulkctl as a whole against a PID 1 that is a child of this test and says what the test wants:
 * output, exit statuses, and what was asked.
 */
#include "base/count.h"
#include "core/core.h"
#include "ctl/ctl.h"
#include "unit/ctl_pid1.h"
#include "unit/ctl_run.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- status ---- */

static void the_tree(void **state)
{
	(void)state;
	assert_int_equal(RUN("status"), CTL_OK);
	assert_string_equal(err, "");
	assert_string_equal(out,
		"SERVICE    STATE       PID  SINCE  MEMORY  RESTARTS\n"
		"boot       up            -  -           -         -\n"
		"|- broken  refused       -  -           -         -  broken.ini:3: [Service] Foo: unknown\\x1b[31m\n"
		"|- flaky   restarting    -  -        4.0K        12  exit status 3\n"
		"`- web     up          123  -        1.5M         -\n"
		"   `- net  done          -  -          0B         -\n"
		"\n"
		"5 services, 3 well, 1 on the way, 1 failed\n"
		"bulkctl status SERVICE and bulkctl logs SERVICE say more\n");
}

static void without_a_plan_it_is_flat(void **state)
{
	(void)state;
	shared->no_plan = true;
	assert_int_equal(RUN("status"), CTL_OK);
	has("\nbroken   refused");
	has("\nnet      done");
	shared->no_plan = false;
}

static void a_plan_that_only_root_may_read(void **state)
{
	(void)state;
	shared->not_root = true;
	assert_int_equal(RUN("status"), CTL_OK);
	has("\nnet      done");
	assert_string_equal(err,
		"bulkctl: only root may read the plan: no tree, descriptions and dependencies\n");
	shared->not_root = false;
}

static void one_service(void **state)
{
	(void)state;
	assert_int_equal(RUN("status", "web"), CTL_OK);
	has("web\n  description  Pages\n  state        up\n");
	has("  process      123, reaped by 122\n  memory       1.5M\n");
	has("  requires     net (done)\n");
	assert_int_equal(RUN("status", "net"), CTL_OK);
	assert_int_equal(RUN("status", "flaky"), CTL_NOT_RUNNING);
	has("  last end     exit status 3\n  restarts     12\n");
	assert_int_equal(RUN("status", "broken"), CTL_NOT_RUNNING);
	has("  refused      broken.ini:3: [Service] Foo: unknown\\x1b[31m\n");
	assert_int_equal(RUN("status", "web", "flaky"), CTL_NOT_RUNNING);
	assert_int_equal(RUN("status", "nosuch"), CTL_FAILED);
	assert_string_equal(err, "bulkctl: status nosuch: no such service\n");
	assert_int_equal(RUN("status", "nosuch", "flaky"), CTL_FAILED);
	shared->since_ms = 1;
	assert_int_equal(RUN("status", "web"), CTL_OK);
	has("  state        up for ");
	shared->since_ms = UINT64_MAX / 2; /* another clock than ours: not said */
	assert_int_equal(RUN("status", "web"), CTL_OK);
	has("  state        up\n");
	shared->since_ms = 0;
}

static void status_as_json(void **state)
{
	(void)state;
	assert_int_equal(RUN("--json", "status"), CTL_OK);
	assert_int_equal(strncmp(out, "[\n  {\n", 6), 0);
	has("\n    \"service\": \"flaky\",");
	has("\n    \"last_end\": {\n      \"exit\": 3\n    },");
	has("\"why\": \"broken.ini:3: [Service] Foo: unknown\\u001b[31m\"");
	has("\"how\": \"requires\",\n        \"service\": \"net\"");
	assert_string_equal(out + strlen(out) - 4, "}\n]\n");
	assert_int_equal(RUN("status", "--json", "web"), CTL_OK);
	has("\"pid\": 123,\n  \"reaper\": 122,\n  \"memory\": 1572864,\n");
	assert_int_equal(RUN("status", "--json", "nosuch"), CTL_FAILED);
	assert_string_equal(out,
		"{\n  \"service\": \"nosuch\",\n  \"error\": \"no such service\"\n}\n");
	/* one value all the same */
	assert_int_equal(RUN("status", "--json", "web", "nosuch", "net"), CTL_FAILED);
	assert_int_equal(strncmp(out, "[\n  {\n    \"service\": \"web\",", 27), 0);
	has("\n  },\n  {\n    \"service\": \"net\",");
	assert_string_equal(out + strlen(out) - 4, "}\n]\n");
}

static void the_machine(void **state)
{
	(void)state;
	assert_int_equal(RUN("info"), CTL_OK);
	has("plan from      made ahead by the build, 3000 bytes\n");
	has("SELinux        enforcing\n");
	has("watchdog       30s\nat most        7512 ms between two feeds\n");
	has("services                5        256\n");
	assert_int_equal(RUN("info", "--json"), CTL_OK);
	has("\"selinux\": \"enforcing\",\n");
	has("\"boot_done_ms\": null,\n");
	has("\"boot_good_ms\": null,\n");
}

/* ---- changes ---- */

static void changes(void **state)
{
	(void)state;
	assert_int_equal(RUN("start", "web"), CTL_OK);
	assert_string_equal(out, "");
	assert_string_equal(err, "");
	assert_int_equal(shared->last.verb, PROTO_START);
	assert_string_equal(shared->last.service, "web");
	assert_int_equal(RUN("restart", "web"), CTL_OK);
	assert_int_equal(shared->last.verb, PROTO_RESTART);
	assert_int_equal(RUN("reset", "web"), CTL_OK);
	assert_int_equal(shared->last.verb, PROTO_RESET);
	assert_int_equal(RUN("kill", "web"), CTL_OK);
	assert_int_equal(shared->last.value, SIGTERM);
	assert_int_equal(RUN("kill", "-s", "HUP", "web"), CTL_OK);
	assert_int_equal(shared->last.value, SIGHUP);
	assert_int_equal(RUN("kill", "-s12", "web"), CTL_OK);
	assert_int_equal(shared->last.value, 12);
}

static void refusals(void **state)
{
	uint32_t before;
	(void)state;
	assert_int_equal(RUN("stop", "denied"), CTL_DENIED);
	assert_string_equal(err,
		"bulkctl: stop denied: permission denied: only root may change services\n");
	assert_int_equal(RUN("start", "nosuch"), CTL_FAILED);
	assert_string_equal(err, "bulkctl: start nosuch: no such service\n");
	assert_int_equal(RUN("start", "flaky"), CTL_FAILED);
	assert_string_equal(err, "bulkctl: start flaky: failed: exit status 3\n");
	assert_int_equal(RUN("stop", "silent"), CTL_FAILED);
	assert_string_equal(err, "bulkctl: stop silent: device or resource busy\n");
	/* one that fails does not keep the next from its turn, nor that one's success hide it */
	before = shared->requests;
	assert_int_equal(RUN("start", "nosuch", "web"), CTL_FAILED);
	assert_int_equal(shared->requests, before + 3); /* and the names, for the nearest */
}

static void changes_as_json(void **state)
{
	(void)state;
	assert_int_equal(RUN("start", "--json", "web", "nosuch"), CTL_FAILED);
	assert_string_equal(out,
		"[\n  {\n    \"service\": \"web\",\n    \"verb\": \"start\",\n    \"ok\": true\n  },\n  {\n    \"service\": \"nosuch\",\n"
		"    \"verb\": \"start\",\n    \"ok\": false,\n    \"errno\": \"ENOENT\",\n    \"message\": \"no such service\"\n  }\n]\n");
}

static void the_machines_end(void **state)
{
	static const struct {
		const char *verb;
		int value;
	} ends[] = {{"poweroff", FINAL_POWEROFF}, {"reboot", FINAL_REBOOT}, {"halt", FINAL_HALT},
		{"rescue", FINAL_RESCUE}};
	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++) {
		assert_int_equal(RUN(ends[i].verb), CTL_OK);
		assert_int_equal(shared->last.verb, PROTO_FINAL);
		assert_int_equal(shared->last.value, ends[i].value);
	}
}

static void nobody_there(void **state)
{
	(void)state;
	assert_int_equal(RUN("status", "--socket", "/nonexistent"), CTL_UNREACHABLE);
	assert_string_equal(err,
		"bulkctl: status: cannot reach PID 1 at /nonexistent: no such file or directory\n");
	assert_int_equal(RUN("poweroff", "--socket", "/nonexistent"), CTL_UNREACHABLE);
	shared->hang_up = true;
	assert_int_equal(RUN("start", "web"), CTL_UNREACHABLE);
	assert_int_equal(RUN("info"), CTL_UNREACHABLE);
	shared->hang_up = false;
}

/* ---- the compiler ---- */

static void the_compiler_does_its_part(void **state)
{
	(void)state;
	assert_int_equal(RUN("--compiler", "/bin/echo", "explain", "--root", "/", "--json", "web"),
		CTL_OK);
	assert_string_equal(out, "--json --root / --explain web\n");
	assert_int_equal(RUN("--compiler", "/bin/echo", "check", "a.ini", "b.ini"), CTL_OK);
	assert_string_equal(out, "--check -- a.ini b.ini\n");
	assert_int_equal(RUN("--compiler", "/bin/false", "check"), CTL_FAILED);
	assert_int_equal(RUN("--compiler", "/nonexistent", "check"), CTL_FAILED);
	assert_string_equal(err, "bulkctl: check /nonexistent: no such file or directory\n");
	assert_int_equal(RUN("--compiler", "/bin/echo", "explain", "../web"), CTL_FAILED);
	assert_string_equal(err,
		"bulkctl: explain ../web: expected a service's name, or a file NAME.ini\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tree),
		cmocka_unit_test(without_a_plan_it_is_flat),
		cmocka_unit_test(a_plan_that_only_root_may_read),
		cmocka_unit_test(one_service),
		cmocka_unit_test(status_as_json),
		cmocka_unit_test(the_machine),
		cmocka_unit_test(changes),
		cmocka_unit_test(refusals),
		cmocka_unit_test(changes_as_json),
		cmocka_unit_test(the_machines_end),
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(the_compiler_does_its_part),
	};
	if (!mkdtemp(directory))
		return 1;
	return cmocka_run_group_tests_name("bulkctl", tests, ctl_pid1_start, ctl_pid1_stop);
}
