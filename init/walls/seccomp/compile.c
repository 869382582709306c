/* SPDX-License-Identifier: MIT
 * [Seccomp]: names to numbers by libseccomp, which of them are allowed and under which rule, and the program's leaves.
 */
#include "base/errname.h"
#include "walls/seccomp/rules.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

#define LAST_ERRNO 133
#define GROUP_DEPTH 4

static uint32_t target; /* AUDIT_ARCH_*, which are SCMP_ARCH_* too */

static const uint32_t targets[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM};

int seccomp_target(uint32_t arch)
{
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (targets[i] == arch) {
			target = arch;
			return 0;
		}
	}
	return -EINVAL;
}

void seccomp_conf_init(struct seccomp_conf *conf)
{
	*conf = (struct seccomp_conf){.otherwise = SECCOMP_RET_ERRNO | EPERM};
}

/* Which bit stands for a number, and the other way round. */
static int slot_of(int number)
{
	if (number >= 0 && number < SECCOMP_NUMBERS)
		return number;
	number -= (int)SECCOMP_ARM_PRIVATE;
	return target == AUDIT_ARCH_ARM && number >= 0 && number < SECCOMP_SLOTS - SECCOMP_NUMBERS ? SECCOMP_NUMBERS + number : -1;
}

/* Kept: the library searches its whole table for each, and every service asks for all of them. */
static const char *name_of_slot(unsigned slot)
{
	static char *names[SECCOMP_SLOTS];
	static uint32_t names_of; /* the target they are of */

	for (unsigned i = 0; names_of != target && i < SECCOMP_SLOTS; i++) {
		unsigned number = i < SECCOMP_NUMBERS ? i : SECCOMP_ARM_PRIVATE + i - SECCOMP_NUMBERS;

		free(names[i]);
		names[i] = i < SECCOMP_NUMBERS || target == AUDIT_ARCH_ARM ? seccomp_syscall_resolve_num_arch(target, (int)number) : NULL;
	}
	names_of = target;
	return names[slot];
}

static bool bit_of(const uint64_t *set, unsigned slot)
{
	return set[slot / 64] >> (slot % 64) & 1;
}

static void put_bit(uint64_t *set, unsigned slot, bool on)
{
	uint64_t bit = 1ull << (slot % 64);

	set[slot / 64] = on ? set[slot / 64] | bit : set[slot / 64] & ~bit;
}

/* The slot; -ENOENT for a call that only other architectures have; -EINVAL for a name that libseccomp does not know at all. */
static int find_call(struct span call)
{
	char name[64];
	int number;

	if (span_copy(call, name, sizeof(name)) < 0)
		return -EINVAL;
	number = seccomp_syscall_resolve_name_arch(target, name);
	if (number == __NR_SCMP_ERROR)
		return -EINVAL;
	int slot = slot_of(number);

	return slot < 0 ? -ENOENT : slot;
}

static int unknown_call(struct span call, struct diag *d)
{
	struct nearest near;

	nearest_begin(&near, call);
	if (call.n > 0 && call.p[0] == '@') {
		for (const struct seccomp_group *g = seccomp_groups; g->name; g++)
			nearest_try(&near, span_of(g->name));
		return diag_error(d, "unknown group of system calls \"%.*s\"%s", SPAN_ARGS(call), nearest_hint(&near));
	}
	for (unsigned slot = 0; slot < SECCOMP_SLOTS; slot++) {
		const char *name = name_of_slot(slot);

		if (name)
			nearest_try(&near, span_of(name));
	}
	return diag_error(d, "unknown system call \"%.*s\"%s", SPAN_ARGS(call), nearest_hint(&near));
}

static const struct seccomp_group *find_group(struct span name)
{
	for (const struct seccomp_group *g = seccomp_groups; g->name; g++) {
		if (span_is(name, g->name))
			return g;
	}
	return NULL;
}

static void put_known(uint64_t *set, bool on)
{
	for (unsigned slot = 0; slot < SECCOMP_SLOTS; slot++) {
		if (name_of_slot(slot))
			put_bit(set, slot, on);
	}
}

static void put_group(uint64_t *set, const struct seccomp_group *group, bool on, int depth)
{
	struct span rest = span_of(group->calls), word;

	if (!group->calls)
		put_known(set, on);
	while (span_word(&rest, &word)) {
		const struct seccomp_group *inner = word.p[0] == '@' ? find_group(word) : NULL;
		int slot = inner ? -1 : find_call(word);

		if (inner && depth < GROUP_DEPTH)
			put_group(set, inner, on, depth + 1);
		if (slot >= 0)
			put_bit(set, (unsigned)slot, on);
	}
}

