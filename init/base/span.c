/* SPDX-License-Identifier: MIT
 * Runs of bytes: see span.h. No byte beyond `n` is read. An empty span may have any pointer, even
 * NULL.
 */
#include "base/span.h"
#include <errno.h>
#include <string.h>

bool span_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct span span_of(const char *text)
{
	return (struct span){text, text ? strlen(text) : 0};
}

struct span span_trim(struct span s)
{
	while (s.n > 0 && span_is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && span_is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* memcmp(3) and memcpy(3) must not be given NULL, not even for no bytes (C17 7.24.1). */
static bool same_bytes(const char *a, const char *b, size_t n)
{
	return n == 0 || memcmp(a, b, n) == 0;
}

bool span_is(struct span s, const char *text)
{
	return s.n == strlen(text) && same_bytes(s.p, text, s.n);
}

bool span_same(struct span a, struct span b)
{
	return a.n == b.n && same_bytes(a.p, b.p, a.n);
}

int span_index(struct span s, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (span_is(s, words[i]))
			return i;
	return -1;
}

bool span_starts(struct span s, const char *prefix)
{
	size_t n = strlen(prefix);
	return s.n >= n && same_bytes(s.p, prefix, n);
}

bool span_ends(struct span s, const char *tail)
{
	size_t n = strlen(tail);
	return s.n > n && same_bytes(s.p + s.n - n, tail, n);
}

bool span_below(struct span path, struct span top)
{
	if (span_is(top, "/"))
		return true;
	if (path.n < top.n || memcmp(path.p, top.p, top.n) != 0)
		return false;
	return path.n == top.n || path.p[top.n] == '/';
}

bool span_word(struct span *rest, struct span *word)
{
	struct span s = span_trim(*rest);
	size_t n = 0;
	while (n < s.n && !span_is_blank(s.p[n]))
		n++;
	*rest = n == s.n ? (struct span){NULL, 0} : (struct span){s.p + n, s.n - n};
	if (n == 0)
		return false;
	*word = (struct span){s.p, n};
	return true;
}

bool span_cut(struct span s, char at, struct span *before, struct span *after)
{
	const char *found = s.n ? memchr(s.p, at, s.n) : NULL;
	*before = (struct span){s.p, found ? (size_t)(found - s.p) : s.n};
	*after = found ? (struct span){found + 1, s.n - before->n - 1} : (struct span){NULL, 0};
	return found;
}

bool span_field(struct span line, unsigned n, struct span *word)
{
	while (span_word(&line, word))
		if (n-- == 0)
			return true;
	return false;
}

bool span_part(struct span *rest, char end, struct span *part)
{
	if (rest->n == 0)
		return false;
	span_cut(*rest, end, part, rest);
	return true;
}

bool span_line(struct span *rest, struct span *line)
{
	return span_part(rest, '\n', line);
}

bool span_text_line(struct span *rest, struct span *line)
{
	if (!span_line(rest, line))
		return false;
	if (line->n > 0 && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

struct span span_text(struct span text)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t n = span_starts(text, mark) ? sizeof(mark) - 1 : 0;
	return (struct span){text.p + n, text.n - n};
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

size_t span_unescape(char *text, size_t n)
{
	size_t to = 0;
	for (size_t i = 0; i < n; to++) {
		const char *s = text + i;
		bool escaped = n - i >= 4 && s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && is_octal(s[2]) &&
			is_octal(s[3]);
		int value = escaped ? (s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0') : s[0];
		text[to] = (char)value;
		i += escaped ? 4 : 1;
	}
	return to;
}

const char *span_behind(const char *text, const char *word)
{
	size_t n = strlen(word);
	for (; *text; text++)
		if (strncmp(text, word, n) == 0)
			return text + n;
	return NULL;
}

int span_copy(struct span s, char *buf, size_t cap)
{
	if (cap > 0)
		buf[0] = '\0';
	if (s.n >= cap)
		return -ENAMETOOLONG;
	/* A NUL inside would make the copy say something else than what was checked. */
	if (s.n > 0 && memchr(s.p, '\0', s.n))
		return -EINVAL;
	if (s.n > 0)
		memcpy(buf, s.p, s.n);
	buf[s.n] = '\0';
	return 0;
}
