/* SPDX-License-Identifier: MIT
 * Compile half of [Seccomp]. libseccomp knows the system calls' names and numbers for every
 * architecture; the program is our own: a search tree over runs of numbers, which costs a fraction
 * of the library's, at each start and at each call. A unit test holds the two against each other.
 */
#pragma once
#include "walls/compile.h"
#include "walls/seccomp/seccomp.h"
#include <linux/filter.h>

#define SECCOMP_MAX_RULES 64
#define SECCOMP_MAX_LINES 64
#define SECCOMP_FAMILIES 64
#define SECCOMP_USUAL "@service" /* SystemCallFilter where the file does not say it */

/* The directives that stand for rules about arguments, and one set of such rules without a
 * directive. */
enum seccomp_restriction {
	RESTRICT_NAMESPACES,
	RESTRICT_FAMILIES,
	RESTRICT_REALTIME,
	RESTRICT_SUIDSGID,
	RESTRICT_WRITE_EXECUTE,
	RESTRICT_PERSONALITY,
	RESTRICT_TERMINAL, /* input pushed into a terminal */
	RESTRICT_COUNT
};

/* DEFAULT holds like YES, except for calls that the service has a SystemCallRule for, and where
 * it allows @known. */
enum seccomp_restrict { RESTRICTED_BY_DEFAULT, RESTRICTED_YES, RESTRICTED_NO };

struct seccomp_lines {
	struct span line[SECCOMP_MAX_LINES]; /* lists, checked when set */
	size_t count;
};

struct seccomp_conf {
	struct seccomp_lines filter;
	struct seccomp_lines log;
	struct span rule[SECCOMP_MAX_RULES]; /* SystemCallRule, checked when set */
	size_t rules;
	uint32_t otherwise; /* SECCOMP_RET_*: what a forbidden call gets */
	uint32_t extra;     /* ABIs besides the native one, a bit for each */
	uint8_t restricted[RESTRICT_COUNT];
	uint32_t namespaces; /* RESTRICT_NAMESPACES: CLONE_NEW* that are forbidden */
	uint64_t families;   /* RESTRICT_FAMILIES: the list, a bit for each */
	bool families_but;   /* it names those that are forbidden */
};

/* Whose numbers count from here on: AUDIT_ARCH_*. -EINVAL if this program has no tables for it. */
int seccomp_target(uint32_t arch);
void seccomp_conf_init(struct seccomp_conf *conf);
wall_setter seccomp_set_filter, seccomp_set_log, seccomp_set_rule, seccomp_set_default,
	seccomp_set_architectures;
wall_setter seccomp_set_families, seccomp_set_namespaces, seccomp_set_realtime,
	seccomp_set_suid_sgid, seccomp_set_write_execute, seccomp_set_personality;
/* What the service could not even start without, and what contradicts itself. */
int seccomp_check(const struct seccomp_conf *conf, struct diag *d);
/* The descriptors that a service is started with, besides 0 to 2. */
struct seccomp_from_start {
	unsigned sockets; /* from 3 on */
	int notification; /* -1: none */
};
/* Where a rule of the conf stands. */
typedef struct diag *seccomp_place(void *user, struct span rule);
/* Notes what gets around rules about descriptors, each at its rule, with the lines that close
 * it. */
void seccomp_check_descriptors(const struct seccomp_conf *conf,
	const struct seccomp_from_start *own, seccomp_place *place, void *user);

struct seccomp_call {
	const char *name;
	struct span rule; /* what binds it, as text for people; empty = nothing */
	bool logged;
};
/* The i-th call that the native ABI allows, in the order of numbers; false when there are no
 * more. Ask from 0 on. */
bool seccomp_allowed(const struct seccomp_conf *conf, unsigned i, struct seccomp_call *call);
/* For whoever writes lists and rules: a call's name (NULL: none has this number), its parameter's
 * (false: it has none there), a constant's whose name begins so (NULL: none has this value). */
/* 32-bit ARM has a few calls far above all others: breakpoint, cacheflush, set_tls … */
#define SECCOMP_ARM_PRIVATE 0x0f0000u
#define SECCOMP_ARM_PRIVATES 64
const char *seccomp_call_name(unsigned number);
bool seccomp_call_parameter(const char *call, unsigned index, char *name, size_t cap, bool *wide);
bool seccomp_is_usual(unsigned number); /* one of @service, the default */
const char *seccomp_constant_name(struct span prefix, uint64_t value);
/* The program into insn (BPF_MAXINSNS of them); its length, 0 if it does not fit. */
size_t seccomp_program(const struct seccomp_conf *conf, struct sock_filter *insn);
/* Whether MemoryDenyWriteExecute holds for every call: SERVICE_MDWE. */
bool seccomp_no_exec_gain(const struct seccomp_conf *conf);
/* Whether such a program, for the native ABI, lets the call through with these six arguments. */
bool seccomp_lets(const struct sock_filter *insn, size_t n, const char *call, const uint64_t *args);
/* Whether its filter lets it make such a socket (report_selinux.c). */
bool seccomp_speaks(const struct seccomp_conf *conf, int family, int protocol);
/* The numbers that it holds argument `arg` against: between them its answers are the same. How
 * many. */
size_t seccomp_edges(const struct sock_filter *insn, size_t n, unsigned arg, uint32_t *value,
	size_t max);
struct plan_blob seccomp_encode(const struct seccomp_conf *conf, const struct wall_context *context,
	struct plan_writer *w);
