// needs: pid1 plan base tests/unit/plan_sample.c
/* SPDX-License-Identifier: MIT
 * What init.ini asks of the kernel, as PID 1 writes it. Files, mounts and names are this test's.
 */
#include "pid1/boot/setup.h"
#include "base/sys.h"
#include "pid1/boot/fstab.h"
#include "pid1/console.h"
#include "pid1/errand.h"
#include "unit/plan_sample.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static struct pid1 s;
static char path_written[256], written[512];
static size_t length;
static int writes;

int sys_write_file(int dirfd, const char *path, const char *text, size_t n)
{
	(void)dirfd;
	strncpy(path_written, path, sizeof(path_written) - 1);
	memcpy(written, text, n);
	length = n;
	writes++;
	return 0;
}

int sys_read_file(int dirfd, const char *path, char *buf, size_t cap)
{
	(void)dirfd, (void)path, (void)buf, (void)cap;
	return -1;
}

bool sys_is_mount(const char *path)
{
	(void)path;
	return true;
}

int sethostname(const char *name, size_t n)
{
	(void)name, (void)n;
	return 0;
}

int errand_run(struct pid1 *st, errand_work work, const void *with, uint32_t ms)
{
	(void)st, (void)work, (void)with, (void)ms;
	return 0;
}

void fstab_mount(struct pid1 *st, const struct plan *p, bool again)
{
	(void)st, (void)p, (void)again;
}

void console_open(struct pid1 *st, const char *path)
{
	(void)st, (void)path;
}

void console_say(struct pid1 *st, enum console_level level, ...)
{
	(void)st, (void)level;
}

/* The sample's setting with that value. */
static void run(const char *value)
{
	size_t size;
	unsigned char *bytes = sample_make(&size);
	struct plan p;
	assert_int_equal(plan_open(&p, bytes, size, plan_native_arch()), PLAN_OK);
	const struct plan_pair *set = plan_elements(&p, plan_header(&p)->machine.sysctl, sizeof(*set));
	if (value) {
		/* not longer than what is there */
		char *at = (char *)(uintptr_t)plan_text(&p, set[0].value);
		strcpy(at, value);
	}
	writes = 0;
	setup_run(&s, &p, false);
	free(bytes);
}

/* kernel.printk_devkmsg takes no value without its newline, and no write of nothing empties
 * kernel.core_pattern. */
static void test_setting_is_a_line(void **state)
{
	(void)state;
	run(NULL);
	assert_int_equal(writes, 1);
	assert_string_equal(path_written, "/proc/sys/kernel/panic");
	assert_int_equal(length, 3);
	assert_memory_equal(written, "10\n", 3);
	run("");
	assert_int_equal(writes, 1);
	assert_int_equal(length, 1);
	assert_memory_equal(written, "\n", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_setting_is_a_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
