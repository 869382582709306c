// needs: walls plan base tests/unit/seccomp_bpf.c -lseccomp
/* SPDX-License-Identifier: MIT
 * The filter that we make against the one that libseccomp makes for the same rules, number by
 * number and argument by argument, on an interpreter of classic BPF; and against a plain reading of
 * the rules where the library cannot say them (two comparisons of one argument).
 */
#include "unit/seccomp_bpf.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct seccomp_data call(uint32_t arch, int nr, unsigned arg, uint64_t value)
{
	struct seccomp_data d = {.nr = nr, .arch = arch, .instruction_pointer = 0x123456789abcull};
	for (int i = 0; i < 6; i++)
		d.args[i] = 0xabcdef0012345678ull;
	d.args[arg] = value;
	return d;
}

/* ---- libseccomp's program for the same rules ---- */

static size_t export(scmp_filter_ctx c, struct sock_filter *insn)
{
	int fd = memfd_create("filter", 0);
	ssize_t n;
	assert_true(fd >= 0);
	assert_int_equal(seccomp_export_bpf(c, fd), 0);
	n = pread(fd, insn, BPF_MAXINSNS * sizeof(*insn), 0);
	close(fd);
	assert_true(n > 0);
	return (size_t)n / sizeof(*insn);
}

static uint32_t library_action(uint32_t action)
{
	if (action == SECCOMP_RET_ALLOW)
		return SCMP_ACT_ALLOW;
	if (action == SECCOMP_RET_KILL_PROCESS)
		return SCMP_ACT_KILL_PROCESS;
	assert_int_equal(action & SECCOMP_RET_ACTION_FULL, SECCOMP_RET_ERRNO);
	return SCMP_ACT_ERRNO(action & SECCOMP_RET_DATA);
}

static struct scmp_arg_cmp library_compare(const struct seccomp_compare *c, uint64_t value)
{
	static const enum scmp_compare plain[] = {
		[COMPARE_EQ] = SCMP_CMP_EQ,
		[COMPARE_NE] = SCMP_CMP_NE,
		[COMPARE_LT] = SCMP_CMP_LT,
		[COMPARE_LE] = SCMP_CMP_LE,
		[COMPARE_GT] = SCMP_CMP_GT,
		[COMPARE_GE] = SCMP_CMP_GE,
	};
	if (c->mask != UINT64_MAX && c->op == COMPARE_EQ)
		return (struct scmp_arg_cmp){.arg = c->arg,
			.op = SCMP_CMP_MASKED_EQ,
			.datum_a = c->mask,
			.datum_b = value};
	assert_true(c->mask == UINT64_MAX);
	return (struct scmp_arg_cmp){.arg = c->arg, .op = plain[c->op], .datum_a = value};
}

/* A rule of clauses with one list of values at most, the form that the library knows: one rule
 * of its own for each value. */
static void add_rule(scmp_filter_ctx c, const struct seccomp_leaf *leaf, int nr)
{
	for (size_t k = 0; k < leaf->rule[0]->clauses; k++) {
		for (unsigned v = 0;; v++) {
			struct scmp_arg_cmp list[CLAUSE_MAX];
			unsigned n = (unsigned)leaf->rule[0]->clause[k].count, most = 1;
			for (unsigned i = 0; i < n; i++) {
				const struct seccomp_compare *one = &leaf->rule[0]->clause[k].compare[i];
				most = one->count > most ? one->count : most;
				list[i] = library_compare(one, one->value[one->count > 1 ? v : 0]);
			}
			assert_int_equal(seccomp_rule_add_array(c, library_action(leaf->action), nr, n, list),
				0);
			if (v + 1 == most)
				break;
		}
	}
}

