// needs: core plan base tests/unit/core_rig.c
/* SPDX-License-Identifier: MIT
 * Every state times every event, for every type of service: where it goes and what core asks for,
 * as a table in core_transitions.txt. Whoever changes the machine sees there what else changed with
 * it. UPDATE=1 writes the table anew.
 */
#include "unit/core_rig.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GOLDEN "tests/unit/core_transitions.txt"
#define TABLE_BYTES (256 * 1024)

/* the service under test requires a oneshot, so that it can be made to wait */
enum { NEED, SVC, COUNT };

struct stimulus {
	const char *name;
	enum core_event_kind kind;
	enum core_slot slot;
	int32_t value;
};

static const struct stimulus stimuli[] = {
	{"START", EV_START, 0, 0},
	{"STOP", EV_STOP, 0, 0},
	{"RESTART", EV_RESTART, 0, 0},
	{"RESET", EV_RESET, 0, 0},
	{"SKIPPED", EV_SKIPPED, SLOT_MAIN, 0},
	{"STARTED main", EV_STARTED, SLOT_MAIN, 0},
	{"STARTED control", EV_STARTED, SLOT_CONTROL, 0},
	{"FAILED main EPERM", EV_FAILED, SLOT_MAIN, 1},
	{"FAILED main ENOMEM", EV_FAILED, SLOT_MAIN, 12},
	{"FAILED control EPERM", EV_FAILED, SLOT_CONTROL, 1},
	{"READY", EV_READY, 0, 0},
	{"PING", EV_PING, 0, 0},
	{"EXITED main 0", EV_EXITED, SLOT_MAIN, 0},
	{"EXITED main 1", EV_EXITED, SLOT_MAIN, 1 << 8},
	{"EXITED main SIGSEGV", EV_EXITED, SLOT_MAIN, 11},
	{"EXITED control 0", EV_EXITED, SLOT_CONTROL, 0},
	{"EXITED control 1", EV_EXITED, SLOT_CONTROL, 1 << 8},
	{"LEFT 0", EV_LEFT, SLOT_MAIN, 0},
	{"LEFT 1", EV_LEFT, SLOT_MAIN, 1 << 8},
	{"EMPTY", EV_EMPTY, 0, 0},
	{"LIMIT kill", EV_LIMIT, 0, 0},
	{"LIMIT stop", EV_LIMIT, 0, 1},
	{"CONNECT", EV_CONNECT, 0, 0},
	{"FINAL", EV_FINAL, 0, FINAL_POWEROFF},
	{"(time passes)", EV_KIND_COUNT, 0, 0},
};
#define STIMULI (sizeof(stimuli) / sizeof(*stimuli))

static bool on_demand; /* the service under test */
static bool told;      /* in STARTING: that its program runs */
static struct rig rig;
static char table[TABLE_BYTES];

