/* SPDX-License-Identifier: MIT
 * Internal to the room: ABIs and names, groups, rules about arguments, restrictions, the program.
 */
#pragma once
#include "walls/seccomp/conf.h"

/* ---- ABIs (abi.c) ---- */

#define SECCOMP_NUMBERS 1024
/* slots for the numbers 0…1023, then for the private ones */
#define SECCOMP_SLOTS (SECCOMP_NUMBERS + SECCOMP_ARM_PRIVATES)
#define SECCOMP_WORDS (SECCOMP_SLOTS / 64) /* of a bitmap of slots */
/* From this number on calls are the same on all architectures (Linux 5.1). */
#define SECCOMP_COMMON 424
#define SECCOMP_X32_BIT 0x40000000u

struct seccomp_abi {
	const char *name; /* as in SystemCallArchitectures */
	uint32_t library; /* SCMP_ARCH_* */
	uint32_t audit;   /* AUDIT_ARCH_* that a filter sees */
	uint32_t base;    /* added to its numbers */
	uint32_t beside;  /* AUDIT_ARCH_* of the architecture whose second ABI it can be; 0 = none */
	bool narrow;      /* arguments have 32 bits */
};
extern const struct seccomp_abi seccomp_abis[]; /* ends with a name of NULL */
const struct seccomp_abi *abi_native(void);

unsigned seccomp_slot(unsigned number); /* SECCOMP_SLOTS if no call has this number */
/* NULL: not a call, or its name is not known. */
const char *abi_call_name(const struct seccomp_abi *abi, unsigned slot);
/* The slot of a name, or of a number from SECCOMP_COMMON on. -ENOENT: a name that only other
 * architectures have. -ERANGE: a number that means different calls on different architectures.
 * -EINVAL: unknown. */
int abi_find_call(const struct seccomp_abi *abi, struct span call);
void abi_try_names(const struct seccomp_abi *abi, struct nearest *near);
/* Whether two names are the same call with the same arguments in the same places, such as mmap and
 * mmap2, or futex and futex_time64. */
bool abi_same_call(struct span a, struct span b);

/* ---- lists (sets.c) ---- */

struct seccomp_group {
	const char *name; /* "@basic-io" */
	/* names and groups, separated by blanks; ~ removes one; NULL: all known calls */
	const char *calls;
};
extern const struct seccomp_group seccomp_groups[]; /* ends with a name of NULL */

struct seccomp_set {
	uint64_t on[SECCOMP_WORDS];
	uint32_t answer[SECCOMP_SLOTS]; /* SECCOMP_RET_* of calls that were removed; 0 = the default */
	bool everything;                /* @known */
};
bool set_has(const struct seccomp_set *set, unsigned slot);
/* Applies one line of a list that set_check() has accepted. A first line that begins with ~ removes
 * its words from `whole`. Names that this ABI does not have are skipped. */
void set_line(const struct seccomp_abi *abi, struct seccomp_set *set, struct span line, bool first,
	const char *whole);
int set_check(struct span line, bool answers, struct diag *d);
/* Parses kill, log or an errno's name into SECCOMP_RET_*. */
int set_read_answer(struct span word, uint32_t *out, struct diag *d);
int set_unknown_call(struct span call, int err, struct diag *d);
/* Whether a line allows this call by its own name, not by a group. */
bool set_names(const struct seccomp_lines *lines, const char *call);

/* ---- rules (rules.c, names.c, constants.c) ---- */

enum compare_op { COMPARE_EQ, COMPARE_NE, COMPARE_LT, COMPARE_LE, COMPARE_GT, COMPARE_GE };

#define COMPARE_MAX_VALUES 48
#define CLAUSE_MAX 8 /* comparisons joined by && */
#define RULE_MAX 8   /* clauses joined by || */

struct seccomp_compare {
	uint8_t arg;
	uint8_t op; /* enum compare_op */
	/* 64 bits; otherwise the kernel looks at the low 32 only, and so does the rule */
	bool wide;
	uint8_t count; /* EQ: equal to one of them; NE: to none; the other operators have one */
	uint64_t mask;
	uint64_t value[COMPARE_MAX_VALUES];
};

struct seccomp_rule {
	uint32_t otherwise; /* SECCOMP_RET_* if the rule does not hold; 0 = that of the leaf */
	size_t clauses;
	struct {
		size_t count;
		struct seccomp_compare compare[CLAUSE_MAX];
	} clause[RULE_MAX];
};

/* Splits "NAME: EXPRESSION". */
int rule_split(struct span text, struct span *name, struct span *expression, struct diag *d);
/* Adds the alternatives of an expression to the rule. */
int rule_parse(struct span name, struct span expression, struct seccomp_rule *rule, struct diag *d);
/* Adapts a rule to an ABI with 32-bit registers: negative values become 32 bits wide. */
void rule_narrow(struct seccomp_rule *rule);
/* The names of a call's parameters, "fd request argp*" (*: 64 bits wide), or NULL. */
const char *rule_parameters(struct span call);
int rule_constant(struct span name, uint64_t *value);
/* The name of an address family, "AF_INET", or NULL. */
const char *rule_family(uint64_t family);
struct nearest;
void rule_try_constants(struct nearest *near, const char *prefix);

/* ---- restrictions (restrict.c) ---- */

#define RESTRICT_RULES 3

struct seccomp_condition {
	struct span text; /* an expression; empty: the call is never allowed */
	uint32_t answer;  /* SECCOMP_RET_* otherwise; 0 = the default */
	char made[1024];  /* buffer of a text that was made: do not copy the struct */
};
/* The restrictions of one call, written to list[RESTRICT_RULES]; returns how many. `own`: the
 * service has a rule for it. */
size_t restrict_call(const struct seccomp_conf *conf, bool everything, const char *call, bool own,
	struct seccomp_condition *list);
/* Whether MemoryDenyWriteExecute holds for every call, so that PR_SET_MDWE can be used as well. */
bool restrict_memory(const struct seccomp_conf *conf, bool everything);
/* The i-th call that a directive answers with ENOSYS; NULL after the last. */
const char *restrict_hidden(size_t i);
/* The directive that forbids a call that is allowed by name, or NULL. */
const char *restrict_contradicts(const struct seccomp_conf *conf, bool everything,
	const char *call);

/* ---- the program (program.c) ---- */

#define LEAF_RULES (RESTRICT_RULES + 1)

/* The answer for one slot. */
struct seccomp_leaf {
	uint32_t action;                             /* SECCOMP_RET_* if all rules hold */
	uint32_t otherwise;                          /* if one does not */
	const struct seccomp_rule *rule[LEAF_RULES]; /* ends with a NULL unless full */
};
struct seccomp_section {
	const struct seccomp_abi *abi;
	const struct seccomp_leaf *leaf; /* SECCOMP_SLOTS of them */
};
#define PROGRAM_SECTIONS 4
/* One section per ABI, the native one first; x32 only with x86-64. Returns the program's length, 0
 * if it does not fit. */
size_t program_build(const struct seccomp_section *section, size_t count, struct sock_filter *insn);
/* The program of a whole [Seccomp] (compile.c). */
size_t program_of(const struct seccomp_conf *conf, struct sock_filter *insn);
/* Whether seccomp_check found no error in it before; that it found none (known.c). */
bool program_is_checked(const struct seccomp_conf *conf);
void program_passed(const struct seccomp_conf *conf);
