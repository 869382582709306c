/* SPDX-License-Identifier: MIT
 * [Seccomp]: the directives' values, and from them for each ABI which calls are allowed under which
 * rules: the program's leaves.
 */
#include "walls/seccomp/rules.h"
#include "base/count.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PARSED (2 * SECCOMP_SLOTS)

void seccomp_conf_init(struct seccomp_conf *conf)
{
	*conf = (struct seccomp_conf){.otherwise = SECCOMP_RET_ERRNO | EPERM, .namespaces = UINT32_MAX};
}

/* ---- setters ---- */

static int add_line(struct seccomp_lines *lines, struct span value, bool answers, struct diag *d)
{
	int err = set_check(value, answers, d);
	if (err < 0)
		return err;
	if (value.n == 0)
		lines->count = 0;
	else if (lines->count == SECCOMP_MAX_LINES)
		return diag_error(d, "more than %d lines", SECCOMP_MAX_LINES);
	else
		lines->line[lines->count++] = value;
	return 0;
}

int seccomp_set_filter(void *conf, struct span value, struct diag *d)
{
	struct seccomp_conf *s = conf;
	return add_line(&s->filter, value, true, d);
}

int seccomp_set_log(void *conf, struct span value, struct diag *d)
{
	struct seccomp_conf *s = conf;
	return add_line(&s->log, value, false, d);
}

/* The slot of a call or of its sibling here. */
static int find_here(const struct seccomp_abi *abi, struct span name)
{
	int slot = abi_find_call(abi, name);
	for (unsigned i = 0; slot == -ENOENT && i < SECCOMP_SLOTS; i++) {
		const char *other = abi_call_name(abi, i);
		if (other && abi_same_call(name, span_of(other)))
			return (int)i;
	}
	return slot;
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
	slot = find_here(abi_native(), name);
	if (slot < 0)
		return set_unknown_call(name, slot, d);
	scratch.clauses = 0;
	err = rule_parse(name, expression, &scratch, d);
	if (err == 0)
		s->rule[s->rules++] = value;
	return err;
}

int seccomp_set_default(void *conf, struct span value, struct diag *d)
{
	struct seccomp_conf *s = conf;
	return set_read_answer(value, &s->otherwise, d);
}

int seccomp_set_architectures(void *conf, struct span value, struct diag *d)
{
	struct seccomp_conf *s = conf;
	const struct seccomp_abi *native = abi_native();
	struct span rest = value, word;
	bool own = false;
	s->extra = 0;
	while (span_word(&rest, &word)) {
		bool found = span_is(word, "native") || span_is(word, native->name);
		own = own || found;
		for (unsigned i = 0; seccomp_abis[i].name; i++) {
			if (seccomp_abis[i].beside != native->audit || !span_is(word, seccomp_abis[i].name))
				continue;
			s->extra |= 1u << i;
			found = true;
		}
		if (!found)
			return diag_error(d, "\"%.*s\" is no ABI of %s, expected native%s", SPAN_ARGS(word),
				native->name,
				native->audit == AUDIT_ARCH_X86_64        ? ", x86 or x32"
					: native->audit == AUDIT_ARCH_AARCH64 ? " or arm"
														  : "");
	}
	if (!own)
		return diag_error(d, "native is missing: the service's own program is of that ABI");
	return 0;
}

/* ---- one ABI: sets and leaves ---- */

struct side {
	const struct seccomp_conf *conf;
	const struct seccomp_abi *abi;
	struct seccomp_set allowed, logged;
};

static void set_lines(const struct seccomp_abi *abi, struct seccomp_set *set,
	const struct seccomp_lines *lines, const char *whole)
{
	for (size_t i = 0; i < lines->count; i++)
		set_line(abi, set, lines->line[i], i == 0, whole);
}

static void make_side(struct side *side, const struct seccomp_conf *conf,
	const struct seccomp_abi *abi)
{
	*side = (struct side){.conf = conf, .abi = abi};
	set_lines(abi, &side->allowed, &conf->filter, SECCOMP_USUAL);
	set_lines(abi, &side->logged, &conf->log, "@known");
}

/* On x86 these take their arguments out of memory, or are many calls in one. */
static bool hides_arguments(const struct seccomp_abi *abi, const char *name)
{
	return abi->audit == AUDIT_ARCH_I386 &&
		(strcmp(name, "mmap") == 0 || strcmp(name, "select") == 0);
}

/* The service's own rules for one call: alternatives, as they stand in its file. */
static size_t own_rules(const struct side *side, unsigned slot, const char *name,
	struct span *found, size_t max)
{
	const struct seccomp_conf *conf = side->conf;
	size_t n = 0;
	for (size_t i = 0; i < conf->rules && n < max; i++) {
		struct span call, expression;
		if (rule_split(conf->rule[i], &call, &expression, NULL) < 0)
			continue;
		if ((name && abi_same_call(call, span_of(name))) ||
			abi_find_call(side->abi, call) == (int)slot)
			found[n++] = expression;
	}
	return n;
}

