/* SPDX-License-Identifier: MIT
 * Compile half of [Seccomp]. Names and numbers of system calls come from libseccomp, for every
 * architecture. The program is our own: a search tree over ranges of numbers, which costs a
 * fraction of the library's at each start and each call. A unit test compares the two.
 */
#pragma once
#include "walls/compile.h"
#include "walls/seccomp/seccomp.h"
#include <linux/filter.h>

#define SECCOMP_MAX_RULES 64
#define SECCOMP_MAX_LINES 64
#define SECCOMP_FAMILIES 64
#define SECCOMP_USUAL "@service" /* default of SystemCallFilter */

/* The directives that mean rules about arguments, and one set of such rules without a directive. */
enum seccomp_restriction {
	RESTRICT_NAMESPACES,
	RESTRICT_FAMILIES,
	RESTRICT_REALTIME,
	RESTRICT_SUIDSGID,
	RESTRICT_WRITE_EXECUTE,
	RESTRICT_PERSONALITY,
	RESTRICT_TERMINAL, /* TIOCSTI and the like: input pushed into a terminal */
	RESTRICT_COUNT
};

/* DEFAULT is like YES, except for calls that the service has a SystemCallRule for, and if it allows
 * @known. */
enum seccomp_restrict { RESTRICTED_BY_DEFAULT, RESTRICTED_YES, RESTRICTED_NO };

struct seccomp_lines {
	struct span line[SECCOMP_MAX_LINES]; /* lists, checked when they were set */
	size_t count;
};

struct seccomp_conf {
	struct seccomp_lines filter;
	struct seccomp_lines log;
	struct span rule[SECCOMP_MAX_RULES]; /* SystemCallRule, checked when it was set */
	size_t rules;
	uint32_t otherwise; /* SECCOMP_RET_*: the answer to a forbidden call */
	uint32_t extra;     /* ABIs besides the native one, one bit each */
	uint8_t restricted[RESTRICT_COUNT];
	uint32_t namespaces; /* RESTRICT_NAMESPACES: CLONE_NEW* that are forbidden */
	uint64_t families;   /* RESTRICT_FAMILIES: the list, one bit each */
	bool families_but;   /* the list names the forbidden ones */
};

/* Sets the target architecture, AUDIT_ARCH_*. -EINVAL if this program has no tables for it. */
int seccomp_target(uint32_t arch);
uint32_t seccomp_native(void); /* what it is */
void seccomp_conf_init(struct seccomp_conf *conf);
wall_setter seccomp_set_filter, seccomp_set_log, seccomp_set_rule, seccomp_set_default,
	seccomp_set_architectures;
wall_setter seccomp_set_families, seccomp_set_namespaces, seccomp_set_realtime,
	seccomp_set_suid_sgid, seccomp_set_write_execute, seccomp_set_personality;
/* Checks for a filter under which the service could not start, and for contradictions. 0, or an
 * error through d. */
int seccomp_check(const struct seccomp_conf *conf, struct diag *d);
/* The descriptors that a service is started with besides 0 to 2. */
struct seccomp_from_start {
	unsigned sockets; /* from 3 on */
	int notification; /* -1: none */
};
/* The place of a rule in the files. */
typedef struct diag *seccomp_place(void *user, struct span rule);
/* Notes, at the place of each rule about descriptors, what circumvents it, with the lines that
 * prevent that. */
void seccomp_check_descriptors(const struct seccomp_conf *conf,
	const struct seccomp_from_start *own, seccomp_place *place, void *user);

struct seccomp_call {
	const char *name;
	struct span rule; /* its rule as text; empty = none */
	bool logged;
};
/* The i-th call that the native ABI allows, by number; false after the last. Start with 0. */
bool seccomp_allowed(const struct seccomp_conf *conf, unsigned i, struct seccomp_call *call);
/* Names for lists and rules: of a call (NULL: none has this number), of a call's parameter (false:
 * it has none there), and of a constant that begins with `prefix` (NULL: none has this value). */
/* 32-bit ARM has a few calls with far higher numbers: breakpoint, cacheflush, set_tls, … */
#define SECCOMP_ARM_PRIVATE 0x0f0000u
#define SECCOMP_ARM_PRIVATES 64
const char *seccomp_call_name(unsigned number);
bool seccomp_call_parameter(const char *call, unsigned index, char *name, size_t cap, bool *wide);
bool seccomp_is_usual(unsigned number); /* it is in @service, the default */
const char *seccomp_constant_name(struct span prefix, uint64_t value);
/* Writes the program to insn, which has room for BPF_MAXINSNS. Returns its length, 0 if it does not
 * fit. */
size_t seccomp_program(const struct seccomp_conf *conf, struct sock_filter *insn);
/* Whether MemoryDenyWriteExecute holds for every call: SERVICE_MDWE. */
bool seccomp_no_exec_gain(const struct seccomp_conf *conf);
/* Whether a program for the native ABI allows the call with these six arguments. */
bool seccomp_lets(const struct sock_filter *insn, size_t n, const char *call, const uint64_t *args);
/* Whether the filter allows such a socket (report_selinux.c). */
bool seccomp_speaks(const struct seccomp_conf *conf, int family, int protocol);
/* The numbers that the program compares argument `arg` with; between two of them its answers are
 * the same. Returns how many. */
size_t seccomp_edges(const struct sock_filter *insn, size_t n, unsigned arg, uint32_t *value,
	size_t max);
struct plan_blob seccomp_encode(const struct seccomp_conf *conf, const struct wall_context *context,
	struct plan_writer *w);
