// needs: walls/seccomp/compile.c walls/seccomp/groups.c walls/seccomp/names.c walls/seccomp/program.c walls/seccomp/rules.c walls/compile.c base/errname.c base/hash.c base/num.c base/span.c plan/write.c -lseccomp
/* SPDX-License-Identifier: MIT
 * The filter that we make against the one that libseccomp makes for the same rules, number by number and argument by argument, on an interpreter of
 * classic BPF; and against a plain reading of the rules where the library cannot say them (two comparisons of one argument).
 */
#include "walls/seccomp/rules.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct diag { /* the rooms' findings; here each is a failure, or expected */
	unsigned errors;
};

int diag_error(struct diag *d, const char *format, ...)
{
	(void)format;
	if (d)
		d->errors++;
	return -EINVAL;
}

void diag_note(struct diag *d, const char *format, ...)
{
	(void)d;
	(void)format;
}

/* ---- the interpreter: what the kernel accepts of classic BPF for seccomp, and what we emit ---- */

static uint32_t load_word(const struct seccomp_data *data, uint32_t offset)
{
	uint32_t word;

	assert_true(offset % 4 == 0 && offset + 4 <= sizeof(*data));
	memcpy(&word, (const char *)data + offset, 4);
	return word;
}

static bool holds(uint16_t op, uint32_t a, uint32_t k)
{
	switch (op) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGT:
		return a > k;
	case BPF_JGE:
		return a >= k;
	case BPF_JSET:
		return a & k;
	default:
		fail_msg("jump %u", op);
		return false;
	}
}

static uint32_t run(const struct sock_filter *f, size_t n, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < n; pc++) {
		const struct sock_filter *i = &f[pc];

		if (i->code == (BPF_LD | BPF_W | BPF_ABS))
			a = load_word(data, i->k);
		else if (i->code == (BPF_ALU | BPF_AND | BPF_K))
			a &= i->k;
		else if (i->code == (BPF_RET | BPF_K))
			return i->k;
		else if (i->code == (BPF_JMP | BPF_JA))
			pc += i->k;
		else if (BPF_CLASS(i->code) == BPF_JMP)
			pc += holds(BPF_OP(i->code), a, i->k) ? i->jt : i->jf;
		else
			fail_msg("instruction %zu: code 0x%x", pc, i->code);
	}
	fail_msg("the program runs off its end");
	return 0;
}

/* Every jump lands inside (run() would notice only on the way it takes), and the kernel's limit holds. */
static void check_form(const struct sock_filter *f, size_t n)
{
	assert_in_range(n, 4, BPF_MAXINSNS);
	for (size_t pc = 0; pc < n; pc++) {
		if (f[pc].code == (BPF_JMP | BPF_JA))
			assert_true(pc + 1 + f[pc].k < n);
		else if (BPF_CLASS(f[pc].code) == BPF_JMP)
			assert_true(pc + 1 + f[pc].jt < n && pc + 1 + f[pc].jf < n);
	}
	assert_int_equal(BPF_CLASS(f[n - 1].code), BPF_RET);
}

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
		return (struct scmp_arg_cmp){.arg = c->arg, .op = SCMP_CMP_MASKED_EQ, .datum_a = c->mask, .datum_b = value};
	assert_true(c->mask == UINT64_MAX);
	return (struct scmp_arg_cmp){.arg = c->arg, .op = plain[c->op], .datum_a = value};
}

/* A rule of clauses with one list of values at most, the form that the library knows: one rule of its own for each value. */
static void add_rule(scmp_filter_ctx c, const struct seccomp_leaf *leaf, int nr)
{
	for (size_t k = 0; k < leaf->rule->clauses; k++) {
		for (unsigned v = 0;; v++) {
			struct scmp_arg_cmp list[CLAUSE_MAX];
			unsigned n = (unsigned)leaf->rule->clause[k].count, most = 1;

			for (unsigned i = 0; i < n; i++) {
				const struct seccomp_compare *one = &leaf->rule->clause[k].compare[i];

				most = one->count > most ? one->count : most;
				list[i] = library_compare(one, one->value[one->count > 1 ? v : 0]);
			}
			assert_int_equal(seccomp_rule_add_array(c, library_action(leaf->action), nr, n, list), 0);
			if (v + 1 == most)
				break;
		}
	}
}