static size_t by_library(const struct seccomp_leaf *leaf, uint32_t arch, struct sock_filter *insn)
{
	/* Every action of a number must be one that differs from the default, or the library refuses
	 * the rule. */
	uint32_t otherwise = SECCOMP_RET_ERRNO | ENOSYS;
	scmp_filter_ctx c = seccomp_init(library_action(otherwise));
	assert_non_null(c);
	if (seccomp_arch_exist(c, arch) != 0) {
		assert_int_equal(seccomp_arch_add(c, arch), 0);
		assert_int_equal(seccomp_arch_remove(c, SCMP_ARCH_NATIVE), 0);
	}
	assert_int_equal(seccomp_attr_set(c, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), 0);
	for (int nr = 0; nr < SECCOMP_NUMBERS; nr++) {
		char *name = seccomp_syscall_resolve_num_arch(arch, nr);
		/* Rules go in by the native number of the name; other architectures' programs get their
		 * own. */
		int native = name ? seccomp_syscall_resolve_name(name) : __NR_SCMP_ERROR;
		if (name && leaf[nr].rule[0])
			add_rule(c, &leaf[nr], native);
		else if (name && leaf[nr].action != otherwise)
			assert_int_equal(seccomp_rule_add(c, library_action(leaf[nr].action), native, 0), 0);
		free(name);
	}
	size_t n = export(c, insn);
	seccomp_release(c);
	return n;
}

/* ---- leaves ---- */

static void random_leaves(struct seccomp_leaf *leaf, uint32_t arch, unsigned seed)
{
	static const uint32_t actions[] = {SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | EPERM,
		SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_ERRNO | ENOSYS};
	memset(leaf, 0, SECCOMP_SLOTS * sizeof(*leaf));
	for (unsigned nr = 0; nr < SECCOMP_SLOTS; nr++) {
		char *name = nr < SECCOMP_NUMBERS ? seccomp_syscall_resolve_num_arch(arch, (int)nr) : NULL;
		seed = seed * 1103515245u + 12345u;
		leaf[nr].action = name ? actions[seed >> 16 & 3] : SECCOMP_RET_ERRNO | ENOSYS;
		free(name);
	}
}

static const uint64_t samples[] = {0, 1, 2, 3, 4, 10, 15, 16, 17, 0x7f, 0xff, 0x5411, 0x5412,
	0x541c, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000ull, 0x100000001ull, 0x100000002ull,
	0x100005412ull, 0x7fffffffffffffffull, 0x8000000000000000ull, 0xfffffffffffffffeull,
	UINT64_MAX};
#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

static struct sock_filter ours[BPF_MAXINSNS], theirs[BPF_MAXINSNS];
static struct seccomp_leaf leaves[SECCOMP_SLOTS];

static size_t build(uint32_t arch)
{
	struct seccomp_section section = {.leaf = leaves};
	assert_int_equal(seccomp_target(arch), 0);
	section.abi = abi_native();
	return program_build(&section, 1, ours);
}

static void compare_numbers(size_t n, size_t m, uint32_t arch)
{
	for (int nr = 0; nr < SECCOMP_NUMBERS; nr++) {
		struct seccomp_data d = call(arch, nr, 0, 0);
		if (bpf_run(ours, n, &d) != bpf_run(theirs, m, &d))
			fail_msg("number %d: ours 0x%x, the library's 0x%x", nr, bpf_run(ours, n, &d),
				bpf_run(theirs, m, &d));
	}
}

static void random_lists_equal_the_library_s(void **state)
{
	static const uint32_t archs[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM};
	(void)state;
	for (unsigned seed = 1; seed <= 30; seed++) {
		uint32_t arch = archs[seed % 3];
		random_leaves(leaves, arch, seed);
		size_t n = build(arch), m = by_library(leaves, arch, theirs);
		bpf_check(ours, n);
		compare_numbers(n, m, arch);
	}
}

