/* SPDX-License-Identifier: MIT
 * Characters of lines: see characters.h. Letters of other scripts that look like ours are in no
 * table here: they make names that do not exist, which is an error of its own.
 */
#include "compile/read/characters.h"
#include "base/count.h"
#include "base/utf8.h"
#include <stdio.h>

#define CONTEXT_BYTES 24

/* expected in place of it */
static const char blank[] = "a blank", nothing[] = "nothing there", dash[] = "- or --";
static const char quote[] = "\"", apostrophe[] = "'";

/* What is invisible is Default_Ignorable_Code_Point of Unicode, and its annotations. */
static const struct alike {
	uint32_t first, last;
	const char *name, *instead;
} table[] = {
	{0xa0, 0xa0, "a no-break space", blank},
	{0xab, 0xab, "a typographic quotation mark", quote},
	{0xad, 0xad, "an invisible soft hyphen", nothing},
	{0xb4, 0xb4, "an accent", apostrophe},
	{0xbb, 0xbb, "a typographic quotation mark", quote},
	{0x2bc, 0x2bc, "a typographic apostrophe", apostrophe},
	{0x34f, 0x34f, "an invisible character", nothing},
	{0x37e, 0x37e, "a Greek question mark", ";"},
	{0x115f, 0x1160, "an invisible character", nothing},
	{0x1680, 0x1680, "a typographic space", blank},
	{0x17b4, 0x17b5, "an invisible character", nothing},
	{0x180b, 0x180f, "an invisible character", nothing},
	{0x2000, 0x200a, "a typographic space", blank},
	{0x200b, 0x200d, "an invisible character", nothing},
	{0x2010, 0x2015, "a typographic dash", dash},
	{0x2018, 0x201b, "a typographic quotation mark", apostrophe},
	{0x201c, 0x201f, "a typographic quotation mark", quote},
	{0x2026, 0x2026, "an ellipsis", "..."},
	{0x202f, 0x202f, "a no-break space", blank},
	{0x2032, 0x2032, "a prime", apostrophe},
	{0x2033, 0x2033, "a prime", quote},
	{0x205f, 0x205f, "a typographic space", blank},
	{0x2060, 0x206f, "an invisible character", nothing},
	{0x2212, 0x2212, "a minus sign", dash},
	{0x2800, 0x2800, "a blank of Braille", blank},
	{0x2e3a, 0x2e3b, "a typographic dash", dash},
	{0x3000, 0x3000, "a wide space", blank},
	{0x3164, 0x3164, "an invisible character", nothing},
	{0xfe00, 0xfe0f, "an invisible character", nothing},
	{0xfe58, 0xfe58, "a small dash", dash},
	{0xfe63, 0xfe63, "a small minus sign", dash},
	{0xfeff, 0xfeff, "a byte order mark", nothing},
	{0xff01, 0xff5e, "a wide character", NULL}, /* of ASCII, in the same order */
	{0xffa0, 0xffa0, "an invisible character", nothing},
	{0xfff0, 0xfffb, "an invisible character", nothing},
	{0x1bca0, 0x1bca3, "an invisible character", nothing},
	{0x1d173, 0x1d17a, "an invisible character", nothing},
	{0xe0000, 0xe0fff, "an invisible character", nothing},
};

int characters_text(struct span line, bool *stop, struct diag *d)
{
	for (size_t i = 0; i < line.n;) {
		unsigned char c = (unsigned char)line.p[i];
		size_t n = utf8_length(line.p + i, line.n - i);
		if (n == 0 || c == 0) {
			*stop = true;
			return diag_error(d,
				c == 0
					? "a NUL byte in column %zu: this is no text file, the rest is not read"
					: "byte 0x%2$02x in column %1$zu is not UTF-8, the rest of the file is not read",
				i + 1, c);
		}
		if (utf8_steers(line.p + i, n) && c != '\t')
			return diag_error(d, "control character 0x%02x in column %zu",
				(unsigned)utf8_value(line.p + i, n), i + 1);
		i += n;
	}
	return 0;
}

static const struct alike *look_up(uint32_t value)
{
	for (size_t i = 0; i < COUNT(table); i++)
		if (value >= table[i].first && value <= table[i].last)
			return &table[i];
	return NULL;
}

static int report(const struct alike *a, uint32_t value, struct span before, bool quotes,
	struct diag *d)
{
	const char wide[] = {(char)(value - 0xff01 + '!'), '\0'};
	before = span_trim(before);
	while (before.n > CONTEXT_BYTES || (before.n > 0 && (*before.p & 0xc0) == 0x80)) {
		before.p++;
		before.n--;
	}
	return diag_error(d, "%s (U+%04X) %s%.*s%s, expected %s%s", a->name, (unsigned)value,
		before.n ? "behind \"" : "at the beginning", (int)before.n, before.n ? before.p : "",
		before.n ? "\"" : "", a->instead ? a->instead : wide,
		quotes && a->instead != nothing ? " (or quotation marks around it, if it is meant)" : "");
}

static int report_quotes(struct span text, size_t from, struct diag *d)
{
	struct span word = {text.p + from + 1, text.n - from - 1};
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] == text.p[from])
			word.n = i;
	return diag_error(d,
		"quotation marks around \"%.*s\" are not taken off here, expected it without (each word of a list ends at a blank)",
		(int)word.n, word.p);
}

int characters_plain(struct span text, enum characters_quotes quotes, struct diag *d)
{
	char open = 0;
	for (size_t i = 0, n; i < text.n; i += n) {
		char c = text.p[i];
		n = utf8_length(text.p + i, text.n - i);
		if (n == 0)
			return 0; /* no text: characters_text() */
		if (c == '\\' && i + 1 < text.n && (unsigned char)text.p[i + 1] < 0x80) {
			n = 2;
		} else if (quotes == CHARACTERS_UNQUOTED && (open ? c == open : c == '"' || c == '\'')) {
			open = open ? 0 : c;
		} else if (quotes == CHARACTERS_BARE && (c == '"' || c == '\'') &&
			(i == 0 || span_is_blank(text.p[i - 1]))) {
			return report_quotes(text, i, d);
		} else if (n > 1) {
			uint32_t value = utf8_value(text.p + i, n);
			const struct alike *a = look_up(value);
			if (a && (!open || a->instead == nothing))
				return report(a, value, (struct span){text.p, i}, quotes == CHARACTERS_UNQUOTED, d);
		}
	}
	return 0;
}