static size_t by_library(const struct seccomp_leaf *leaf, uint32_t arch, struct sock_filter *insn)
{
	/* Every action of a number must be one that differs from the default, or the library refuses the rule. */
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
		/* Rules go in by the native number of the name; other architectures' programs get their own. */
		int native = name ? seccomp_syscall_resolve_name(name) : __NR_SCMP_ERROR;

		if (name && leaf[nr].rule)
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
	static const uint32_t actions[] = {
		SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | EPERM, SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_ERRNO | ENOSYS};

	memset(leaf, 0, SECCOMP_SLOTS * sizeof(*leaf));
	for (unsigned nr = 0; nr < SECCOMP_SLOTS; nr++) {
		char *name = nr < SECCOMP_NUMBERS ? seccomp_syscall_resolve_num_arch(arch, (int)nr) : NULL;

		seed = seed * 1103515245u + 12345u;
		leaf[nr].action = name ? actions[seed >> 16 & 3] : SECCOMP_RET_ERRNO | ENOSYS;
		free(name);
	}
}

static const uint64_t samples[] = {0, 1, 2, 3, 4, 10, 15, 16, 17, 0x7f, 0xff, 0x5411, 0x5412, 0x541c, 0x7fffffff, 0x80000000,
	0xffffffff, 0x100000000ull, 0x100000001ull, 0x100000002ull, 0x100005412ull, 0x7fffffffffffffffull, 0x8000000000000000ull,
	0xfffffffffffffffeull, UINT64_MAX};
#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

static struct sock_filter ours[BPF_MAXINSNS], theirs[BPF_MAXINSNS];
static struct seccomp_leaf leaves[SECCOMP_SLOTS];

static void compare_numbers(size_t n, size_t m, uint32_t arch)
{
	for (int nr = 0; nr < SECCOMP_NUMBERS; nr++) {
		struct seccomp_data d = call(arch, nr, 0, 0);

		if (run(ours, n, &d) != run(theirs, m, &d))
			fail_msg("number %d: ours 0x%x, the library's 0x%x", nr, run(ours, n, &d), run(theirs, m, &d));
	}
}

static void random_lists_equal_the_library_s(void **state)
{
	static const uint32_t archs[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM};

	(void)state;
	for (unsigned seed = 1; seed <= 30; seed++) {
		uint32_t arch = archs[seed % 3];

		random_leaves(leaves, arch, seed);
		size_t n = program_build(leaves, arch, ours), m = by_library(leaves, arch, theirs);

		check_form(ours, n);
		compare_numbers(n, m, arch);
	}
}

static void foreign_calls_die_in_both(void **state)
{
	static const uint32_t archs[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM, 0, UINT32_MAX};
	static const uint32_t numbers[] = {
		0, 1, 1023, 1024, 0x3fffffff, 0x40000000, 0x40000001, 0x400001ff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};

	(void)state;
	random_leaves(leaves, AUDIT_ARCH_X86_64, 99);
	size_t n = program_build(leaves, AUDIT_ARCH_X86_64, ours), m = by_library(leaves, AUDIT_ARCH_X86_64, theirs);

	for (size_t a = 0; a < sizeof(archs) / sizeof(archs[0]); a++) {
		for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
			struct seccomp_data d = call(archs[a], (int)numbers[i], 0, 0);

			assert_int_equal(run(ours, n, &d), run(theirs, m, &d));
		}
	}
	struct seccomp_data x32 = call(AUDIT_ARCH_X86_64, 0x40000001, 0, 0);

	assert_int_equal(run(ours, n, &x32), SECCOMP_RET_KILL_PROCESS);
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
				[COMPARE_LT] = a<c->value[0], [COMPARE_LE] = a <= c->value[0], [COMPARE_GT] = a> c->value[0],
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
	assert_int_equal(rule_parse(span_of(name), span_of(expression), rule, &d), 0);
	assert_int_equal(d.errors, 0);
}

/* Where one allowed call has a rule among many plain ones. */
static size_t build_with_rule(const struct seccomp_rule *rule, int nr, unsigned seed)
{
	random_leaves(leaves, AUDIT_ARCH_X86_64, seed);
	leaves[nr] = (struct seccomp_leaf){.action = SECCOMP_RET_ALLOW, .otherwise = SECCOMP_RET_ERRNO | ENOSYS, .rule = rule};
	size_t n = program_build(leaves, AUDIT_ARCH_X86_64, ours);

	check_form(ours, n);
	return n;
}

static void each_argument(size_t n, int nr, uint32_t (*wanted)(const struct seccomp_data *, const void *), const void *what)
{
	for (unsigned first = 0; first < SAMPLES; first++) {
		for (unsigned second = 0; second < SAMPLES; second++) {
			struct seccomp_data d = call(AUDIT_ARCH_X86_64, nr, 0, samples[first]);

			d.args[1] = samples[second];
			d.args[2] = samples[(first + second) % SAMPLES];
			if (run(ours, n, &d) != wanted(&d, what))
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
		{"socket", "domain == AF_INET && type & 0xf == SOCK_STREAM || domain == AF_UNIX || protocol >= 16 && type < 3"},
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
	};
	static struct seccomp_rule rule;

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		int nr = seccomp_syscall_resolve_name(rules[i].name);

		parse(rules[i].name, rules[i].expression, &rule);
		each_argument(build_with_rule(&rule, nr, (unsigned)i), nr, by_reading, &rule);
	}
}

