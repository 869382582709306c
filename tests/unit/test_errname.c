// needs: base CONFIG_ERROR_TEXT
/* SPDX-License-Identifier: MIT
 * Names of errno values and signals, held against the C library's own where it has them.
 */
#include "base/errname.h"
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void errors_have_names(void **state)
{
	(void)state;
	assert_string_equal(err_name(EPERM), "EPERM");
	assert_string_equal(err_name(-EPERM), "EPERM");
	assert_string_equal(err_text(ENOSYS), "not supported by this kernel");
	assert_string_equal(err_text(-ENOENT), "no such file or directory");
	assert_string_equal(err_name(EWOULDBLOCK), "EAGAIN");
}

static void every_known_name_is_the_librarys(void **state)
{
	int known = 0;
	(void)state;
	for (int e = 1; e < 4096; e++) {
		if (strcmp(err_name(e), "E?") == 0)
			continue;
		assert_string_equal(err_name(e), strerrorname_np(e));
		assert_true(strlen(err_text(e)) > 5);
		known++;
	}
	assert_true(known >= 80);
	for (int e = 1; e <= 40; e++) /* the classic ones, without holes */
		assert_true(strerrorname_np(e) == NULL || strcmp(err_name(e), "E?") != 0);
}

static void unknown_errors_are_said_to_be(void **state)
{
	static const int unknown[] = {4095, -4095, INT_MAX, INT_MIN, INT_MIN + 1};
	(void)state;
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		assert_string_equal(err_name(unknown[i]), "E?");
		assert_string_equal(err_text(unknown[i]), "unknown error");
	}
}

static void signals_go_there_and_back(void **state)
{
	(void)state;
	for (int sig = 1; sig < 32; sig++) {
		/* which glibc calls POLL */
		const char *abbreviation = sig == SIGIO ? "IO" : sigabbrev_np(sig);
		assert_non_null(abbreviation);
		assert_string_equal(sig_name(sig) + 3, abbreviation);
		assert_int_equal(sig_number(sig_name(sig)), sig);
		assert_int_equal(sig_number(abbreviation), sig);
	}
}

static void real_time_signals_have_numbers(void **state)
{
	char name[16];
	(void)state;
	for (int sig = 32; sig <= 64; sig++) {
		snprintf(name, sizeof(name), "SIG%d", sig);
		assert_string_equal(sig_name(sig), name);
		assert_int_equal(sig_number(name), sig);
		assert_int_equal(sig_number(name + 3), -1);
	}
}

static void what_is_no_signal(void **state)
{
	static const char *const unknown[] = {"", "SIG", "SIGSIGTERM", "term", "TERM ", "15", "SIG?",
		"SIGRTMIN", "TER", "TERMX", "SIG31", "SIG65"};
	static const int numbers[] = {0, -1, 65, INT_MAX, INT_MIN};
	(void)state;
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		assert_int_equal(sig_number(unknown[i]), -1);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		assert_string_equal(sig_name(numbers[i]), "SIG?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_have_names),
		cmocka_unit_test(every_known_name_is_the_librarys),
		cmocka_unit_test(unknown_errors_are_said_to_be),
		cmocka_unit_test(signals_go_there_and_back),
		cmocka_unit_test(real_time_signals_have_numbers),
		cmocka_unit_test(what_is_no_signal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
