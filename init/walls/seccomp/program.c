/* SPDX-License-Identifier: MIT
 * The filter as a classic BPF program: a balanced search over the numbers at which the answer
 * changes. It is written from its end to its beginning, so that the target of every jump exists
 * already. Conditional jumps reach 255 instructions; a farther target gets an intermediate jump, or
 * a copy if it is a return.
 */
#include "walls/seccomp/rules.h"
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>

/* one less than a jump can: the stone for its other branch may come in between */
#define REACH 254
#define NO_SUCH_CALL (SECCOMP_RET_ERRNO | 38) /* ENOSYS, everywhere we are */
#define NO_NUMBER UINT32_MAX                  /* what a tracer leaves to skip a call */
#define OABI_BASE 0x900000u                   /* numbers of 32-bit ARM's old ABI */
#define MAX_RUNS (2 * SECCOMP_SLOTS + 8)

struct run {
	uint32_t start; /* the run goes up to the next one's */
	struct seccomp_leaf leaf;
};

struct program {
	struct sock_filter *insn;
	size_t at; /* insn[at] is the first so far; BPF_MAXINSNS is the end */
	bool full;
	struct run run[MAX_RUNS];
	size_t runs;
};

static size_t emit(struct program *p, uint16_t code, uint32_t k)
{
	if (p->at == 0)
		p->full = true;
	else
		p->insn[--p->at] = (struct sock_filter){.code = code, .k = k};
	return p->at;
}

/* A place that a jump written next can reach. */
static size_t reachable(struct program *p, size_t target)
{
	if (p->full || target - p->at <= REACH)
		return target;
	if (p->insn[target].code == (BPF_RET | BPF_K))
		return emit(p, BPF_RET | BPF_K, p->insn[target].k);
	return emit(p, BPF_JMP | BPF_JA, (uint32_t)(target - p->at));
}

static size_t jump(struct program *p, uint16_t op, uint32_t k, size_t yes, size_t no)
{
	if (yes == no)
		return yes;
	no = reachable(p, no);
	yes = reachable(p, yes);
	size_t next = p->at;
	emit(p, (uint16_t)(BPF_JMP | op | BPF_K), k);
	if (!p->full) {
		p->insn[p->at].jt = (uint8_t)(yes - next);
		p->insn[p->at].jf = (uint8_t)(no - next);
	}
	return p->at;
}

/* A return with this value: one nearby, or a new one. */
static size_t answer(struct program *p, uint32_t action)
{
	for (size_t i = p->at; i < BPF_MAXINSNS && i - p->at < REACH / 2; i++)
		if (p->insn[i].code == (BPF_RET | BPF_K) && p->insn[i].k == action)
			return i;
	return emit(p, BPF_RET | BPF_K, action);
}

static size_t load_word(struct program *p, size_t offset)
{
	return emit(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset);
}

/* Little endian: the low half of an argument comes first. */
static size_t load_half(struct program *p, unsigned arg, bool high, uint32_t mask)
{
	if (mask != UINT32_MAX)
		emit(p, BPF_ALU | BPF_AND | BPF_K, mask);
	return load_word(p,
		offsetof(struct seccomp_data, args) + arg * sizeof(uint64_t) +
			(high ? sizeof(uint32_t) : 0));
}

/* Goes to `yes` if the low half of the argument, masked, is one of the values. */
static size_t compare_narrow(struct program *p, const struct seccomp_compare *c, size_t yes,
	size_t no)
{
	size_t next = no;
	for (size_t i = c->count; i-- > 0;)
		next = jump(p, BPF_JEQ, (uint32_t)c->value[i], yes, next);
	/* The first comparison is the last that was written: what is loaded now falls into it. */
	return load_half(p, c->arg, false, (uint32_t)c->mask);
}

/* The same with both halves. */
static size_t compare_wide(struct program *p, const struct seccomp_compare *c, size_t yes,
	size_t no)
{
	uint32_t low_mask = (uint32_t)c->mask, high_mask = (uint32_t)(c->mask >> 32);
	size_t next = no;
	for (size_t i = c->count; i-- > 0;) {
		jump(p, BPF_JEQ, (uint32_t)c->value[i], yes, next);
		size_t low = load_half(p, c->arg, false, low_mask);
		if (high_mask != 0) {
			jump(p, BPF_JEQ, (uint32_t)(c->value[i] >> 32), low, next);
			low = load_half(p, c->arg, true, high_mask);
		}
		next = low;
	}
	return next;
}

static size_t compare_equal(struct program *p, const struct seccomp_compare *c, size_t yes,
	size_t no)
{
	return c->wide ? compare_wide(p, c, yes, no) : compare_narrow(p, c, yes, no);
}

/* Greater, or with `or_equal` not less. */
static size_t compare_greater(struct program *p, const struct seccomp_compare *c, bool or_equal,
	size_t yes, size_t no)
{
	uint32_t low = (uint32_t)c->value[0], high = (uint32_t)(c->value[0] >> 32);
	jump(p, or_equal ? BPF_JGE : BPF_JGT, low, yes, no);
	size_t at = load_half(p, c->arg, false, UINT32_MAX);
	if (!c->wide)
		return at;
	at = jump(p, BPF_JEQ, high, at, no);
	jump(p, BPF_JGT, high, yes, at);
	return load_half(p, c->arg, true, UINT32_MAX);
}