static void foreign_calls_die_in_both(void **state)
{
	static const uint32_t archs[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64,
		AUDIT_ARCH_ARM, 0, UINT32_MAX};
	static const uint32_t numbers[] = {0, 1, 1023, 1024, 0x3fffffff, 0x40000000, 0x40000001,
		0x400001ff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
	(void)state;
	random_leaves(leaves, AUDIT_ARCH_X86_64, 99);
	size_t n = build(AUDIT_ARCH_X86_64), m = by_library(leaves, AUDIT_ARCH_X86_64, theirs);
	for (size_t a = 0; a < sizeof(archs) / sizeof(archs[0]); a++) {
		for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
			struct seccomp_data d = call(archs[a], (int)numbers[i], 0, 0);
			assert_int_equal(bpf_run(ours, n, &d), bpf_run(theirs, m, &d));
		}
	}
	struct seccomp_data x32 = call(AUDIT_ARCH_X86_64, 0x40000001, 0, 0);
	assert_int_equal(bpf_run(ours, n, &x32), SECCOMP_RET_KILL_PROCESS);
}

/* ---- rules about arguments ---- */

static bool rule_holds(const struct seccomp_rule *rule, const struct seccomp_data *d)
{
	for (size_t k = 0; k < rule->clauses; k++) {
		bool all = true;
		for (size_t i = 0; i < rule->clause[k].count; i++) {
			const struct seccomp_compare *c = &rule->clause[k].compare[i];
			uint64_t a = (c->wide ? d->args[c->arg] : (uint32_t)d->args[c->arg]) & c->mask;
			bool among = false;
			for (unsigned v = 0; v < c->count; v++)
				among = among || a == c->value[v];
			const bool results[] = {[COMPARE_EQ] = among,
				[COMPARE_NE] = !among,
				[COMPARE_LT] = a<c->value[0], [COMPARE_LE] = a <= c->value[0], [COMPARE_GT] = a> c
								   ->value[0],
				[COMPARE_GE] = a >= c->value[0]};
			all = all && results[c->op];
		}
		if (all)
			return true;
	}
	return false;
}

static void parse(const char *name, const char *expression, struct seccomp_rule *rule)
{
	struct diag d = {0};
	rule->clauses = 0;
	rule->otherwise = 0;
	assert_int_equal(rule_parse(span_of(name), span_of(expression), rule, &d), 0);
	assert_int_equal(d.errors, 0);
}

/* Where one allowed call has a rule among many plain ones. */
static size_t build_with_rule(uint32_t arch, const struct seccomp_rule *rule, int nr, unsigned seed)
{
	random_leaves(leaves, arch, seed);
	leaves[nr] = (struct seccomp_leaf){.action = SECCOMP_RET_ALLOW,
		.otherwise = SECCOMP_RET_ERRNO | ENOSYS,
		.rule = {rule}};
	size_t n = build(arch);
	bpf_check(ours, n);
	return n;
}

static void each_argument(size_t n, uint32_t arch, int nr,
	uint32_t (*wanted)(const struct seccomp_data *, const void *), const void *what)
{
	for (unsigned first = 0; first < SAMPLES; first++) {
		for (unsigned second = 0; second < SAMPLES; second++) {
			struct seccomp_data d = call(arch, nr, 0, samples[first]);
			d.args[1] = samples[second];
			d.args[2] = samples[(first + second) % SAMPLES];
			if (bpf_run(ours, n, &d) != wanted(&d, what))
				fail_msg("arguments 0x%llx 0x%llx 0x%llx", d.args[0], d.args[1], d.args[2]);
		}
	}
}

static uint32_t by_reading(const struct seccomp_data *d, const void *rule)
{
	return rule_holds(rule, d) ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | ENOSYS;
}

