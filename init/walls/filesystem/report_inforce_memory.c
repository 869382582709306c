/* SPDX-License-Identifier: MIT
 * The options of a tmpfs as asked for (tmpfs(5)), compared with the kernel's: its bounds by
 * statfs(2), which is independent of how they were written, the others by mountinfo, which does not
 * list defaults.
 */
#include "walls/filesystem/report.h"
#include "base/num.h"
#include <stdlib.h>
#include <string.h>

bool look_has_word(const char *list, struct span word)
{
	struct span rest = span_of(list), one;
	while (span_part(&rest, ',', &one))
		if (span_same(one, word))
			return true;
	return false;
}

/* The value of "key=" in mountinfo, or what it is when it is not there. */
static struct span shown(const char *list, struct span key, const char *otherwise)
{
	struct span rest = span_of(list), one, name, value;
	while (span_part(&rest, ',', &one))
		if (span_cut(one, '=', &name, &value) && span_same(name, key))
			return value;
	return span_of(otherwise);
}

/* As memparse() of the kernel reads it, without a %. */
static uint64_t amount(struct span v)
{
	static const char units[] = "kmgtpe";
	char text[32], *end;
	if (span_copy(v, text, sizeof(text)) < 0)
		return UINT64_MAX;
	uint64_t n = strtoull(text, &end, 10);
	const char *unit = *end ? strchr(units, *end | 0x20) : NULL;
	return unit ? n << (10 * (unit - units + 1)) : n;
}

/* The kernel counts in pages. */
static bool is_room(const struct look_memory *m, struct span v)
{
	if (v.n && v.p[v.n - 1] == '%') {
		/* Of what memory there was: a little of it comes and goes (hot plug, balloons). */
		uint64_t asked = m->total / 100 * amount((struct span){v.p, v.n - 1}),
				 off = asked / 16 + m->block;
		return m->bytes <= asked + off && m->bytes + off >= asked;
	}
	return m->bytes >= amount(v) && m->bytes - amount(v) < m->block;
}

static bool is_mode(const struct look_memory *m, struct span v)
{
	struct span is = shown(m->super, span_of("mode"), "1777");
	uint32_t asked, found;
	return num_mode(v, &asked) == 0 && num_mode(is, &found) == 0 && asked == found;
}

static bool is_value(const struct look_memory *m, struct span key, struct span v)
{
	if (span_is(key, "size"))
		return is_room(m, v);
	if (span_is(key, "nr_blocks"))
		return m->bytes / m->block == amount(v);
	if (span_is(key, "nr_inodes"))
		return m->files == amount(v);
	if (span_is(key, "mode"))
		return is_mode(m, v);
	if (span_is(key, "uid") || span_is(key, "gid"))
		return amount(shown(m->super, key, "0")) == amount(v);
	return span_same(shown(m->super, key, span_is(key, "huge") ? "never" : "default"), v);
}

/* Of the words only these are something that can be missing. */
static bool is_word(const struct look_memory *m, struct span word)
{
	if (span_is(word, "ro") || span_is(word, "noexec"))
		return look_has_word(m->options, word);
	if (span_is(word, "noswap") || span_is(word, "inode64"))
		return look_has_word(m->super, word);
	return !span_is(word, "inode32") || !look_has_word(m->super, span_of("inode64"));
}

/* The next one that is not empty. */
static bool next_option(struct span *rest, struct span *one)
{
	while (span_part(rest, ',', one))
		if (one->n > 0)
			return true;
	return false;
}

static bool is_said_again(struct span key, struct span rest)
{
	struct span one, later, value;
	while (next_option(&rest, &one)) {
		span_cut(one, '=', &later, &value);
		bool room = span_is(later, "size") || span_is(later, "nr_blocks");
		if (span_same(later, key) || (room && (span_is(key, "size") || span_is(key, "nr_blocks"))))
			return true;
	}
	return false;
}

struct span look_memory_amiss(const struct look_memory *m, struct span options)
{
	struct span rest = options, one;
	bool mode = false, read_only = false;
	while (next_option(&rest, &one)) {
		struct span key, value;
		bool valued = span_cut(one, '=', &key, &value);
		mode |= span_is(key, "mode");
		read_only |= span_is(key, "ro");
		if (valued && is_said_again(key, rest)) /* the last one counts */
			continue;
		if (valued ? !is_value(m, key, value) : !is_word(m, one))
			return one;
	}
	if (!mode && !is_mode(m, span_of("1777")))
		return span_of("mode=1777");
	return !read_only && look_has_word(m->options, span_of("ro")) ? span_of("rw")
																  : (struct span){NULL, 0};
}
