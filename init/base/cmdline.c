/* SPDX-License-Identifier: MIT
 * The kernel's command line: see cmdline.h. After next_arg() of the kernel's lib/cmdline.c. */
#include "base/cmdline.h"
#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0';
}

static struct span without_last_quote(struct span s)
{
	if (s.n > 0 && s.p[s.n - 1] == '"')
		s.n--;
	return s;
}

static void take_apart(struct span text, struct cmdline_word *word)
{
	*word = (struct cmdline_word){.whole = text};
	word->has_value = span_cut(text, '=', &word->name, &word->value);
	struct span value = word->value;
	if (value.n > 0 && value.p[0] == '"')
		word->value = without_last_quote((struct span){value.p + 1, value.n - 1});
}

bool cmdline_next(struct span *rest, struct cmdline_word *word)
{
	struct span s = *rest;
	size_t n = 0;
	while (s.n > 0 && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	*rest = (struct span){NULL, 0};
	if (s.n == 0)
		return false;
	bool quoted = s.p[0] == '"', inside = quoted;
	for (n = quoted; n < s.n && (inside || !is_space(s.p[n])); n++)
		if (s.p[n] == '"')
			inside = !inside;
	*rest = (struct span){s.p + n, s.n - n};
	struct span text = {s.p, n};
	if (quoted)
		text = without_last_quote((struct span){s.p + 1, n - 1});
	take_apart(text, word);
	return true;
}

static bool fits(const struct cmdline_word *word, const struct cmdline_word *want)
{
	return !want->has_value || (word->has_value && span_same(word->value, want->value));
}

bool cmdline_has(struct span line, const char *wanted)
{
	struct cmdline_word want, word;
	take_apart(span_of(wanted), &want);
	while (cmdline_next(&line, &word))
		if (span_same(word.name, want.name) && fits(&word, &want))
			return true;
	return false;
}

bool cmdline_says(struct span line, const char *wanted)
{
	struct cmdline_word want, word;
	bool says = false;
	take_apart(span_of(wanted), &want);
	while (cmdline_next(&line, &word))
		if (span_same(word.name, want.name))
			says = want.has_value == word.has_value && fits(&word, &want);
	return says;
}

bool cmdline_last(struct span line, const char *name, struct cmdline_word *word)
{
	struct cmdline_word one;
	bool found = false;
	while (cmdline_next(&line, &one)) {
		if (!span_is(one.name, name))
			continue;
		*word = one;
		found = true;
	}
	return found;
}
