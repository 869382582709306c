/* SPDX-License-Identifier: MIT
 * Bytes of strangers as text that does no harm: see escape.h.
 */
#include "print/escape.h"
#include "base/count.h"
#include <string.h>

size_t text_utf8(const char *p, size_t n)
{
	/* the smallest value of each length keeps overlong forms out */
	static const struct {
		unsigned char mask, lead;
		uint32_t least;
	} forms[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
	const unsigned char *b = (const unsigned char *)p;
	for (size_t i = 0; i < COUNT(forms) && i < n; i++) {
		uint32_t v = b[0] & (unsigned char)~forms[i].mask;
		if ((b[0] & forms[i].mask) != forms[i].lead)
			continue;
		for (size_t k = 1; k <= i; k++) {
			if ((b[k] & 0xc0) != 0x80)
				return 0;
			v = v << 6 | (b[k] & 0x3f);
		}
		return v < forms[i].least || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff) ? 0 : i + 1;
	}
	return 0;
}

/* A character that steers a terminal: C0, DEL, and C1 (U+0080 to U+009F), which some terminals
 * obey in UTF-8 too. */
static bool steers(const char *p, size_t length)
{
	unsigned char c = (unsigned char)p[0];
	return (length == 1 && (c < ' ' || c == 0x7f)) ||
		(length == 2 && c == 0xc2 && (unsigned char)p[1] < 0xa0);
}

static void escape_bytes(struct fmt *f, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		fmt_str(f, "\\x");
		fmt_hex(f, (unsigned char)p[i], 2);
	}
}

void text_printable(struct fmt *f, const char *p, size_t n)
{
	while (n) {
		size_t length = text_utf8(p, n);
		size_t step = length ? length : 1;
		if (length && (!steers(p, length) || *p == '\t'))
			fmt_mem(f, p, length);
		else
			escape_bytes(f, p, step);
		p += step;
		n -= step;
	}
}

static void json_character(struct fmt *f, const char *p, size_t length)
{
	static const char plain[] = "\"\\\n\r\t\b\f";
	static const char letter[] = "\"\\nrtbf";
	const char *found = *p ? strchr(plain, *p) : NULL;
	if (!length) {
		fmt_str(f, "\\ufffd");
	} else if (length == 1 && found) {
		fmt_char(f, '\\');
		fmt_char(f, letter[found - plain]);
		/* JSON needs it for C0 alone; the others could still reach a terminal */
	} else if (steers(p, length)) {
		fmt_str(f, "\\u");
		fmt_hex(f, (unsigned char)p[length - 1], 4);
	} else {
		fmt_mem(f, p, length);
	}
}

void text_json(struct fmt *f, const char *p, size_t n)
{
	fmt_char(f, '"');
	while (n) {
		size_t length = text_utf8(p, n);
		size_t step = length ? length : 1;
		json_character(f, p, length);
		p += step;
		n -= step;
	}
	fmt_char(f, '"');
}