/* x86's two calls that are many: allowed where nothing of what they stand for is forbidden or
 * bound by a rule. */
static bool many_in_one(const struct side *side, const char *name, struct seccomp_condition *c)
{
	static const struct {
		const char *call, *stands_for, *rule;
	} many[] = {
		{"socketcall",
			"bind connect listen accept4 getsockname getpeername sendto recvfrom shutdown setsockopt getsockopt sendmsg recvmsg sendmmsg recvmmsg",
			/* socket, socketpair: programs then use the calls of these names */
			"call != 1 && call != 8"},
		/* shmat */
		{"ipc", "semget semctl msgsnd msgrcv msgget msgctl shmdt shmget shmctl",
			"call & 0xffff != 21"},
	};
	struct span own[1];
	for (size_t i = 0; i < COUNT(many); i++) {
		struct span rest = span_of(many[i].stands_for), word;
		if (side->abi->audit != AUDIT_ARCH_I386 || strcmp(name, many[i].call) != 0)
			continue;
		c->text = span_of(many[i].rule);
		c->answer = SECCOMP_RET_ERRNO | ENOSYS;
		while (span_word(&rest, &word)) {
			int slot = abi_find_call(side->abi, word);
			bool free = slot >= 0 && set_has(&side->allowed, (unsigned)slot) &&
				own_rules(side, (unsigned)slot, abi_call_name(side->abi, (unsigned)slot), own, 1) ==
					0;
			if (!free)
				c->text.n = 0;
		}
		return true;
	}
	return false;
}

/* What is asked of an allowed call besides the service's own rules; how many. */
static size_t conditions(const struct side *side, const char *name, bool own,
	struct seccomp_condition *list)
{
	if (!name)
		return 0;
	size_t n = restrict_call(side->conf, side->allowed.everything, name, own, list);
	if (hides_arguments(side->abi, name) && (n > 0 || own)) {
		n = 1;
		list[0].text = (struct span){"", 0};
		list[0].answer = SECCOMP_RET_ERRNO | ENOSYS;
	}
	if (n < RESTRICT_RULES && !side->allowed.everything && many_in_one(side, name, &list[n]))
		n++;
	return n;
}

/* ---- the program ---- */

struct parsed {
	struct seccomp_rule *rule[MAX_PARSED];
	size_t count;
};

static struct seccomp_rule *new_rule(struct parsed *all)
{
	if (all->count == MAX_PARSED || !(all->rule[all->count] = malloc(sizeof(struct seccomp_rule))))
		diag_no_memory();
	all->rule[all->count]->clauses = 0;
	all->rule[all->count]->otherwise = 0;
	return all->rule[all->count++];
}

/* What a specific answer gives way to: whoever wants to see everything killed, or everything
 * logged, gets it. */
