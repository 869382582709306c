// needs: ctl plan base
/* SPDX-License-Identifier: MIT
 * The forest that `bulkctl status` shows: its shape for a plan like an appliance's, and that random
 * plans lose no service and end.
 */
#include "ctl/tree.h"
#include "plan/write.h"
#include "test_seed.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uint64_t bytes[128 * 1024];
static char strings[64 * 1024];
static struct plan plan;
static struct tree tree;

struct sample {
	const char *name;
	enum plan_type type;
	struct plan_edge edges[5];
	uint32_t edge_count;
};

static void make_plan(const struct sample *samples, uint32_t count, uint32_t group)
{
	struct plan_machine machine = {.default_group = group};
	struct plan_writer w;
	size_t size;
	plan_write_begin(&w, (unsigned char *)bytes, sizeof(bytes), strings, sizeof(strings), count);
	for (uint32_t i = 0; i < count; i++) {
		const plan_str argv[] = {plan_write_text(&w, "/bin/true")};
		const struct plan_command command = {.path = argv[0],
			.argv = plan_write_list(&w, argv, sizeof(argv[0]), 1)};
		struct plan_service s = {
			.name = plan_write_text(&w, samples[i].name),
			.type = (uint8_t)samples[i].type,
			.kill_signal = 15,
			.notification_fd = -1,
			.edges = plan_write_list(&w, samples[i].edges, sizeof(struct plan_edge),
				samples[i].edge_count),
		};
		if (s.type != TYPE_GROUP)
			s.exec[EXEC_START] = plan_write_list(&w, &command, sizeof(command), 1);
		plan_write_service(&w, i, &s);
	}
	size = plan_write_end(&w, &machine, 0, 0);
	assert_true(size > 0);
	assert_int_equal(plan_open(&plan, bytes, size, 0), PLAN_OK);
}

static void check_shape(uint32_t count)
{
	bool seen[CONFIG_MAX_SERVICES] = {false};
	assert_int_equal(tree.count, count);
	for (uint32_t i = 0; i < count; i++) {
		const struct tree_row *row = &tree.row[i];
		assert_false(seen[row->service]);
		seen[row->service] = true;
		assert_true(row->parent < (int)i);
		assert_int_equal(row->depth, row->parent < 0 ? 0 : tree.row[row->parent].depth + 1);
	}
}

/* As text, a line a service, two blanks a level. */
static const char *drawn(void)
{
	static char out[4096];
	size_t n = 0;
	for (uint32_t i = 0; i < tree.count; i++) {
		const struct plan_service *s = plan_service(&plan, tree.row[i].service);
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%*s%s%s\n", tree.row[i].depth * 2, "",
			plan_text(&plan, s->name), tree.row[i].last && tree.row[i].depth ? "." : "");
	}
	return out;
}

static void an_appliance(void **state)
{
	enum { DNS, FLAKY, LOG, NET, WEB, BOOT, LAN, CERT };
	static const struct sample samples[] = {
		[DNS] = {"dns", TYPE_SIMPLE, {{NET, EDGE_REQUIRES}, {LOG, EDGE_AFTER}}, 2},
		[FLAKY] = {"flaky", TYPE_SIMPLE, {{0, 0}}, 0},
		[LOG] = {"log", TYPE_SIMPLE, {{0, 0}}, 0},
		[NET] = {"net", TYPE_ONESHOT, {{0, 0}}, 0},
		[WEB] = {"web", TYPE_NOTIFY,
			{{NET, EDGE_REQUIRES}, {CERT, EDGE_WANTS}, {FLAKY, EDGE_CONFLICTS}}, 3},
		[BOOT] = {"boot", TYPE_GROUP, {{LAN, EDGE_WANTS}, {WEB, EDGE_WANTS}, {FLAKY, EDGE_WANTS}},
			3},
		[LAN] = {"lan", TYPE_GROUP, {{NET, EDGE_WANTS}, {DNS, EDGE_WANTS}}, 2},
		[CERT] = {"cert", TYPE_ONESHOT, {{0, 0}}, 0},
	};
	(void)state;
	make_plan(samples, 8, BOOT);
	tree_build(&tree, &plan);
	check_shape(8);
	assert_string_equal(drawn(),
		"boot\n  flaky\n  web\n    cert.\n  lan.\n    dns\n    net.\nlog\n");
}

static void without_a_default_group(void **state)
{
	static const struct sample samples[] = {{"a", TYPE_SIMPLE, {{1, EDGE_REQUIRES}}, 1},
		{"b", TYPE_SIMPLE, {{0, 0}}, 0}, {"c", TYPE_GROUP, {{1, EDGE_WANTS}}, 1}};
	(void)state;
	make_plan(samples, 3, UINT32_MAX);
	tree_build(&tree, &plan);
	check_shape(3);
	assert_string_equal(drawn(), "a\nc\n  b.\n");
}

static void cycles_end(void **state)
{
	static const struct sample samples[] = {
		{"a", TYPE_GROUP, {{1, EDGE_WANTS}}, 1},
		{"b", TYPE_GROUP, {{0, EDGE_WANTS}, {2, EDGE_WANTS}}, 2},
		{"c", TYPE_SIMPLE, {{3, EDGE_BINDS}}, 1},
		{"d", TYPE_SIMPLE, {{2, EDGE_REQUIRES}}, 1},
	};
	(void)state;
	make_plan(samples, 4, UINT32_MAX);
	tree_build(&tree, &plan);
	check_shape(4);
}

static void random_plans_lose_nothing(void **state)
{
	static struct sample samples[60];
	static char names[60][8];
	uint64_t random = seed();
	(void)state;
	for (int round = 0; round < 3000; round++) {
		uint32_t count = (uint32_t)(next_random(&random) % 59 + 2);
		for (uint32_t i = 0; i < count; i++) {
			snprintf(names[i], sizeof(names[i]), "s%u", i);
			samples[i] = (struct sample){.name = names[i],
				.edge_count = (uint32_t)(next_random(&random) % 6)};
			samples[i].type = next_random(&random) % 3 ? TYPE_SIMPLE : TYPE_GROUP;
			for (uint32_t k = 0; k < samples[i].edge_count; k++)
				samples[i].edges[k] = (struct plan_edge){
					(uint16_t)((i + 1 + next_random(&random) % (count - 1)) % count),
					(uint16_t)(next_random(&random) % EDGE_KIND_COUNT)};
		}
		make_plan(samples, count,
			round % 2 ? (uint32_t)(next_random(&random) % count) : UINT32_MAX);
		tree_build(&tree, &plan);
		check_shape(count);
	}
}

static void a_flat_one(void **state)
{
	(void)state;
	tree_flat(&tree, 3);
	check_shape(3);
	tree_flat(&tree, UINT32_MAX);
	check_shape(CONFIG_MAX_SERVICES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_appliance),
		cmocka_unit_test(without_a_default_group),
		cmocka_unit_test(cycles_end),
		cmocka_unit_test(random_plans_lose_nothing),
		cmocka_unit_test(a_flat_one),
	};
	return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
