/* SPDX-License-Identifier: MIT
 * Bytes of strangers as text that does no harm: see escape.h.
 */
#include "print/escape.h"
#include "base/utf8.h"
#include <string.h>

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
		size_t length = utf8_length(p, n);
		size_t step = length ? length : 1;
		if (length && (!utf8_steers(p, length) || *p == '\t'))
			fmt_mem(f, p, length);
		else
			escape_bytes(f, p, step);
		p += step;
		n -= step;
	}
}

const char *text_safe(char *buf, size_t cap, const char *text)
{
	struct fmt f;
	fmt_init(&f, buf, cap);
	text_printable(&f, text, strlen(text));
	return buf;
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
	} else if (utf8_steers(p, length)) {
		fmt_str(f, "\\u");
		fmt_hex(f, utf8_value(p, length), 4);
	} else {
		fmt_mem(f, p, length);
	}
}

void text_json(struct fmt *f, const char *p, size_t n)
{
	fmt_char(f, '"');
	while (n) {
		size_t length = utf8_length(p, n);
		size_t step = length ? length : 1;
		json_character(f, p, length);
		p += step;
		n -= step;
	}
	fmt_char(f, '"');
}
