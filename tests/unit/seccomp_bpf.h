/* SPDX-License-Identifier: MIT
 * For the tests of the filter: an interpreter of what the kernel accepts of classic BPF for
 * seccomp, and where findings go.
 */
#pragma once
#include "walls/seccomp/rules.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/seccomp.h>

struct diag { /* the rooms' findings; here each is a failure, or expected */
	unsigned errors;
	char text[256]; /* the last one */
};

uint32_t bpf_run(const struct sock_filter *f, size_t n, const struct seccomp_data *data);
/* Whether the last run loaded more than the number and the architecture. */
bool bpf_looked_at_arguments(void);
/* Every jump lands inside (a run would notice only on the way it takes), and the kernel's limit
 * holds. */
void bpf_check(const struct sock_filter *f, size_t n);