static size_t compare_argument(struct program *p, const struct seccomp_compare *c, size_t yes,
	size_t no)
{
	if (yes == no)
		return yes;
	switch ((enum compare_op)c->op) {
	case COMPARE_EQ:
		return compare_equal(p, c, yes, no);
	case COMPARE_NE:
		return compare_equal(p, c, no, yes);
	case COMPARE_LT:
		return compare_greater(p, c, true, no, yes);
	case COMPARE_LE:
		return compare_greater(p, c, false, no, yes);
	case COMPARE_GT:
		return compare_greater(p, c, false, yes, no);
	case COMPARE_GE:
		return compare_greater(p, c, true, yes, no);
	}
	return no;
}

static size_t rule_code(struct program *p, const struct seccomp_rule *rule, size_t yes, size_t no)
{
	size_t next_clause = no;
	for (size_t i = rule->clauses; i-- > 0;) {
		size_t next = yes;
		for (size_t j = rule->clause[i].count; j-- > 0;)
			next = compare_argument(p, &rule->clause[i].compare[j], next, next_clause);
		next_clause = next;
	}
	return next_clause;
}

static size_t leaf_code(struct program *p, const struct seccomp_leaf *leaf)
{
	size_t count = 0, next;
	while (count < LEAF_RULES && leaf->rule[count])
		count++;
	if (count == 0)
		return answer(p, leaf->action);
	next = answer(p, leaf->action);
	while (count-- > 0) {
		uint32_t otherwise = leaf->rule[count]->otherwise ? leaf->rule[count]->otherwise
														  : leaf->otherwise;
		next = rule_code(p, leaf->rule[count], next, answer(p, otherwise));
	}
	return next;
}

static size_t search(struct program *p, size_t first, size_t last)
{
	if (first == last)
		return leaf_code(p, &p->run[first].leaf);
	size_t middle = (first + last + 1) / 2;
	size_t above = search(p, middle, last);
	size_t below = search(p, first, middle - 1);
	return jump(p, BPF_JGE, p->run[middle].start, above, below);
}

static bool same_leaf(const struct seccomp_leaf *a, const struct seccomp_leaf *b)
{
	return a->action == b->action && memcmp(a->rule, b->rule, sizeof(a->rule)) == 0 &&
		(!a->rule[0] || a->otherwise == b->otherwise);
}

static void add_run(struct program *p, uint32_t start, const struct seccomp_leaf *leaf)
{
	if (p->runs == 0 || !same_leaf(&p->run[p->runs - 1].leaf, leaf))
		p->run[p->runs++] = (struct run){start, *leaf};
}

static void add_action(struct program *p, uint32_t start, uint32_t action)
{
	const struct seccomp_leaf leaf = {.action = action};
	add_run(p, start, &leaf);
}

static void add_numbers(struct program *p, const struct seccomp_section *s)
{
	for (uint32_t i = 0; i < SECCOMP_NUMBERS; i++)
		add_run(p, s->abi->base + i, &s->leaf[i]);
	add_action(p, s->abi->base + SECCOMP_NUMBERS, NO_SUCH_CALL);
}

/* All that the kernel shows under one AUDIT_ARCH_*: a tree whose root is the next instruction,
 * the loading of the number. */
static size_t add_arch(struct program *p, const struct seccomp_section *s,
	const struct seccomp_section *x32)
{
	p->runs = 0;
	add_numbers(p, s);
	if (s->abi->audit == AUDIT_ARCH_ARM) {
		for (uint32_t i = SECCOMP_NUMBERS; i < SECCOMP_SLOTS; i++)
			add_run(p, SECCOMP_ARM_PRIVATE + i - SECCOMP_NUMBERS, &s->leaf[i]);
		add_action(p, SECCOMP_ARM_PRIVATE + SECCOMP_SLOTS - SECCOMP_NUMBERS, NO_SUCH_CALL);
		add_action(p, OABI_BASE, SECCOMP_RET_KILL_PROCESS);
	}
	if (s->abi->audit == AUDIT_ARCH_X86_64) {
		if (x32)
			add_numbers(p, x32);
		add_action(p, x32 ? SECCOMP_X32_BIT + SECCOMP_NUMBERS : SECCOMP_X32_BIT,
			SECCOMP_RET_KILL_PROCESS);
	}
	add_action(p, NO_NUMBER, NO_SUCH_CALL);
	size_t tree = search(p, 0, p->runs - 1);
	/* The tree's root is the very next instruction unless a stone came in between. */
	if (tree != p->at)
		emit(p, BPF_JMP | BPF_JA, (uint32_t)(tree - p->at));
	return load_word(p, offsetof(struct seccomp_data, nr));
}

size_t program_build(const struct seccomp_section *section, size_t count, struct sock_filter *insn)
{
	static struct program p;
	const struct seccomp_section *x32 = NULL;
	size_t tree[PROGRAM_SECTIONS];
	if (count > PROGRAM_SECTIONS)
		return 0;
	p = (struct program){.insn = insn, .at = BPF_MAXINSNS};
	for (size_t i = 0; i < count; i++)
		x32 = section[i].abi->base == SECCOMP_X32_BIT ? &section[i] : x32;
	/* The first section is the native one: it comes to stand nearest to the beginning. */
	for (size_t i = count; i-- > 0;)
		if (&section[i] != x32)
			tree[i] = add_arch(&p, &section[i], x32);
	size_t next = emit(&p, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	for (size_t i = count; i-- > 0;)
		if (&section[i] != x32)
			next = jump(&p, BPF_JEQ, section[i].abi->audit, tree[i], next);
	load_word(&p, offsetof(struct seccomp_data, arch));
	if (p.full)
		return 0;
	memmove(insn, insn + p.at, (BPF_MAXINSNS - p.at) * sizeof(*insn));
	return BPF_MAXINSNS - p.at;
}
