// needs: walls/filesystem base CONFIG_IN_FORCE
/* SPDX-License-Identifier: MIT
 * Each option of a file system in memory that the compiler takes, against what a kernel shows of
 * one that has it and of one that does not.
 */
#include "walls/filesystem/report.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* 16 pages, 8 files, mode 0700, of 1000 MB of memory. */
static const struct look_memory plain = {
	.options = "rw,nosuid,nodev,relatime",
	.super = "rw,seclabel,size=64k,nr_inodes=8,mode=700,uid=5,inode64",
	.bytes = 65536,
	.block = 4096,
	.files = 8,
	.total = 1000 << 20,
};

static const char *amiss(struct look_memory m, const char *options)
{
	static char text[64];
	struct span is = look_memory_amiss(&m, span_of(options));
	snprintf(text, sizeof(text), "%.*s", SPAN_ARGS(is));
	return text;
}

static void what_it_has_is_found(void **state)
{
	static const char *const all[] = {"mode=0700", "mode=700,size=64k",
		"mode=0700,size=64K,nr_inodes=8", "size=65530,mode=0700", "mode=0700,nr_blocks=16",
		"size=1M,nr_blocks=16,mode=0700", "nr_blocks=1,size=64k,mode=0700", "mode=0777,mode=0700",
		"mode=0700,uid=5,gid=0", "mode=0700,huge=never,mpol=default",
		"rw,exec,nosuid,nodev,defaults,mode=0700,inode64", ",mode=0700,"};
	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		assert_string_equal(amiss(plain, all[i]), "");
}

static void what_it_has_not_is_named(void **state)
{
	static const char *const each[] = {"mode=0755", "mode=1777", "size=32k", "size=1M", "size=0",
		"nr_inodes=9", "nr_inodes=0", "nr_blocks=17", "uid=6", "gid=7", "ro", "noexec", "noswap",
		"inode32", "huge=always", "mpol=local"};
	(void)state;
	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		char options[64];
		snprintf(options, sizeof(options), "%s%s", each[i],
			strncmp(each[i], "mode", 4) == 0 ? "" : ",mode=0700");
		assert_string_equal(amiss(plain, options), each[i]);
	}
}

static void a_default_is_asked_for_too(void **state)
{
	struct look_memory m = plain;
	(void)state;
	assert_string_equal(amiss(m, "size=64k"), "mode=1777");
	m.super = "rw,size=64k";
	assert_string_equal(amiss(m, "size=64k"), "");
	assert_string_equal(amiss(m, "size=64k,mode=0700"), "mode=0700");
	m.options = "ro,noexec,nosuid,nodev";
	assert_string_equal(amiss(m, "size=64k"), "rw");
	assert_string_equal(amiss(m, "size=64k,ro,noexec"), "");
}

static void shares_are_of_the_memory(void **state)
{
	struct look_memory m = plain;
	(void)state;
	m.super = "rw,size=204800k,noswap,huge=always,mpol=interleave:0-1";
	m.bytes = 200 << 20;
	m.files = 250000;
	assert_string_equal(amiss(m, "mode=1777,size=20%"), "");
	assert_string_equal(amiss(m, "size=30%"), "size=30%");
	assert_string_equal(amiss(m, "size=10%"), "size=10%");
	assert_string_equal(amiss(m, "noswap,huge=always,mpol=interleave:0-1,nr_inodes=250000"), "");
	m.bytes = 0; /* none at all */
	assert_string_equal(amiss(m, "size=20%"), "size=20%");
	assert_string_equal(amiss(m, "size=0"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_has_is_found),
		cmocka_unit_test(what_it_has_not_is_named),
		cmocka_unit_test(a_default_is_asked_for_too),
		cmocka_unit_test(shares_are_of_the_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