static int put_word(uint64_t *set, struct span word, bool on, struct diag *d)
{
	const struct seccomp_group *group = find_group(word);
	int slot = group ? 0 : find_call(word);

	if (group)
		put_group(set, group, on, 0);
	else if (slot == -ENOENT)
		return diag_error(d, "the system call \"%.*s\" does not exist on this architecture", SPAN_ARGS(word));
	else if (slot < 0)
		return unknown_call(word, d);
	else
		put_bit(set, (unsigned)slot, on);
	return 0;
}

int seccomp_set_filter(void *conf, struct span value, struct diag *d)
{
	struct seccomp_conf *s = conf;
	struct span rest = value, word;

	if (value.n == 0) {
		memset(s->allowed, 0, sizeof(s->allowed));
		s->filter_given = s->everything = false;
	}
	while (span_word(&rest, &word)) {
		bool without = word.p[0] == '~';

		/* What begins by taking away takes it from the default. */
		if (without && !s->filter_given)
			put_group(s->allowed, find_group(span_of("@service")), true, 0);
		s->filter_given = true;
		if (without)
			word = (struct span){word.p + 1, word.n - 1};
		int err = put_word(s->allowed, word, !without, d);

		if (err < 0)
			return err;
		if (span_is(word, "@known"))
			s->everything = !without;
	}
	return 0;
}

/* The rule for a call that the service says nothing about. */
static struct span default_rule(const struct seccomp_conf *s, const char *name)
{
	return s->everything ? (struct span){"", 0} : rule_by_default(span_of(name));
}

int seccomp_set_rule(void *conf, struct span value, struct diag *d)
{
	static struct seccomp_rule scratch;
	struct seccomp_conf *s = conf;
	struct span name, expression;
	int slot, err;

	if (value.n == 0) {
		s->rules = 0;
		return 0;
	}
	if (s->rules == SECCOMP_MAX_RULES)
		return diag_error(d, "more than %d rules", SECCOMP_MAX_RULES);
	err = rule_split(value, &name, &expression, d);
	if (err < 0)
		return err;
	slot = find_call(name);
	if (slot == -ENOENT)
		return diag_error(d, "the system call \"%.*s\" does not exist on this architecture", SPAN_ARGS(name));
	if (slot < 0)
		return unknown_call(name, d);
	scratch.clauses = 0;
	err = rule_parse(name, expression, &scratch, d);
	if (err == 0)
		s->rule[s->rules++] = value;
	return err;
}

int seccomp_set_default(void *conf, struct span value, struct diag *d)
{
	struct seccomp_conf *s = conf;

	if (span_is(value, "kill")) {
		s->otherwise = SECCOMP_RET_KILL_PROCESS;
		return 0;
	}
	if (span_is(value, "log")) {
		s->otherwise = SECCOMP_RET_LOG;
		return 0;
	}
	for (uint32_t err = 1; err <= LAST_ERRNO; err++) {
		if (span_is(value, err_name((int)err))) {
			s->otherwise = SECCOMP_RET_ERRNO | err;
			return 0;
		}
	}
	return diag_error(d, "\"%.*s\" is not known, expected kill, log or the name of an error like EPERM", SPAN_ARGS(value));
}

int seccomp_set_architectures(void *conf, struct span value, struct diag *d)
{
	(void)conf;
	if (span_is(value, "native"))
		return 0;
	return diag_error(d, "\"%.*s\" is not supported by this version, expected native", SPAN_ARGS(value));
}

/* The rule of one call as text: the service's own (they are parsed again, alternatives of one call joined), or the default one. */
static size_t own_rules(const struct seccomp_conf *s, unsigned slot, struct span *found, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < s->rules; i++) {
		struct span name, expression;

		if (rule_split(s->rule[i], &name, &expression, NULL) == 0 && find_call(name) == (int)slot && n < max)
			found[n++] = expression;
	}
	return n;
}

