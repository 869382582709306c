/* SPDX-License-Identifier: MIT
 * Lists of system calls: SystemCallFilter and SystemCallLog. A word is a name, a number or a
 * @group. A line that begins with ~ removes its words; :ANSWER after such a word is the call's
 * answer in place of the default. In the groups defined here ~ is written before each word.
 */
#include "base/errname.h"
#include "walls/seccomp/rules.h"
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#define LAST_ERRNO 133
#define GROUP_DEPTH 4

struct item {
	struct span name;
	struct span answer;
};

static struct item item_of(struct span word)
{
	struct item item = {.name = word};
	const char *colon = item.name.n > 0 ? memchr(item.name.p, ':', item.name.n) : NULL;
	if (colon) {
		size_t n = (size_t)(colon - item.name.p);
		item.answer = (struct span){colon, item.name.n - n};
		item.name.n = n;
	}
	return item;
}

static const struct seccomp_group *find_group(struct span name)
{
	for (const struct seccomp_group *g = seccomp_groups; g->name; g++)
		if (span_is(name, g->name))
			return g;
	return NULL;
}

bool set_has(const struct seccomp_set *set, unsigned slot)
{
	return set->on[slot / 64] >> (slot % 64) & 1;
}

static void put_slot(struct seccomp_set *set, unsigned slot, bool on, uint32_t answer)
{
	uint64_t bit = 1ull << (slot % 64);
	set->on[slot / 64] = on ? set->on[slot / 64] | bit : set->on[slot / 64] & ~bit;
	set->answer[slot] = answer;
}

static void put_group(const struct seccomp_abi *abi, struct seccomp_set *set,
	const struct seccomp_group *group, bool on, uint32_t answer, int depth);

static void put_name(const struct seccomp_abi *abi, struct seccomp_set *set, struct span name,
	bool on, uint32_t answer, int depth)
{
	const struct seccomp_group *group = name.n > 0 && name.p[0] == '@' ? find_group(name) : NULL;
	int slot = group ? -1 : abi_find_call(abi, name);
	if (group && depth < GROUP_DEPTH)
		put_group(abi, set, group, on, answer, depth + 1);
	if (slot >= 0)
		put_slot(set, (unsigned)slot, on, answer);
}

static void put_group(const struct seccomp_abi *abi, struct seccomp_set *set,
	const struct seccomp_group *group, bool on, uint32_t answer, int depth)
{
	struct seccomp_set inner = {.everything = false};
	struct span rest = span_of(group->calls), word;
	for (unsigned slot = 0; !group->calls && slot < SECCOMP_SLOTS; slot++)
		if (abi_call_name(abi, slot))
			put_slot(&inner, slot, true, 0);
	/* What a group lacks it does not take away from elsewhere: it is put together before it is
	 * used. */
	while (span_word(&rest, &word)) {
		bool without = word.p[0] == '~';
		put_name(abi, &inner, (struct span){word.p + without, word.n - without}, !without, 0,
			depth);
	}
	for (unsigned slot = 0; slot < SECCOMP_SLOTS; slot++)
		if (set_has(&inner, slot))
			put_slot(set, slot, on, answer);
}

void set_line(const struct seccomp_abi *abi, struct seccomp_set *set, struct span line, bool first,
	const char *whole)
{
	struct span word;
	bool without;
	if (value_list(&line, &without, NULL) == 0 && without && first)
		put_name(abi, set, span_of(whole), true, 0, 0);
	while (span_word(&line, &word)) {
		struct item item = item_of(word);
		uint32_t answer = 0;
		if (item.answer.n > 0)
			set_read_answer((struct span){item.answer.p + 1, item.answer.n - 1}, &answer, NULL);
		put_name(abi, set, item.name, !without, answer, 0);
		if (span_is(item.name, "@known"))
			set->everything = !without;
	}
}

int set_read_answer(struct span word, uint32_t *out, struct diag *d)
{
	*out = span_is(word, "kill") ? SECCOMP_RET_KILL_PROCESS
		: span_is(word, "log")   ? SECCOMP_RET_LOG
								 : 0;
	for (uint32_t err = 1; *out == 0 && err <= LAST_ERRNO; err++)
		if (span_is(word, err_name((int)err)))
			*out = SECCOMP_RET_ERRNO | err;
	if (*out != 0)
		return 0;
	return diag_error(d,
		"\"%.*s\" is not known, expected kill, log or the name of an error like EPERM",
		SPAN_ARGS(word));
}

int set_unknown_call(struct span call, int err, struct diag *d)
{
	struct nearest near;
	nearest_begin(&near, call);
	if (call.n > 0 && call.p[0] == '@') {
		for (const struct seccomp_group *g = seccomp_groups; g->name; g++)
			nearest_try(&near, span_of(g->name));
		return diag_error(d, "unknown group of system calls \"%.*s\"%s", SPAN_ARGS(call),
			nearest_hint(&near));
	}
	if (err == -ENOENT)
		return diag_error(d, "the system call \"%.*s\" does not exist on %s", SPAN_ARGS(call),
			abi_native()->name);
	if (err == -ERANGE)
		return diag_error(d,
			"system call %.*s is another one on each architecture: use its name (only from %d on, the newer ones, is a number the same everywhere)",
			SPAN_ARGS(call), SECCOMP_COMMON);
	abi_try_names(abi_native(), &near);
	return diag_error(d, "unknown system call \"%.*s\"%s", SPAN_ARGS(call), nearest_hint(&near));
}

int set_check(struct span line, bool answers, struct diag *d)
{
	struct span word;
	bool without;
	int err = value_list(&line, &without, d);
	if (err < 0)
		return err;
	while (span_word(&line, &word)) {
		struct item item = item_of(word);
		int slot = find_group(item.name) ? 0 : abi_find_call(abi_native(), item.name);
		uint32_t answer;
		/* What opens may be for another architecture; a wall that is not there must not be
		 * believed in. */
		if (slot < 0 && (slot != -ENOENT || without))
			return set_unknown_call(item.name, slot, d);
		if (item.answer.n == 0)
			continue;
		if (!without || !answers)
			return diag_error(d,
				"\"%.*s\": an answer is for what a filter takes away, expected ~NAME%.*s in SystemCallFilter",
				SPAN_ARGS(word), SPAN_ARGS(item.answer));
		err = set_read_answer((struct span){item.answer.p + 1, item.answer.n - 1}, &answer, d);

		if (err < 0)
			return err;
	}
	return 0;
}

bool set_names(const struct seccomp_lines *lines, const char *call)
{
	bool named = false;
	for (size_t i = 0; i < lines->count; i++) {
		struct span rest = lines->line[i], word;
		bool without;
		value_list(&rest, &without, NULL);
		while (span_word(&rest, &word))
			if (span_is(item_of(word).name, call))
				named = !without;
	}
	return named;
}

bool seccomp_is_usual(unsigned number)
{
	static struct seccomp_set usual;
	static bool ready;
	if (!ready)
		put_name(abi_native(), &usual, span_of("@service"), true, 0, 0);
	ready = true;
	unsigned slot = seccomp_slot(number);
	return slot < SECCOMP_SLOTS && set_has(&usual, slot);
}