static uint32_t answer_of(const struct seccomp_conf *conf, uint32_t answer)
{
	bool plain = (conf->otherwise & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO;
	return answer && (plain || answer == (SECCOMP_RET_ERRNO | ENOSYS)) ? answer : conf->otherwise;
}

static void bind_leaf(const struct side *side, struct span name, const struct span *own,
	size_t owned, const struct seccomp_condition *asked, size_t count, struct seccomp_leaf *leaf,
	struct parsed *all)
{
	size_t n = 0;
	for (size_t i = 0; i < owned; i++) {
		if (i == 0)
			leaf->rule[n++] = new_rule(all);
		rule_parse(name, own[i], all->rule[all->count - 1], NULL);
	}
	for (size_t i = 0; i < count; i++) {
		struct seccomp_rule *rule = asked[i].text.n > 0 ? new_rule(all) : NULL;
		if (!rule) {
			*leaf = (struct seccomp_leaf){.action = answer_of(side->conf, asked[i].answer)};
			return;
		}
		rule->otherwise = answer_of(side->conf, asked[i].answer);
		rule_parse(name, asked[i].text, rule, NULL);
		leaf->rule[n++] = rule;
	}
	for (size_t i = 0; i < n && side->abi->narrow; i++)
		rule_narrow((struct seccomp_rule *)(uintptr_t)leaf->rule[i]);
}

static void make_leaf(const struct side *side, unsigned slot, struct seccomp_leaf *leaf,
	struct parsed *all)
{
	const struct seccomp_conf *conf = side->conf;
	const char *name = abi_call_name(side->abi, slot);
	struct span own[RULE_MAX];
	struct seccomp_condition asked[RESTRICT_RULES];
	size_t owned = own_rules(side, slot, name, own, RULE_MAX);
	*leaf = (struct seccomp_leaf){.action = name ? conf->otherwise : SECCOMP_RET_ERRNO | ENOSYS,
		.otherwise = conf->otherwise};
	if (side->allowed.answer[slot])
		leaf->action = side->allowed.answer[slot];
	/* Its flags lie in memory, out of a filter's sight; for ENOSYS alone do the C libraries fall
	 * back to clone. */
	else if (name && strcmp(name, "clone3") == 0)
		leaf->action = SECCOMP_RET_ERRNO | ENOSYS;
	if (!set_has(&side->allowed, slot) && owned == 0)
		return;
	leaf->action = set_has(&side->logged, slot) ? SECCOMP_RET_LOG : SECCOMP_RET_ALLOW;
	bind_leaf(side, span_of(name), own, owned, asked, conditions(side, name, owned > 0, asked),
		leaf, all);
}

size_t program_of(const struct seccomp_conf *conf, struct sock_filter *insn)
{
	static struct side side;
	static struct parsed all;
	struct seccomp_section section[PROGRAM_SECTIONS] = {{0}};
	struct seccomp_leaf *leaf[PROGRAM_SECTIONS];
	size_t count = 0, size;
	all.count = 0;
	for (unsigned i = 0; seccomp_abis[i].name && count < PROGRAM_SECTIONS; i++) {
		if (&seccomp_abis[i] != abi_native() && !(conf->extra >> i & 1))
			continue;
		leaf[count] = calloc(SECCOMP_SLOTS, sizeof(*leaf[count]));
		if (!leaf[count])
			diag_no_memory();
		make_side(&side, conf, &seccomp_abis[i]);
		for (unsigned slot = 0; slot < SECCOMP_SLOTS; slot++)
			make_leaf(&side, slot, &leaf[count][slot], &all);
		section[count] = (struct seccomp_section){&seccomp_abis[i], leaf[count]};
		count++;
	}
	size = program_build(section, count, insn);
	while (count > 0)
		free(leaf[--count]);
	while (all.count > 0)
		free(all.rule[--all.count]);
	return size;
}

bool seccomp_no_exec_gain(const struct seccomp_conf *conf)
{
	static struct seccomp_set allowed;
	allowed = (struct seccomp_set){.everything = false};
	set_lines(abi_native(), &allowed, &conf->filter, SECCOMP_USUAL);
	return restrict_memory(conf, allowed.everything);
}

/* ---- for people ---- */

static struct span joined(const struct span *own, size_t owned,
	const struct seccomp_condition *asked, size_t count)
{
	static char text[SECCOMP_SLOTS][512];
	static unsigned used;
	char *to = text[used++ % SECCOMP_SLOTS];
	size_t n = 0;
	to[0] = '\0';
	for (size_t i = 0; i < owned && n < sizeof(text[0]); i++)
		n += (size_t)snprintf(to + n, sizeof(text[0]) - n, "%s%.*s", i ? " || " : "",
			SPAN_ARGS(own[i]));
	for (size_t i = 0; i < count && n < sizeof(text[0]); i++)
		n += (size_t)snprintf(to + n, sizeof(text[0]) - n, "%s%.*s", n ? ", and " : "",
			SPAN_ARGS(asked[i].text));
	return span_of(to);
}

/* Whether the slot's call is allowed, and then what is to be said of it. */
static bool describe(const struct side *side, unsigned slot, struct seccomp_call *call)
{
	static char numbers[SECCOMP_SLOTS][8];
	const char *name = abi_call_name(side->abi, slot);
	struct span own[RULE_MAX];
	struct seccomp_condition asked[RESTRICT_RULES];
	size_t owned = own_rules(side, slot, name, own, RULE_MAX), count;
	if (!set_has(&side->allowed, slot) && owned == 0)
		return false;
	count = conditions(side, name, owned > 0, asked);
	for (size_t i = 0; i < count; i++)
		if (asked[i].text.n == 0)
			return false;
	snprintf(numbers[slot], sizeof(numbers[slot]), "%u", slot);
	*call = (struct seccomp_call){.name = name ? name : numbers[slot],
		.logged = set_has(&side->logged, slot)};
	if (owned + count > 0)
		call->rule = joined(own, owned, asked, count);
	return true;
}

bool seccomp_allowed(const struct seccomp_conf *conf, unsigned i, struct seccomp_call *call)
{
	static struct seccomp_call list[SECCOMP_SLOTS];
	static unsigned count;
	static struct side side;
	if (i == 0) {
		count = 0;
		make_side(&side, conf, abi_native());
		for (unsigned slot = 0; slot < SECCOMP_SLOTS; slot++)
			count += describe(&side, slot, &list[count]);
	}
	if (i < count)
		*call = list[i];
	return i < count;
}