static void rules_mean_what_they_say(void **state)
{
	static const struct {
		const char *name, *expression;
	} rules[] = {
		{"ioctl", "request != TIOCSTI && request != TIOCLINUX"},
		{"ioctl", "request in TCGETS TIOCSTI 0xffffffff && fd <= 2"},
		{"socket", "domain in AF_UNIX AF_INET AF_INET6 AF_NETLINK"},
		{"socket",
			"domain == AF_INET && type & 0xf == SOCK_STREAM || domain == AF_UNIX || protocol >= 16 && type < 3"},
		{"mmap", "prot & PROT_WRITE|PROT_EXEC != PROT_WRITE|PROT_EXEC"},
		{"lseek", "offset > 0x100000000"},
		{"lseek", "offset >= 0x100000001"},
		{"lseek", "offset < 0x100000001 && offset != 1"},
		{"lseek", "offset <= 0x100000000 || whence == SEEK_END"},
		{"lseek", "offset & 0xffffffff00000000 == 0x100000000"},
		{"lseek", "offset in 1 0x100000001 -1"},
		{"dup2", "oldfd == -1 || newfd > 2"},
		{"getpid", "arg0 == 0x100000002 || arg1 & 0x8000000000000001 == 0x8000000000000000"},
		{"unshare", "flags & CLONE_NEWUSER == 0"},
		{"lseek", "fd not in 1 2 0xffffffff && offset not in 3 0x100000001"},
		{"write", "fd in 1 2"},
		{"close_range", "first > 2"},
		{"fcntl",
			"cmd not in F_DUPFD F_DUPFD_CLOEXEC F_SETFD || cmd in F_DUPFD F_DUPFD_CLOEXEC && arg > 2 || cmd == F_SETFD && fd not in 1 2"},
		{"ioctl",
			"request not in FIOCLEX TIOCSTI TIOCLINUX || request == FIOCLEX && fd not in 1 2"},
	};
	static struct seccomp_rule rule;
	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		static const uint32_t archs[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM};
		parse(rules[i].name, rules[i].expression, &rule);
		for (size_t a = 0; a < 3; a++) {
			int nr = seccomp_syscall_resolve_name_arch(archs[a], rules[i].name);
			if (nr >= 0) /* arm64 has no dup2, arm no mmap */
				each_argument(build_with_rule(archs[a], &rule, nr, (unsigned)i), archs[a], nr,
					by_reading, &rule);
		}
	}
}

static uint32_t by_their_program(const struct seccomp_data *d, const void *size)
{
	return bpf_run(theirs, *(const size_t *)size, d);
}

static void rules_equal_the_library_s(void **state)
{
	/* 64 bits wide throughout, one comparison for an argument: what the library can say too. */
	static const char *const rules[] = {
		"arg0 == 3",
		"arg0 != 0x100000001",
		"arg0 < 0x100000001",
		"arg0 <= 2",
		"arg0 > 0xffffffff",
		"arg0 >= 0x8000000000000000",
		"arg0 & 0xff == 0x7f",
		"arg0 & 0x100000003 == 0x100000001",
		"arg0 in 1 3 0x100000001",
		"arg0 == 1 && arg1 == 2",
		"arg0 > 1 && arg1 <= 0x7fffffff",
		"arg0 == 1 || arg1 == 2",
		"arg0 & 1 == 1 && arg2 != 3 || arg1 == UINT",
	};
	static struct seccomp_rule rule;
	static const uint32_t archs[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64};
	(void)state;
	for (size_t i = 0; i + 1 < sizeof(rules) / sizeof(rules[0]); i++) {
		uint32_t arch = archs[i % 2];
		/* all of whose parameters have 64 bits */
		int nr = seccomp_syscall_resolve_name_arch(arch, "mremap");
		parse("mremap", rules[i], &rule);
		size_t n = build_with_rule(arch, &rule, nr, (unsigned)i + 50),
			   m = by_library(leaves, arch, theirs);
		compare_numbers(n, m, arch);
		each_argument(n, arch, nr, by_their_program, &m);
	}
	struct diag d = {0};
	rule.clauses = 0;
	assert_int_equal(rule_parse(span_of("getpid"), span_of(rules[12]), &rule, &d), -EINVAL);
	assert_int_equal(d.errors, 1);
}

