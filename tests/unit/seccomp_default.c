// needs: walls plan base tests/unit/seccomp_bpf.c tests/unit/seccomp_lines.c -lseccomp
/* SPDX-License-Identifier: MIT
 * The default's calls and the groups of calls, as they are written down, and what of them costs.
 */
#include "unit/seccomp_lines.h"
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>

static struct sock_filter ours[BPF_MAXINSNS];

/* What a daemon does all the time is answered without a look at its arguments: only such calls
 * are in the kernel's bitmap. */
static void hot_calls_have_no_rules(void **state)
{
	static const char *const hot[] = {"read", "write", "readv", "writev", "futex", "epoll_pwait",
		"ppoll", "recvfrom", "sendto", "recvmsg", "sendmsg", "clock_gettime", "close", "lseek",
		"fstat", "munmap", "rt_sigprocmask", "getpid"};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(MAKE(archs[i], DEFAULT), "");
		size_t n = seccomp_program(&lines_conf, ours);
		for (size_t k = 0; k < sizeof(hot) / sizeof(hot[0]); k++) {
			struct seccomp_data d = {.nr = seccomp_syscall_resolve_name_arch(archs[i], hot[k]),
				.arch = archs[i]};
			assert_int_equal(bpf_run(ours, n, &d), ALLOW);
			assert_false(bpf_looked_at_arguments());
		}
		assert_in_range(n, 100, 400);
	}
}

/* Each name of each group is a system call of one of our architectures, and which of them lack
 * it is known: seccomp_names.txt. */
static void every_name_is_known(void **state)
{
	FILE *known = fopen("tests/unit/seccomp_names.txt", "r");
	char line[256], wanted[128], words[128];
	(void)state;
	assert_non_null(known);
	for (const struct seccomp_group *g = seccomp_groups; g->name; g++) {
		struct span rest = span_of(g->calls), word;
		while (span_word(&rest, &word)) {
			size_t n = 0, lacking = 0;
			if (word.p[0] == '~')
				word = (struct span){word.p + 1, word.n - 1};
			snprintf(wanted, sizeof(wanted), "%s %.*s:", g->name, SPAN_ARGS(word));
			for (const struct seccomp_abi *abi = seccomp_abis; abi->name && word.p[0] != '@';
				 abi++) {
				assert_int_not_equal(abi_find_call(abi, word), -EINVAL);
				if (abi_find_call(abi, word) >= 0)
					continue;
				lacking++;
				n = strlen(wanted);
				snprintf(wanted + n, sizeof(wanted) - n, " %s", abi->name);
			}
			if (lacking == 0)
				continue;
			do
				assert_non_null(fgets(line, sizeof(line), known));
			while (line[0] == '#');
			snprintf(words, sizeof(words), "%.*s", (int)strcspn(line, "\n"), line);
			assert_string_equal(words, wanted);
		}
	}
	assert_null(fgets(line, sizeof(line), known));
	fclose(known);
}

/* The default filter, call by call, on each architecture: seccomp_default.txt. What changes
 * there is to be meant. */
static void the_default_is_as_it_was(void **state)
{
	FILE *known = fopen("tests/unit/seccomp_default.txt", "r");
	char line[512], wanted[512];
	struct seccomp_call allowed;
	(void)state;
	assert_non_null(known);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(MAKE(archs[i], DEFAULT), "");
		for (unsigned k = 0; seccomp_allowed(&lines_conf, k, &allowed); k++) {
			const char *colon = allowed.rule.n ? ": " : "";
			snprintf(wanted, sizeof(wanted), "%s %s%s%.*s\n", abi_native()->name, allowed.name,
				colon, SPAN_ARGS(allowed.rule));
			assert_non_null(fgets(line, sizeof(line), known));
			assert_string_equal(line, wanted);
		}
	}
	assert_null(fgets(line, sizeof(line), known));
	fclose(known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hot_calls_have_no_rules),
		cmocka_unit_test(every_name_is_known),
		cmocka_unit_test(the_default_is_as_it_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
