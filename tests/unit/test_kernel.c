// needs: ctl base CONFIG_KERNEL_CHECK
/* SPDX-License-Identifier: MIT
 * What a kernel's configuration lacks: each option of the table missing alone, and the
 * configuration that the demo's own kernel was built with.
 */
#include "ctl/kernel.h"
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *text_of(void (*write)(FILE *out, const void *context), const void *context)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	write(out, context);
	fclose(out);
	return text;
}

static void put_fragment(FILE *out, const void *k)
{
	kernel_fragment(k, out);
}

static char *fragment_of(const char *config)
{
	struct kernel_config k;
	kernel_config_read(&k, config, strlen(config));
	return text_of(put_fragment, &k);
}

/* A configuration with everything but the row `without`, which is written as `as`. */
struct made {
	const struct kernel_option *without;
	const char *as;
};

static void put_config(FILE *out, const void *context)
{
	const struct made *m = context;
	for (const struct kernel_option *o = kernel_options; o->name; o++)
		if (o == m->without)
			fprintf(out, m->as, o->name);
		else if (!o->word)
			fprintf(out, "CONFIG_%s=y\n", o->name);
	bool landlock = !m->without || !m->without->word || strcmp(m->without->word, "landlock") != 0;
	bool selinux = !m->without || !m->without->word || strcmp(m->without->word, "selinux") != 0;
	fprintf(out, "CONFIG_LSM=\"%syama%s\"\n", landlock ? "landlock," : "",
		selinux ? ",selinux" : "");
}