bool seccomp_allowed(const struct seccomp_conf *conf, unsigned i, const char **name, struct span *rule)
{
	for (unsigned slot = 0; slot < SECCOMP_SLOTS; slot++) {
		struct span own[1];
		size_t n = own_rules(conf, slot, own, 1);

		if (!bit_of(conf->allowed, slot) && n == 0)
			continue;
		if (i-- > 0)
			continue;
		*name = name_of_slot(slot);
		*rule = n > 0 ? own[0] : default_rule(conf, *name);
		return *name != NULL;
	}
	return false;
}

/* Several rules about one call are alternatives, of which there is a limit. */
static int check_joined(const struct seccomp_conf *conf, struct diag *d)
{
	static struct seccomp_rule scratch;

	for (size_t i = 0; i < conf->rules; i++) {
		struct span name, other, expression;

		scratch.clauses = 0;
		rule_split(conf->rule[i], &name, &expression, NULL);
		for (size_t j = 0; j < conf->rules; j++) {
			rule_split(conf->rule[j], &other, &expression, NULL);
			int err = span_same(name, other) ? rule_parse(other, expression, &scratch, d) : 0;

			if (err < 0)
				return err;
		}
	}
	return 0;
}

int seccomp_check(const struct seccomp_conf *conf, struct diag *d)
{
	/* The filter stands before the program is executed: without these not even its first instruction, or its end, is reached. */
	static const char *const needed[] = {"execve", "exit_group"};

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		int slot = find_call(span_of(needed[i]));
		struct span own[1];

		if (slot >= 0 && !bit_of(conf->allowed, (unsigned)slot) && own_rules(conf, (unsigned)slot, own, 1) == 0)
			return diag_error(
				d, "%s must be allowed, or nothing can start: the filter stands before the program is executed", needed[i]);
	}
	static struct sock_filter insn[BPF_MAXINSNS];
	int err = check_joined(conf, d);

	if (err == 0 && seccomp_program(conf, insn) == 0)
		return diag_error(
			d, "the filter would have more than %d instructions, the kernel's limit: use fewer rules", BPF_MAXINSNS);
	return err;
}

static const struct seccomp_rule *rule_of_slot(
	const struct seccomp_conf *s, unsigned slot, const char *name, struct seccomp_rule *room)
{
	struct span own[RULE_MAX];
	size_t n = own_rules(s, slot, own, RULE_MAX);

	if (n == 0) {
		own[0] = default_rule(s, name);
		n = own[0].n > 0;
	}
	room->clauses = 0;
	for (size_t i = 0; i < n; i++)
		rule_parse(span_of(name), own[i], room, NULL);
	return n > 0 ? room : NULL;
}

size_t seccomp_program(const struct seccomp_conf *conf, struct sock_filter *insn)
{
	struct seccomp_leaf *leaf = calloc(SECCOMP_SLOTS, sizeof(*leaf));
	struct seccomp_rule *rules = calloc(SECCOMP_MAX_RULES + 16, sizeof(*rules));
	size_t used = 0, size = 0;

	for (unsigned slot = 0; leaf && rules && slot < SECCOMP_SLOTS; slot++) {
		const char *name = name_of_slot(slot);
		struct span own[1];
		bool allowed = bit_of(conf->allowed, slot) || own_rules(conf, slot, own, 1) > 0;

		leaf[slot] = (struct seccomp_leaf){
			.action = name ? conf->otherwise : SECCOMP_RET_ERRNO | ENOSYS, .otherwise = conf->otherwise};
		/* Its flags lie in memory, out of a filter's sight; for ENOSYS alone do the C libraries fall back to clone. */
		if (name && strcmp(name, "clone3") == 0)
			leaf[slot].action = SECCOMP_RET_ERRNO | ENOSYS;
		if (name && allowed) {
			leaf[slot].action = SECCOMP_RET_ALLOW;
			leaf[slot].rule = rule_of_slot(conf, slot, name, &rules[used]);
			used += leaf[slot].rule != NULL;
		}
	}
	if (leaf && rules)
		size = program_build(leaf, target, insn);
	free(leaf);
	free(rules);
	return size;
}

struct plan_blob seccomp_encode(const struct seccomp_conf *conf, struct plan_writer *w)
{
	static struct sock_filter insn[BPF_MAXINSNS];
	size_t n = seccomp_program(conf, insn);
	struct seccomp_plan s = {.flags = 0};

	if (n == 0)
		w->full = true; /* never a service with less of a filter than asked for */
	s.filter = plan_write_list(w, insn, sizeof(insn[0]), n);
	return plan_write_blob(w, &s, sizeof(s));
}
