// needs: plan base tests/unit/plan_sample.c
/* SPDX-License-Identifier: MIT
 * The accessors of a plan are total: right inside, and NULL or "" for every argument that leads
 * outside.
 */
#include "unit/plan_sample.h"
#include <linux/audit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static unsigned char *bytes;
static size_t size;
static struct plan plan;

static int open_sample(void **state)
{
	(void)state;
	bytes = sample_make(&size);
	return plan_open(&plan, bytes, size, plan_native_arch()) == PLAN_OK ? 0 : -1;
}

static int drop_sample(void **state)
{
	(void)state;
	free(bytes);
	return 0;
}

static void architectures_have_their_number(void **state)
{
	(void)state;
#if defined(__x86_64__)
	assert_int_equal(plan_native_arch(), AUDIT_ARCH_X86_64);
#endif
	assert_int_equal(plan_header(&plan)->arch, plan_native_arch());
}

static void services_are_found(void **state)
{
	(void)state;
	assert_int_equal(plan_service_count(&plan), SAMPLE_COUNT);
	assert_int_equal(plan_find(&plan, "bulkhead-log"), SAMPLE_LOG);
	assert_int_equal(plan_find(&plan, "nginx"), SAMPLE_NGINX);
	assert_int_equal(plan_find(&plan, "broken@1"), SAMPLE_BROKEN);
	assert_int_equal(plan_find(&plan, "ngin"), -1);
	assert_int_equal(plan_find(&plan, "nginxx"), -1);
	assert_int_equal(plan_find(&plan, ""), -1);
	assert_string_equal(plan_text(&plan, plan_service(&plan, SAMPLE_BOOT)->name), "boot");
	assert_null(plan_service(&plan, SAMPLE_COUNT));
	assert_null(plan_service(&plan, UINT32_MAX));
}

static void values_come_back(void **state)
{
	const struct plan_service *s = plan_service(&plan, SAMPLE_NGINX);
	const struct plan_command *c = plan_elements(&plan, s->exec[EXEC_START], sizeof(*c));
	const struct plan_edge *e = plan_elements(&plan, s->edges, sizeof(*e));
	(void)state;
	assert_int_equal(s->type, TYPE_NOTIFY);
	assert_int_equal(s->notification_fd, 5);
	assert_int_equal(s->start_ms, UINT32_MAX);
	assert_int_equal(e[0].target, SAMPLE_NETWORK);
	assert_int_equal(e[0].kind, EDGE_REQUIRES);
	assert_string_equal(plan_text(&plan, c->path), "/usr/sbin/nginx");
	const plan_str *argv = plan_elements(&plan, c->argv, sizeof(*argv));
	assert_int_equal(c->argv.count, 2);
	assert_string_equal(plan_text(&plan, argv[1]), "-g \"daemon off;\"");
	char wall[3 + WALL_SECCOMP]; /* as the sample writes it */
	memset(wall, 'A' + WALL_SECCOMP, sizeof(wall));
	assert_memory_equal(plan_wall(&plan, s, WALL_SECCOMP, 1), wall, sizeof(wall));
	assert_true(plan_header(&plan)->digest == SAMPLE_DIGEST);
}

static void texts_outside_are_empty(void **state)
{
	const uint32_t pool = plan_header(&plan)->strings_size;
	(void)state;
	assert_string_equal(plan_text(&plan, 0), "");
	assert_string_equal(plan_text(&plan, pool - 1), "");
	assert_string_equal(plan_text(&plan, pool), "");
	assert_string_equal(plan_text(&plan, UINT32_MAX), "");
	for (uint32_t s = 0; s < pool; s++)
		assert_true(strlen(plan_text(&plan, s)) < pool);
}

static void elements_outside_are_null(void **state)
{
	const uint32_t end = (uint32_t)size, header = sizeof(struct plan_header);
	(void)state;
	assert_non_null(plan_elements(&plan, (struct plan_list){header, 1}, 1));
	assert_ptr_equal(plan_elements(&plan, (struct plan_list){header, end - header}, 1),
		bytes + header);
	assert_null(plan_elements(&plan, (struct plan_list){header, end - header + 1}, 1));
	assert_null(plan_elements(&plan, (struct plan_list){header, 0}, 1));
	assert_null(plan_elements(&plan, (struct plan_list){header, 1}, 0));
	assert_null(plan_elements(&plan, (struct plan_list){header, 1}, SIZE_MAX));
	assert_null(plan_elements(&plan, (struct plan_list){header, UINT32_MAX}, SIZE_MAX));
	assert_null(plan_elements(&plan, (struct plan_list){header, UINT32_MAX}, 8));
	assert_null(plan_elements(&plan, (struct plan_list){header, 1u << 31}, (size_t)1 << 33));
	assert_null(plan_elements(&plan, (struct plan_list){header + 4, 1}, 1));
	assert_null(plan_elements(&plan, (struct plan_list){header - 8, 1}, 1));
	assert_null(plan_elements(&plan, (struct plan_list){0, 1}, 1));
	assert_null(plan_elements(&plan, (struct plan_list){(end + 7) & ~7u, 1}, 1));
	assert_null(plan_elements(&plan, (struct plan_list){UINT32_MAX & ~7u, 1}, 8));
}

static void walls_are_at_least_as_large_as_asked(void **state)
{
	struct plan_service s = *plan_service(&plan, SAMPLE_NGINX);
	(void)state;
	assert_non_null(plan_wall(&plan, &s, WALL_CGROUP, 3 + WALL_CGROUP));
	assert_null(plan_wall(&plan, &s, WALL_CGROUP, 3 + WALL_CGROUP + 1));
	assert_null(plan_wall(&plan, &s, WALL_COUNT, 1));
	assert_null(plan_wall(&plan, &s, (enum plan_wall) - 1, 1));
	assert_null(plan_wall(&plan, plan_service(&plan, SAMPLE_BOOT), WALL_CGROUP, 1));
	assert_null(plan_wall(&plan, plan_service(&plan, SAMPLE_BOOT), WALL_CGROUP, 0));
	s.wall[WALL_CGROUP].size = UINT32_MAX;
	assert_null(plan_wall(&plan, &s, WALL_CGROUP, 1));
	s.wall[WALL_CGROUP].size = 16;
	s.wall[WALL_CGROUP].off = UINT32_MAX - 7;
	assert_null(plan_wall(&plan, &s, WALL_CGROUP, 1));
}

static void no_plan_reads_as_empty(void **state)
{
	const struct plan none = {0};
	(void)state;
	assert_null(plan_header(&none));
	assert_int_equal(plan_service_count(&none), 0);
	assert_null(plan_service(&none, 0));
	assert_int_equal(plan_find(&none, "nginx"), -1);
	assert_string_equal(plan_text(&none, 1), "");
	assert_null(plan_elements(&none, (struct plan_list){8, 1}, 1));
	assert_null(plan_wall(&none, plan_service(&plan, SAMPLE_NGINX), WALL_CGROUP, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(architectures_have_their_number),
		cmocka_unit_test(services_are_found),
		cmocka_unit_test(values_come_back),
		cmocka_unit_test(texts_outside_are_empty),
		cmocka_unit_test(elements_outside_are_null),
		cmocka_unit_test(walls_are_at_least_as_large_as_asked),
		cmocka_unit_test(no_plan_reads_as_empty),
	};
	return cmocka_run_group_tests(tests, open_sample, drop_sample);
}