static uint32_t by_their_program(const struct seccomp_data *d, const void *size)
{
	return run(theirs, *(const size_t *)size, d);
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
	int nr = seccomp_syscall_resolve_name("getpid");

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(rules) / sizeof(rules[0]); i++) {
		parse("getpid", rules[i], &rule);
		size_t n = build_with_rule(&rule, nr, (unsigned)i + 50), m = by_library(leaves, AUDIT_ARCH_X86_64, theirs);

		compare_numbers(n, m, AUDIT_ARCH_X86_64);
		each_argument(n, nr, by_their_program, &m);
	}
	struct diag d = {0};

	rule.clauses = 0;
	assert_int_equal(rule_parse(span_of("getpid"), span_of(rules[12]), &rule, &d), -EINVAL);
	assert_int_equal(d.errors, 1);
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
		leaves[nr * 5] = (struct seccomp_leaf){
			.action = SECCOMP_RET_ALLOW, .otherwise = SECCOMP_RET_ERRNO | ENOSYS, .rule = &rule};
	size_t n = program_build(leaves, AUDIT_ARCH_X86_64, ours);

	check_form(ours, n);
	assert_true(n > 1000);
	for (int nr = 0; nr < SECCOMP_NUMBERS; nr++) {
		for (unsigned i = 0; i < SAMPLES; i++) {
			d = call(AUDIT_ARCH_X86_64, nr, 0, samples[i]);
			d.args[1] = samples[SAMPLES - 1 - i];
			d.args[2] = i % 9;
			assert_int_equal(run(ours, n, &d), leaves[nr].rule ? by_reading(&d, &rule) : leaves[nr].action);
		}
	}
	/* More than the kernel takes: no program rather than half of one. */
	for (int nr = 0; nr < SECCOMP_NUMBERS; nr++)
		leaves[nr] = (struct seccomp_leaf){
			.action = SECCOMP_RET_ALLOW, .otherwise = SECCOMP_RET_ERRNO | (uint32_t)nr, .rule = &rule};
	assert_int_equal(program_build(leaves, AUDIT_ARCH_X86_64, ours), 0);
}

/* ---- the default ---- */

static uint32_t answer(const struct seccomp_conf *conf, uint32_t arch, const char *name, uint64_t a0, uint64_t a1, uint64_t a2)
{
	struct seccomp_data d = {.nr = seccomp_syscall_resolve_name_arch(arch, name), .arch = arch, .args = {a0, a1, a2}};
	size_t n = seccomp_program(conf, ours);

	check_form(ours, n);
	return run(ours, n, &d);
}

static void the_default_filter(void **state)
{
	static const uint32_t archs[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM};
	const uint32_t allow = SECCOMP_RET_ALLOW, eperm = SECCOMP_RET_ERRNO | EPERM, enosys = SECCOMP_RET_ERRNO | ENOSYS;
	static struct seccomp_conf conf;
	struct diag d = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(archs) / sizeof(archs[0]); i++) {
		uint32_t arch = archs[i];

		assert_int_equal(seccomp_target(arch), 0);
		seccomp_conf_init(&conf);
		assert_int_equal(seccomp_set_filter(&conf, span_of("@service"), &d), 0);
		assert_int_equal(seccomp_check(&conf, &d), 0);
		assert_int_equal(answer(&conf, arch, "read", 0, 0, 0), allow);
		assert_int_equal(answer(&conf, arch, "execve", 0, 0, 0), allow);
		assert_int_equal(answer(&conf, arch, "mount", 0, 0, 0), eperm);
		assert_int_equal(answer(&conf, arch, "setuid", 0, 0, 0), eperm);
		assert_int_equal(answer(&conf, arch, "io_uring_setup", 0, 0, 0), eperm);
		assert_int_equal(answer(&conf, arch, "clone3", 0, 0, 0), enosys);
		assert_int_equal(answer(&conf, arch, "clone", 0x01200011, 0, 0), allow);
		assert_int_equal(answer(&conf, arch, "clone", 0x10000011, 0, 0), eperm); /* CLONE_NEWUSER */
		assert_int_equal(answer(&conf, arch, "unshare", 0x10000000, 0, 0), eperm);
		assert_int_equal(answer(&conf, arch, "socket", 2, 1, 0), allow);
		assert_int_equal(answer(&conf, arch, "socket", 17, 3, 0), eperm);
		assert_int_equal(answer(&conf, arch, "socket", 0x100000011ull, 3, 0), eperm);
		assert_int_equal(answer(&conf, arch, "ioctl", 0, 0x5401, 0), allow);
		assert_int_equal(answer(&conf, arch, "ioctl", 0, 0x5412, 0), eperm);
		assert_int_equal(answer(&conf, arch, "ioctl", 0, 0xdeadbeef00005412ull, 0), eperm); /* the kernel looks at 32 bits */
		assert_int_equal(answer(&conf, arch, "ioctl", 0, 0x541c, 0), eperm);
		assert_int_equal(answer(&conf, arch, "mprotect", 0, 0, 4), eperm);
		assert_int_equal(answer(&conf, arch, "mprotect", 0, 0, 3), allow);
		assert_int_equal(answer(&conf, arch, "personality", 0xffffffff, 0, 0), allow);
		assert_int_equal(answer(&conf, arch, "personality", 0x40000, 0, 0), eperm); /* ADDR_NO_RANDOMIZE */
	}
	assert_int_equal(seccomp_target(0), -EINVAL);
	assert_int_equal(seccomp_target(AUDIT_ARCH_X86_64), 0);
	assert_int_equal(d.errors, 0);
}

