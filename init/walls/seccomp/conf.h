/* SPDX-License-Identifier: MIT
 * Compile half of [Seccomp]. libseccomp knows the system calls' names and numbers for every architecture; the program is our own: a search tree over
 * runs of numbers, which costs a fraction of the library's (DESIGN.md, "Where the time goes"). A unit test holds the two against each other.
 */
#pragma once
#include "walls/compile.h"
#include "walls/seccomp/seccomp.h"
#include <linux/filter.h>

#define SECCOMP_MAX_RULES 64
#define SECCOMP_WORDS 17 /* bitmap: numbers 0..1023, then the private ones of 32-bit ARM */

struct seccomp_conf {
	uint64_t allowed[SECCOMP_WORDS];
	bool filter_given;
	bool everything;                     /* @known: the default rules about arguments are gone too */
	struct span rule[SECCOMP_MAX_RULES]; /* SystemCallRule, checked when set */
	size_t rules;
	uint32_t otherwise; /* SECCOMP_RET_*: what a forbidden call gets */
};

/* Whose numbers count from here on: AUDIT_ARCH_*. -EINVAL if this program has no tables for it. */
int seccomp_target(uint32_t arch);
void seccomp_conf_init(struct seccomp_conf *conf);
wall_setter seccomp_set_filter, seccomp_set_rule, seccomp_set_default, seccomp_set_architectures;
/* What the service could not even start without. */
int seccomp_check(const struct seccomp_conf *conf, struct diag *d);
/* The i-th allowed call's name and the rule that binds it ("" = none), in the order of numbers; false when there are no more. */
bool seccomp_allowed(const struct seccomp_conf *conf, unsigned i, const char **name, struct span *rule);
/* The program into insn (BPF_MAXINSNS of them); its length, 0 if it does not fit. */
size_t seccomp_program(const struct seccomp_conf *conf, struct sock_filter *insn);
struct plan_blob seccomp_encode(const struct seccomp_conf *conf, struct plan_writer *w);
