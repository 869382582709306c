/* SPDX-License-Identifier: MIT
 * Filters from lines: see seccomp_lines.h.
 */
#include "unit/seccomp_lines.h"
#include <seccomp.h>
#include <string.h>

static struct sock_filter ours[BPF_MAXINSNS];
struct seccomp_conf lines_conf;

const char *make(uint32_t arch, const struct line *line)
{
	static struct diag d;
	memset(&d, 0, sizeof(d));
	assert_int_equal(seccomp_target(arch), 0);
	seccomp_conf_init(&lines_conf);
	for (; line->set && d.errors == 0; line++)
		line->set(&lines_conf, span_of(line->value), &d);
	if (d.errors == 0)
		seccomp_check(&lines_conf, &d);
	return d.text;
}

uint32_t says(uint32_t arch, const char *name, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3)
{
	struct seccomp_data d = {.nr = seccomp_syscall_resolve_name_arch(arch, name),
		.arch = arch,
		.args = {a0, a1, a2, a3}};
	size_t n = seccomp_program(&lines_conf, ours);
	if (arch == AUDIT_ARCH_I386 && strcmp(name, "socket") == 0)
		d.nr = 359; /* the library has a pseudo number for it */
	assert_true(d.nr >= 0);
	bpf_check(ours, n);
	return bpf_run(ours, n, &d);
}

uint32_t says_number(uint32_t arch, uint32_t number)
{
	struct seccomp_data d = {.nr = (int)number, .arch = arch};
	size_t n = seccomp_program(&lines_conf, ours);
	return bpf_run(ours, n, &d);
}