static void own_rules_replace_the_default_ones(void **state)
{
	static struct seccomp_conf conf;
	struct diag d = {0};

	(void)state;
	assert_int_equal(seccomp_target(AUDIT_ARCH_X86_64), 0);
	seccomp_conf_init(&conf);
	assert_int_equal(seccomp_set_filter(&conf, span_of("@service ~mount ~read"), &d), 0);
	assert_int_equal(seccomp_set_rule(&conf, span_of("socket: domain == AF_PACKET"), &d), 0);
	assert_int_equal(seccomp_set_rule(&conf, span_of("socket: domain == AF_UNIX"), &d), 0);
	assert_int_equal(seccomp_set_rule(&conf, span_of("setuid: arg0 == 5"), &d), 0);
	assert_int_equal(seccomp_set_default(&conf, span_of("kill"), &d), 0);
	assert_int_equal(answer(&conf, AUDIT_ARCH_X86_64, "socket", 17, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(&conf, AUDIT_ARCH_X86_64, "socket", 1, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(&conf, AUDIT_ARCH_X86_64, "socket", 2, 0, 0), SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(answer(&conf, AUDIT_ARCH_X86_64, "setuid", 5, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(&conf, AUDIT_ARCH_X86_64, "setuid", 6, 0, 0), SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(answer(&conf, AUDIT_ARCH_X86_64, "read", 0, 0, 0), SECCOMP_RET_KILL_PROCESS);
	/* What begins by taking away takes from the default. */
	seccomp_conf_init(&conf);
	assert_int_equal(seccomp_set_filter(&conf, span_of("~@network-io"), &d), 0);
	assert_int_equal(answer(&conf, AUDIT_ARCH_X86_64, "write", 0, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(&conf, AUDIT_ARCH_X86_64, "socket", 1, 0, 0), SECCOMP_RET_ERRNO | EPERM);
	/* All that is known, and no default rules. */
	seccomp_conf_init(&conf);
	assert_int_equal(seccomp_set_filter(&conf, span_of("@known"), &d), 0);
	assert_int_equal(answer(&conf, AUDIT_ARCH_X86_64, "unshare", 0x10000000, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(&conf, AUDIT_ARCH_X86_64, "clone3", 0, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(d.errors, 0);
}

/* Each name of each group is a system call somewhere; names of the default rules too. */
static void every_name_is_known(void **state)
{
	(void)state;
	for (const struct seccomp_group *g = seccomp_groups; g->name; g++) {
		struct span rest = span_of(g->calls), word;

		while (span_word(&rest, &word)) {
			char name[64];
			bool group = false;

			assert_int_equal(span_copy(word, name, sizeof(name)), 0);
			for (const struct seccomp_group *other = seccomp_groups; other->name; other++)
				group = group || strcmp(other->name, name) == 0;
			if (!group && seccomp_syscall_resolve_name(name) == __NR_SCMP_ERROR)
				fail_msg("%s: %s", g->name, name);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_lists_equal_the_library_s),
		cmocka_unit_test(foreign_calls_die_in_both),
		cmocka_unit_test(rules_mean_what_they_say),
		cmocka_unit_test(rules_equal_the_library_s),
		cmocka_unit_test(far_jumps),
		cmocka_unit_test(the_default_filter),
		cmocka_unit_test(own_rules_replace_the_default_ones),
		cmocka_unit_test(every_name_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
