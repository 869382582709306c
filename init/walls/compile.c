/* SPDX-License-Identifier: MIT
 * Values that directives of several walls share, each with one wording of what was expected: see
 * compile.h.
 */
#include "walls/compile.h"
#include "base/num.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CPUS 128

int value_bool(struct span v, bool *out, struct diag *d)
{
	if (num_bool(v, out) == 0)
		return 0;
	return diag_error(d, "\"%.*s\" is neither yes nor no", SPAN_ARGS(v));
}

int value_list(struct span *list, bool *without, struct diag *d)
{
	struct span rest, word;
	*without = list->n > 0 && list->p[0] == '~';
	if (*without)
		*list = span_trim((struct span){list->p + 1, list->n - 1});
	if (*without && list->n == 0)
		return diag_error(d, "there is no list behind the ~, which takes away what it names");
	rest = *list;
	while (span_word(&rest, &word)) {
		if (word.p[0] != '~')
			continue;
		if (*without)
			return diag_error(d,
				"\"%.*s\": the ~ before the list takes all of it away, expected %.*s",
				SPAN_ARGS(word), (int)word.n - 1, word.p + 1);
		return diag_error(d,
			"\"%.*s\": a ~ stands before a whole list, not inside it: what is taken away stands on a line of its own that begins with ~",
			SPAN_ARGS(word));
	}
	return 0;
}

int value_time_ms(struct span v, uint32_t *out, struct diag *d)
{
	uint64_t ms = 0;
	int err = num_time_ms(v, &ms);
	if (err == -EINVAL)
		return diag_error(d,
			"\"%.*s\" is not a time, expected one like 500ms, 5s, 2min, 1h or infinity",
			SPAN_ARGS(v));
	if (err == -EDOM)
		return diag_error(d, "\"%.*s\" is finer than 1ms, expected whole milliseconds",
			SPAN_ARGS(v));
	if (err == 0 && ms == NUM_INFINITY)
		ms = UINT32_MAX;
	else if (err < 0 || ms >= UINT32_MAX)
		return diag_error(d, "\"%.*s\" is too long, at most 1193h are possible", SPAN_ARGS(v));
	*out = (uint32_t)ms;
	return 0;
}

int value_size(struct span v, uint64_t *out, struct diag *d)
{
	int err = num_size(v, out);
	if (err == -ERANGE)
		return diag_error(d, "\"%.*s\" is too large", SPAN_ARGS(v));
	return err == 0
		? 0
		: diag_error(d, "\"%.*s\" is not a size, expected one like 512, 64K, 16M, 1G or infinity",
			  SPAN_ARGS(v));
}

int value_number(struct span v, uint64_t min, uint64_t max, uint64_t *out, struct diag *d)
{
	uint64_t n = 0;
	if (num_u64(v, max, &n) < 0 || n < min)
		return diag_error(d, "\"%.*s\" is not a number from %llu to %llu", SPAN_ARGS(v),
			(unsigned long long)min, (unsigned long long)max);
	*out = n;
	return 0;
}

int value_signed(struct span v, int64_t min, int64_t max, int64_t *out, struct diag *d)
{
	if (num_i64(v, min, max, out) == 0)
		return 0;
	return diag_error(d, "\"%.*s\" is not a number from %lld to %lld", SPAN_ARGS(v), (long long)min,
		(long long)max);
}

int value_mode(struct span v, uint32_t *out, struct diag *d)
{
	if (num_mode(v, out) == 0)
		return 0;
	return diag_error(d, "\"%.*s\" is not a file mode, expected octal digits like 0750",
		SPAN_ARGS(v));
}

int value_choice(struct span v, const char *const *names, unsigned *out, struct diag *d)
{
	char all[256];
	size_t n = 0;
	struct nearest near;
	nearest_begin(&near, v);
	for (unsigned i = 0; names[i]; i++) {
		if (span_is(v, names[i])) {
			*out = i;
			return 0;
		}
		nearest_try(&near, span_of(names[i]));
		n += (size_t)snprintf(all + n, n < sizeof(all) ? sizeof(all) - n : 0, "%s%s",
			i ? (names[i + 1] ? ", " : " or ") : "", names[i]);
		if (n >= sizeof(all))
			n = sizeof(all) - 1;
	}
	return diag_error(d, "\"%.*s\" is not known, expected %s%s", SPAN_ARGS(v), all,
		nearest_hint(&near));
}

