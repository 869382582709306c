// needs: renew plan base CONFIG_RELOAD
/* SPDX-License-Identifier: MIT
 * Comparing plans. The service files of the VM tests are compiled twice, with others beside them
 * that move each text, list and index: nothing of theirs differs. Then each kind of change is seen
 * in its class.
 */
#include "renew/compare.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PLAN_BYTES (CONFIG_MAX_PLAN_KB * 1024)

static char place[] = "/tmp/test-renew-XXXXXX";
static char program[512];
static unsigned char bytes[2][PLAN_BYTES] __attribute__((aligned(8)));
static struct plan plans[2];

static bool run(const char *format, ...)
{
	char line[2048];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	return system(line) == 0;
}

static void read_plan(int which)
{
	char path[600];
	snprintf(path, sizeof(path), "%s/plan%d", place, which);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	size_t n = fread(bytes[which], 1, PLAN_BYTES, f);
	fclose(f);
	assert_int_equal(plan_open(&plans[which], bytes[which], n, 0), PLAN_OK);
}

static void compile(int which)
{
	run("%s --root %s/%d --output %s/plan%d 2>/dev/null", program, place, which, place, which);
	read_plan(which);
}

static void file(int which, const char *name, const char *text)
{
	char path[600];
	snprintf(path, sizeof(path), "%s/%d/etc/bulkhead/services.d/%s.ini", place, which, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void make_roots(const char *cp)
{
	for (int i = 0; i < 2; i++) {
		assert_true(run("mkdir -p %s/%d/etc/bulkhead/services.d", place, i));
		assert_true(
			run("printf 'root:x:0:0::/:/bin/sh\nvm:x:990:990::/:/bin/false\n' >%s/%d/etc/passwd",
				place, i));
		assert_true(run("printf 'root:x:0:\nvm:x:990:\n' >%s/%d/etc/group", place, i));
		assert_true(run(
			"grep -ho '^Exec[A-Za-z]* *= *[-@]*/[^ ]*' tests/vm/services/*/*.ini | "
			"sed 's|^[^/]*||' | sort -u | while read -r f; do mkdir -p %s/%d/${f%%/*} 2>/dev/null && "
			"cp /bin/true %s/%d/$f; done; mkdir -p %s/%d/bin; cp /bin/true %s/%d/bin",
			place, i, place, i, place, i, place, i));
		assert_true(run("%s %s/%d/etc/bulkhead/services.d/", cp, place, i));
	}
}

static void what_only_lies_elsewhere_is_the_same(void **state)
{
	uint32_t compared = 0;
	(void)state;
	make_roots("cp tests/vm/services/*/*.ini");
	file(1, "0-first",
		"[Service]\nType = oneshot\nExecStart = /bin/true with its own words\n"
		"Environment = FIRST=1\n[Cgroup]\nMemoryMax = 77M\n[Filesystem]\nTemporaryFileSystem = /first\n");
	compile(0);
	compile(1);
	for (uint32_t i = 0; i < plan_service_count(&plans[0]); i++) {
		const struct plan_service *s = plan_service(&plans[0], i);
		int at = renew_index(&plans[0], i, &plans[1]);
		assert_true(at >= 0);
		const struct plan_service *t = plan_service(&plans[1], (uint32_t)at);
		if ((s->flags ^ t->flags) & SERVICE_REFUSED)
			continue; /* as many as there is room for */
		compared += !(s->flags & SERVICE_REFUSED);
		if (renew_compare(&plans[0], s, &plans[1], t, NULL, NULL) != RENEW_SAME)
			fail_msg("%s differs", plan_text(&plans[0], s->name));
	}
	assert_true(compared > 100);
}

/* All run, and every file has changed: each goes on as it is in force, in another plan. */
static void what_goes_on_is_copied_as_it_was(void **state)
{
	uint32_t kept = 0;
	(void)state;
	assert_true(run("for f in %s/1/etc/bulkhead/services.d/*.ini; do "
					"sed -i '0,/^.Service.$/s//[Service]\\nEnvironment = CHANGED=1/' $f; done",
		place));
	assert_true(run("head -c 256 /dev/zero | tr '\\0' '\\1' >%s/marks", place));
	assert_true(run("%s --root %s/1 --fd 1 --in-force 3 --keep 4 3<%s/plan0 4<%s/marks "
					">%s/plan1 2>/dev/null",
		program, place, place, place, place));
	read_plan(1);
	for (uint32_t i = 0; i < plan_service_count(&plans[0]); i++) {
		const struct plan_service *s = plan_service(&plans[0], i);
		int at = renew_index(&plans[0], i, &plans[1]);
		assert_true(at >= 0);
		const struct plan_service *t = plan_service(&plans[1], (uint32_t)at);
		if (!(t->flags & SERVICE_PENDING))
			continue; /* a group, or one that was refused */
		kept++;
		if (renew_compare(&plans[0], s, &plans[1], t, NULL, NULL) != RENEW_SAME)
			fail_msg("%s is not what it was", plan_text(&plans[0], s->name));
	}
	assert_true(kept > 100);
}

struct seen {
	unsigned count;
	char file[32], before[32], after[32];
};

static void see(void *context, const struct renew_change *change)
{
	struct seen *s = context;
	s->count++;
	if (!change->file)
		return;
	snprintf(s->file, sizeof(s->file), "%s", change->file);
	snprintf(s->before, sizeof(s->before), "%s", change->before);
	snprintf(s->after, sizeof(s->after), "%s", change->after);
}

static enum renew_class differ(const char *before, const char *after, struct seen *seen)
{
	char head[] = "[Service]\nExecStart = /bin/true\n", text[2][1024];
	*seen = (struct seen){0};
	assert_true(run("rm -f %s/*/etc/bulkhead/services.d/*", place));
	for (int i = 0; i < 2; i++) {
		snprintf(text[i], sizeof(text[i]), "%s%s", head, i ? after : before);
		file(i, "a", text[i]);
		file(i, "b", head);
	}
	file(1, "0-first", head);
	compile(0);
	compile(1);
	int x = plan_find(&plans[0], "a"), y = plan_find(&plans[1], "a");
	assert_true(x >= 0 && y >= 0);
	assert_false(plan_service(&plans[1], (uint32_t)y)->flags & SERVICE_REFUSED);
	return renew_compare(&plans[0], plan_service(&plans[0], (uint32_t)x), &plans[1],
		plan_service(&plans[1], (uint32_t)y), see, seen);
}

static void each_change_has_its_class(void **state)
{
	static const struct {
		const char *before, *after;
		enum renew_class class;
	} table[] = {
		{"", "", RENEW_SAME},
		{"After = b\n", "After = b\n", RENEW_SAME},
		{"", "After = b\n", RENEW_LIVE},
		{"RestartSec = 1s\n", "RestartSec = 2s\nDescription = new\n", RENEW_LIVE},
		{"", "Essential = yes\n", RENEW_LIVE},
		{"", "Environment = A=1\n", RENEW_RESTART},
		{"", "WatchdogSec = 5s\n", RENEW_RESTART},
		{"", "ExecStartPre = /bin/true\n", RENEW_RESTART},
		{"", "RuntimeDirectory = a\n", RENEW_RESTART},
		{"", "[Capabilities]\nCapabilityBoundingSet = CAP_NET_RAW\n", RENEW_RESTART},
		{"", "[Cgroup]\nOOMPolicy = stop\n", RENEW_RESTART},
	};
	struct seen seen;
	(void)state;
	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		enum renew_class class = differ(table[i].before, table[i].after, &seen);
		if (class != table[i].class)
			fail_msg("row %u: class %d", i, (int)class);
		assert_true((class == RENEW_SAME) == (seen.count == 0));
	}
}

static void a_limit_is_named_with_its_values(void **state)
{
	struct seen seen;
	(void)state;
	assert_int_equal(differ("[Cgroup]\nMemoryMax = 16M\n", "[Cgroup]\nMemoryMax = 32M\n", &seen),
		RENEW_LIMITS);
	assert_string_equal(seen.file, "memory.max");
	assert_string_equal(seen.before, "16777216");
	assert_string_equal(seen.after, "33554432");
	assert_int_equal(differ("[Cgroup]\nCPUWeight = 300\nMemoryLow = 1M\n",
						 "[Cgroup]\nMemoryLow = 1M\n", &seen),
		RENEW_LIMITS);
	assert_string_equal(seen.file, "cpu.weight");
	assert_string_equal(seen.after, "100");
}

static int begin(void **state)
{
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 32);
	(void)state;
	char *end = n > 0 ? strrchr(program, '/') : NULL;
	if (!end || !mkdtemp(place))
		return -1;
	*end = 0;
	end = strrchr(program, '/');
	strcpy(end, "/bulkhead-compile");
	return 0;
}

static int end(void **state)
{
	(void)state;
	return run("rm -rf %s", place) ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_only_lies_elsewhere_is_the_same),
		cmocka_unit_test(what_goes_on_is_copied_as_it_was),
		cmocka_unit_test(each_change_has_its_class),
		cmocka_unit_test(a_limit_is_named_with_its_values),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
