/* SPDX-License-Identifier: MIT
 * For the tests of the filter: one from lines as a file has them, and its answers.
 */
#pragma once
#include "unit/seccomp_bpf.h"
#include <linux/audit.h>

struct line {
	wall_setter *set;
	const char *value;
};

extern struct seccomp_conf lines_conf; /* of the lines that were made last */

/* A filter from lines, of which the last one is empty; the first error's text, "" if there was
 * none. */
const char *make(uint32_t arch, const struct line *line);
#define MAKE(arch, ...) make(arch, (const struct line[]){__VA_ARGS__, {NULL, NULL}})
#define FILTER(value) \
	{ \
		seccomp_set_filter, value \
	}
#define RULE(value) \
	{ \
		seccomp_set_rule, value \
	}
#define DEFAULT FILTER("@service")

/* What it answers to a call. */
uint32_t says(uint32_t arch, const char *name, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3);
uint32_t says_number(uint32_t arch, uint32_t number);

#define ALLOW SECCOMP_RET_ALLOW
#define KILL SECCOMP_RET_KILL_PROCESS
#define ERR(e) (SECCOMP_RET_ERRNO | (e))
#define X86_64 AUDIT_ARCH_X86_64
#define ARM64 AUDIT_ARCH_AARCH64
#define ARM AUDIT_ARCH_ARM
#define I386 AUDIT_ARCH_I386

static const uint32_t archs[] = {X86_64, ARM64, ARM};