int value_path(struct span v, struct diag *d)
{
	if (v.n == 0 || v.p[0] != '/')
		return diag_error(d, "\"%.*s\" is not an absolute path (it must begin with a slash)",
			SPAN_ARGS(v));
	for (size_t i = 0; i < v.n; i++) {
		struct span rest = {v.p + i, v.n - i};
		if (v.p[i] != '/')
			continue;
		if (span_starts(rest, "//") || (rest.n == 1 && v.n > 1))
			return diag_error(d, "\"%.*s\" has a slash too many", SPAN_ARGS(v));
		if (span_starts(rest, "/../") || span_is(rest, "/..") || span_starts(rest, "/./") ||
			span_is(rest, "/."))
			return diag_error(d, "\"%.*s\" has \".\" or \"..\" in it, expected the path itself",
				SPAN_ARGS(v));
	}
	return v.n < 1024 ? 0 : diag_error(d, "the path has %zu bytes, at most 1023 are possible", v.n);
}

int value_node(struct span v, struct diag *d)
{
	int err = value_path(v, d);
	return err == 0 && !span_starts(v, "/dev/")
		? diag_error(d, "\"%.*s\" is not below /dev, expected a node's path there", SPAN_ARGS(v))
		: err;
}

static int add_cpus(struct span range, uint64_t cpus[2])
{
	struct span first, last;
	uint64_t from = 0, to = 0;
	if (!span_cut(range, '-', &first, &last))
		last = first;
	if (num_u64(first, CPUS - 1, &from) < 0 || num_u64(last, CPUS - 1, &to) < 0 || from > to)
		return -EINVAL;
	for (; from <= to; from++)
		cpus[from / 64] |= 1ull << (from % 64);
	return 0;
}

int value_bits(struct span v, uint64_t cpus[2], const char *what, struct diag *d)
{
	struct span rest = v, word, part;
	while (span_word(&rest, &word))
		while (span_part(&word, ',', &part))
			if (part.n > 0 && add_cpus(part, cpus) < 0)
				return diag_error(d,
					"\"%.*s\" is not a list of %s, expected one like 0-2,4 (0 to %d)", SPAN_ARGS(v),
					what, CPUS - 1);
	return 0;
}

int value_cpus(struct span v, uint64_t cpus[2], struct diag *d)
{
	return value_bits(v, cpus, "CPUs", d);
}

static int unescape(char c)
{
	static const char from[] = "\"'\\ntsr;", to[] = "\"'\\\n\t \r;";
	const char *at = c ? strchr(from, c) : NULL;
	return at ? to[at - from] : -1;
}

int value_quoted_word(struct span *rest, struct span *word, struct diag *d)
{
	struct span s = span_trim(*rest);
	char *copy = s.n ? malloc(s.n) : NULL;
	char quote = 0;
	size_t i = 0, n = 0;
	*rest = (struct span){NULL, 0};
	if (s.n == 0)
		return 0;
	if (!copy)
		return diag_error(d, "out of memory");
	for (; i < s.n && (quote || !span_is_blank(s.p[i])); i++) {
		char c = s.p[i];
		if (quote ? c == quote : c == '"' || c == '\'') {
			quote = quote ? 0 : c;
		} else if (c == '\\' && quote != '\'') {
			int plain = i + 1 < s.n ? unescape(s.p[++i]) : -1;

			if (plain < 0)
				return diag_error(d,
					"unknown escape after a backslash, expected \\\\ \\\" \\' \\n \\t \\r \\s or \\;");
			copy[n++] = (char)plain;
		} else {
			copy[n++] = c;
		}
	}
	if (quote)
		return diag_error(d,
			"a quotation mark (%c) is not closed (\" ;\" begins a comment even inside quotes: write \\;)",
			quote);
	*word = (struct span){copy, n};
	if (i < s.n)
		*rest = (struct span){s.p + i, s.n - i};
	return 1;
}