static void add(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void add(const char *format, ...)
{
	size_t len = strlen(table);
	va_list args;
	va_start(args, format);
	int n = vsnprintf(table + len, sizeof(table) - len, format, args);
	va_end(args);
	assert_true(n >= 0 && (size_t)n < sizeof(table) - len);
}

/* ---- getting there ---- */

static void control_ends(void)
{
	rig_event(&rig, EV_EXITED, SVC, SLOT_CONTROL, 0);
}

/* As a service of its type becomes ready: that ends STARTING. */
static void gets_ready(enum plan_type type)
{
	rig_event(&rig, EV_STARTED, SVC, SLOT_MAIN, 0);
	if (type == TYPE_NOTIFY)
		rig_event(&rig, EV_READY, SVC, SLOT_MAIN, 0);
	if (type == TYPE_ONESHOT)
		rig_event(&rig, EV_EXITED, SVC, SLOT_MAIN, 0);
}

static bool stands(void)
{
	return rig.core.service[SVC].state == SVC_UP || rig.core.service[SVC].state == SVC_DONE;
}

static void goes_up(enum plan_type type, enum core_state until)
{
	rig_request(&rig, EV_START, SVC);
	if (until == SVC_WAITING)
		return;
	rig_exited(&rig, NEED, 0);
	if (until == SVC_LISTENING)
		return;
	if (on_demand)
		rig_event(&rig, EV_CONNECT, SVC, 0, 0);
	if (until == SVC_PRE || stands())
		return;
	control_ends();
	if (until == SVC_STARTING) {
		if (told)
			rig_event(&rig, EV_STARTED, SVC, SLOT_MAIN, 0);
		return;
	}
	gets_ready(type);
	if (until != SVC_POST)
		control_ends();
}

static void goes_down(enum core_state until)
{
	rig_request(&rig, EV_STOP, SVC);
	if (until == SVC_STOP)
		return;
	control_ends();
	if (until == SVC_TERM)
		return;
	rig_event(&rig, EV_EXITED, SVC, SLOT_MAIN, 15);
	if (until == SVC_KILL)
		return;
	rig_event(&rig, EV_EMPTY, SVC, 0, 0);
}

/* From STARTING: the main process does not come up, and the rest of the way down. */
static void fails(int32_t err)
{
	rig_event(&rig, EV_FAILED, SVC, SLOT_MAIN, err);
	rig_event(&rig, EV_EMPTY, SVC, 0, 0);
	control_ends();
	rig_event(&rig, EV_EMPTY, SVC, 0, 0);
}

static void reach(enum plan_type type, enum core_state state)
{
	if (state == SVC_DOWN || state == SVC_REFUSED)
		return;
	if (state <= SVC_DONE || state == SVC_LISTENING) {
		goes_up(type, state);
	} else if (state <= SVC_STOP_POST) {
		goes_up(type, SVC_UP);
		goes_down(state);
	} else if (state == SVC_SKIPPED) {
		goes_up(type, SVC_PRE);
		rig_event(&rig, EV_SKIPPED, SVC, SLOT_CONTROL, 0);
	} else {
		goes_up(type, SVC_STARTING);
		fails(state == SVC_BACKOFF ? 12 : 1);
	}
}

static bool begin_in(enum plan_type type, enum core_state state)
{
	struct rig_service services[COUNT] = {
		[NEED] = {.name = "need", .type = TYPE_ONESHOT, .restart = RESTART_NO},
		[SVC] =
			{
				.name = "svc",
				.type = type,
				.restart = RESTART_ON_FAILURE,
				.flags = (state == SVC_REFUSED ? SERVICE_REFUSED : 0u) |
					(on_demand ? SERVICE_ON_DEMAND : 0u),
				.watchdog_ms = type == TYPE_SIMPLE || type == TYPE_NOTIFY ? 500 : 0,
				.lists = type == TYPE_GROUP ? 0 : RIG_ALL_LISTS,
				.edges = {{NEED, EDGE_REQUIRES}},
				.edge_count = 1,
			},
	};
	rig_begin(&rig, services, COUNT);
	reach(type, state);
	return rig.core.service[SVC].state == state;
}

/* ---- the table ---- */

static void stimulate(const struct stimulus *st)
{
	rig.log[0] = '\0';
	if (st->kind == EV_KIND_COUNT)
		rig_wait_deadline(&rig);
	else
		rig_event(&rig, st->kind, SVC, st->slot, st->value);
}

static void add_row(enum plan_type type, enum core_state state)
{
	static const char *const types[TYPE_COUNT] = {"simple", "notify", "oneshot", "group"};
	const char *idle[STIMULI];
	size_t idle_count = 0;
	if (!begin_in(type, state))
		return;
	add("\n%s%s, %s%s\n", types[type], on_demand ? " on demand" : "", core_state_name(state),
		told ? ", STARTED was told" : "");
	for (size_t k = 0; k < STIMULI; k++) {
		assert_true(begin_in(type, state));
		struct core_service before = rig.core.service[SVC];
		rig.now++; /* so that what is counted from now on can be told from what was before */
		stimulate(&stimuli[k]);
		const struct core_service *after = &rig.core.service[SVC];
		if (rig.log[0] == '\0' && !memcmp(&before, after, sizeof(before))) {
			idle[idle_count++] = stimuli[k].name;
			continue;
		}
		add("\t%-22s -> %s%s%s\n", stimuli[k].name, core_state_name((enum core_state)after->state),
			*rig.log ? ": " : "", rig.log);
	}
	add("\tnothing:");
	for (size_t k = 0; k < idle_count; k++)
		add("%s %s", k ? "," : "", idle[k]);
	add("\n");
}

static void make_table(void)
{
	add("The states of a service times what can happen to it: the state it is in afterwards, and what core asks for. The service has\n"
		"one command in each list, Restart=on-failure, WatchdogSec=500ms, and requires the oneshot `need`.\n"
		"\"nothing\" changes not a byte. Made by test_core_table.c (UPDATE=1 makes it anew).\n");
	for (int type = 0; type < TYPE_COUNT; type++)
		for (int state = 0; state < SVC_STATE_COUNT; state++)
			add_row((enum plan_type)type, (enum core_state)state);
	told = true;
	add_row(TYPE_NOTIFY, SVC_STARTING);
	told = false;
	on_demand = true;
	for (int state = 0; state < SVC_STATE_COUNT; state++)
		add_row(TYPE_SIMPLE, (enum core_state)state);
	on_demand = false;
}

static void show_difference(const char *expected)
{
	const char *got = table;
	unsigned line = 1;
	while (*expected && *got) {
		size_t e = strcspn(expected, "\n"), g = strcspn(got, "\n");
		if (e != g || memcmp(expected, got, e))
			break;
		expected += e + (expected[e] == '\n');
		got += g + (got[g] == '\n');
		line++;
	}
	print_error(GOLDEN ":%u: expected: %.*s\n" GOLDEN ":%u: but it is: %.*s\n", line,
		(int)strcspn(expected, "\n"), expected, line, (int)strcspn(got, "\n"), got);
}

static void transitions_are_those_of_the_table(void **state)
{
	static char expected[TABLE_BYTES];
	(void)state;
	make_table();
	const char *update = getenv("UPDATE");
	if (update && *update == '1') {
		FILE *out = fopen(GOLDEN, "w");
		assert_non_null(out);
		assert_true(fputs(table, out) >= 0);
		assert_int_equal(fclose(out), 0);
	}
	FILE *in = fopen(GOLDEN, "r");
	assert_non_null(in);
	expected[fread(expected, 1, sizeof(expected) - 1, in)] = '\0';
	fclose(in);
	if (strcmp(expected, table))
		show_difference(expected);
	assert_true(strcmp(expected, table) == 0);
}

static void every_state_is_reached(void **state)
{
	(void)state;
	for (int s = 0; s < SVC_STATE_COUNT; s++) {
		unsigned types = 0;
		for (int type = 0; type < TYPE_COUNT; type++)
			types += begin_in((enum plan_type)type, (enum core_state)s);
		on_demand = true;
		types += begin_in(TYPE_SIMPLE, (enum core_state)s);
		on_demand = false;
		if (!types)
			print_error("no service comes to be %s\n", core_state_name((enum core_state)s));
		assert_true(types > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state_is_reached),
		cmocka_unit_test(transitions_are_those_of_the_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
