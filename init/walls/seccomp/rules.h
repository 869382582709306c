/* SPDX-License-Identifier: MIT
 * Inside the seccomp room: groups, rules about arguments, and the program.
 */
#pragma once
#include "walls/seccomp/conf.h"

#define SECCOMP_NUMBERS 1024
#define SECCOMP_ARM_PRIVATE 0x0f0000u /* breakpoint, cacheflush, set_tls … of 32-bit ARM */
#define SECCOMP_SLOTS (SECCOMP_WORDS * 64)

struct seccomp_group {
	const char *name;  /* "@basic-io" */
	const char *calls; /* names and other groups, separated by blanks; NULL: all that libseccomp knows */
};
extern const struct seccomp_group seccomp_groups[]; /* ends with a name of NULL */

enum compare_op { COMPARE_EQ, COMPARE_NE, COMPARE_LT, COMPARE_LE, COMPARE_GT, COMPARE_GE };

#define COMPARE_MAX_VALUES 32
#define CLAUSE_MAX 8 /* comparisons joined by && */
#define RULE_MAX 8   /* clauses joined by || */

struct seccomp_compare {
	uint8_t arg;
	uint8_t op;    /* enum compare_op */
	bool wide;     /* 64 bits; else the kernel itself looks at the low 32 only, and so do we */
	uint8_t count; /* EQ: equal to one of them, NE: to none; the others have one */
	uint64_t mask;
	uint64_t value[COMPARE_MAX_VALUES];
};

struct seccomp_rule {
	size_t clauses;
	struct {
		size_t count;
		struct seccomp_compare compare[CLAUSE_MAX];
	} clause[RULE_MAX];
};

/* "NAME: EXPRESSION" in two. */
int rule_split(struct span text, struct span *name, struct span *expression, struct diag *d);
int rule_parse(struct span name, struct span expression, struct seccomp_rule *rule, struct diag *d);
/* The names of a call's parameters, "fd request argp*" (a star: 64 bits wide), or NULL. */
const char *rule_parameters(struct span call);
int rule_constant(struct span name, uint64_t *value);
struct nearest;
void rule_try_constants(struct nearest *near);
/* Rules that hold for a call unless the service has its own for it or allows @known. "" if none. */
struct span rule_by_default(struct span call);

/* What happens to one slot. */
struct seccomp_leaf {
	uint32_t action;                 /* SECCOMP_RET_*, when there is no rule or it holds */
	uint32_t otherwise;              /* when the rule does not hold */
	const struct seccomp_rule *rule; /* NULL = none */
};
size_t program_build(const struct seccomp_leaf *leaf, uint32_t arch, struct sock_filter *insn);