static void the_table_is_whole(void **state)
{
	(void)state;
	for (const struct kernel_option *o = kernel_options; o->name; o++) {
		assert_true(*o->used_by && *o->without);
		assert_true(strspn(o->name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == strlen(o->name));
		/* what nothing runs without is not to be loaded by what does not run */
		assert_true(o->grade > KERNEL_DEFAULT || !o->module);
		for (const struct kernel_option *p = kernel_options; p < o; p++)
			assert_true(strcmp(p->name, o->name) != 0 || (p->word && o->word));
	}
}

static void each_option_is_missed(void **state)
{
	static const char *const ways[] = {"# CONFIG_%s is not set\n", "", "CONFIG_%s=n\n"};
	(void)state;
	for (const struct kernel_option *o = kernel_options; o->name; o++) {
		for (size_t w = 0; w < sizeof(ways) / sizeof(*ways); w++) {
			struct made m = {o, o->word ? "" : ways[w]};
			char *config = text_of(put_config, &m), *mended, wanted[128];
			struct kernel_config k;
			kernel_config_read(&k, config, strlen(config));
			for (const struct kernel_option *p = kernel_options; p->name; p++)
				assert_int_equal(kernel_config_has(&k, p), p != o);
			assert_int_equal(kernel_defaults_run(&k), o->grade > KERNEL_DEFAULT);
			snprintf(wanted, sizeof(wanted), "CONFIG_%s=y\n", o->name);
			if (o->word)
				snprintf(wanted, sizeof(wanted), "CONFIG_LSM=\"landlock,yama,selinux\"\n");
			mended = fragment_of(config);
			assert_string_equal(mended, wanted);
			free(mended);
			free(config);
		}
	}
}

static void a_module_does_where_it_may(void **state)
{
	(void)state;
	for (const struct kernel_option *o = kernel_options; o->name; o++) {
		struct made m = {o, "CONFIG_%s=m\n"};
		char *config = text_of(put_config, &m);
		struct kernel_config k;
		kernel_config_read(&k, config, strlen(config));
		if (!o->word)
			assert_int_equal(kernel_config_has(&k, o), o->module);
		free(config);
	}
}

static void what_mends_it_mends_it(void **state)
{
	char *fragment = fragment_of(""), *rest;
	struct kernel_config k;
	(void)state;
	kernel_config_read(&k, fragment, strlen(fragment));
	assert_true(kernel_defaults_run(&k));
	rest = fragment_of(fragment);
	assert_string_equal(rest, "");
	free(rest);
	free(fragment);
}

static const char *value(const char *config, const char *name)
{
	static char buf[64];
	struct kernel_config k;
	kernel_config_read(&k, config, strlen(config));
	return kernel_config_value(&k, name, buf, sizeof(buf));
}

static void reads_what_kernels_write(void **state)
{
	(void)state;
	assert_string_equal(value("CONFIG_A=y\nCONFIG_B=m\r\n", "B"), "m");
	assert_string_equal(value("CONFIG_A=\"a,b\"", "A"), "a,b");
	assert_string_equal(value("# CONFIG_A is not set\n", "A"), "n");
	assert_string_equal(value("# CONFIG_AB is not set\nCONFIG_BA=y\n", "A"), "");
	/* the last one counts */
	assert_string_equal(value("CONFIG_A=y\n# CONFIG_A is not set\n", "A"), "n");
	assert_string_equal(value("#CONFIG_A=y\n", "A"), "");
	assert_string_equal(value("CONFIG_=y\n#  is not set\nCONFIG_A\n=\n\n", ""), "");
}

static unsigned version(const char *config)
{
	struct kernel_config k;
	kernel_config_read(&k, config, strlen(config));
	return k.version;
}

static void reads_the_version(void **state)
{
	(void)state;
	assert_int_equal(
		version(
			"#\n# Automatically generated file; DO NOT EDIT.\n# Linux/x86 6.1.140 Kernel Configuration\n#\n"),
		KERNEL(6, 1));
	assert_int_equal(version("# Linux/arm64 5.10.0-rc1 Kernel Configuration\n"), KERNEL(5, 10));
	assert_int_equal(version("# Linux/arm 6.12-rc1 Kernel Configuration\n"), KERNEL(6, 12));
	assert_int_equal(version("# Linux/x86\n# Linux/x86 six Kernel\nCONFIG_A=y\n"), 0);
	assert_int_equal(version(""), 0);
}

static bool run_on(const char *version)
{
	struct made m = {NULL, NULL};
	struct kernel_config k;
	char *whole = text_of(put_config, &m), *text = NULL;
	bool run;
	assert_true(asprintf(&text, "# Linux/arm %s Kernel Configuration\n%s", version, whole) > 0);
	kernel_config_read(&k, text, strlen(text));
	run = kernel_defaults_run(&k);
	free(text);
	free(whole);
	return run;
}

static void an_older_kernel_is_refused(void **state)
{
	(void)state;
	assert_int_equal(kernel_version(span_of(KERNEL_OLDEST_TEXT)), KERNEL_OLDEST);
	assert_false(run_on("2.6.39"));
	assert_false(run_on("4.19.325"));
	assert_false(run_on("5.9.16"));
	assert_true(run_on(KERNEL_OLDEST_TEXT ".0"));
	assert_true(run_on("6.18.7"));
	for (const struct kernel_feature *f = kernel_features; f->name; f++)
		assert_true(f->since > KERNEL_OLDEST && (f == kernel_features || f->since > f[-1].since));
}

/* Of the package that the demo's image is made from: `make image` unpacks it. */
static void the_demos_kernel_runs_the_defaults(void **state)
{
	static char text[1 << 20];
	glob_t found;
	char pattern[256];
	(void)state;
	snprintf(pattern, sizeof(pattern), "%s/packages/*/boot/config-*",
		getenv("O") ? getenv("O") : "build");
	if (glob(pattern, 0, NULL, &found) != 0) {
		print_message("# no kernel package is unpacked in %s (make image)\n", pattern);
		skip();
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		FILE *in = fopen(found.gl_pathv[i], "rb");
		struct kernel_config k;
		assert_non_null(in);
		kernel_config_read(&k, text, fread(text, 1, sizeof(text), in));
		fclose(in);
		assert_true(k.lines > 1000);
		assert_true(k.version >= KERNEL_OLDEST);
		assert_true(kernel_defaults_run(&k));
		for (const struct kernel_option *o = kernel_options; o->name; o++)
			assert_true(o->grade == KERNEL_FEATURE || kernel_too_old(&k, o->since) ||
				kernel_config_has(&k, o));
	}
	globfree(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_whole),
		cmocka_unit_test(each_option_is_missed),
		cmocka_unit_test(a_module_does_where_it_may),
		cmocka_unit_test(what_mends_it_mends_it),
		cmocka_unit_test(reads_what_kernels_write),
		cmocka_unit_test(reads_the_version),
		cmocka_unit_test(an_older_kernel_is_refused),
		cmocka_unit_test(the_demos_kernel_runs_the_defaults),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