/* Several rules on one call all have to hold, and each may have an answer of its own. */
static void rules_of_one_call_are_joined(void **state)
{
	static struct seccomp_rule first, second, third;
	int nr = seccomp_syscall_resolve_name("mremap");
	(void)state;
	parse("mremap", "arg0 in 1 2 3 || arg1 == 0x100000001", &first);
	parse("mremap", "arg1 != 2 && arg2 <= 0xffffffff", &second);
	parse("mremap", "arg2 > 1", &third);
	second.otherwise = SECCOMP_RET_ERRNO | EACCES;
	random_leaves(leaves, AUDIT_ARCH_X86_64, 3);
	leaves[nr] = (struct seccomp_leaf){.action = SECCOMP_RET_LOG,
		.otherwise = SECCOMP_RET_ERRNO | ENOSYS,
		.rule = {&first, &second, &third}};
	size_t n = build(AUDIT_ARCH_X86_64);
	bpf_check(ours, n);
	for (unsigned i = 0; i < SAMPLES * SAMPLES * SAMPLES; i++) {
		struct seccomp_data d = call(AUDIT_ARCH_X86_64, nr, 0, samples[i % SAMPLES]);
		uint32_t wanted = SECCOMP_RET_LOG;
		d.args[1] = samples[i / SAMPLES % SAMPLES];
		d.args[2] = samples[i / SAMPLES / SAMPLES];
		if (!rule_holds(&first, &d))
			wanted = SECCOMP_RET_ERRNO | ENOSYS;
		else if (!rule_holds(&second, &d))
			wanted = SECCOMP_RET_ERRNO | EACCES;
		else if (!rule_holds(&third, &d))
			wanted = SECCOMP_RET_ERRNO | ENOSYS;
		assert_int_equal(bpf_run(ours, n, &d), wanted);
	}
}

/* So many rules that plain jumps cannot reach: stepping stones, and still the same answers. */
static void far_jumps(void **state)
{
	static struct seccomp_rule rule;
	struct seccomp_data d;
	(void)state;
	parse("getpid", "arg0 in 1 2 3 4 5 6 7 8 9 10 && arg1 > 0x100000000 || arg2 == 7", &rule);
	random_leaves(leaves, AUDIT_ARCH_X86_64, 7);
	for (int nr = 0; nr < 60; nr++)
		leaves[nr * 5] = (struct seccomp_leaf){.action = SECCOMP_RET_ALLOW,
			.otherwise = SECCOMP_RET_ERRNO | ENOSYS,
			.rule = {&rule}};
	size_t n = build(AUDIT_ARCH_X86_64);
	bpf_check(ours, n);
	assert_true(n > 1000);
	for (int nr = 0; nr < SECCOMP_NUMBERS; nr++) {
		for (unsigned i = 0; i < SAMPLES; i++) {
			d = call(AUDIT_ARCH_X86_64, nr, 0, samples[i]);
			d.args[1] = samples[SAMPLES - 1 - i];
			d.args[2] = i % 9;
			assert_int_equal(bpf_run(ours, n, &d),
				leaves[nr].rule[0] ? by_reading(&d, &rule) : leaves[nr].action);
		}
	}
	/* More than the kernel takes: no program rather than half of one. */
	for (int nr = 0; nr < SECCOMP_NUMBERS; nr++)
		leaves[nr] = (struct seccomp_leaf){.action = SECCOMP_RET_ALLOW,
			.otherwise = SECCOMP_RET_ERRNO | (uint32_t)nr,
			.rule = {&rule}};
	assert_int_equal(build(AUDIT_ARCH_X86_64), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_lists_equal_the_library_s),
		cmocka_unit_test(foreign_calls_die_in_both),
		cmocka_unit_test(rules_mean_what_they_say),
		cmocka_unit_test(rules_equal_the_library_s),
		cmocka_unit_test(rules_of_one_call_are_joined),
		cmocka_unit_test(far_jumps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
