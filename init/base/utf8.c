/* SPDX-License-Identifier: MIT
 * Characters: see utf8.h. */
#include "base/utf8.h"
#include "base/count.h"
#include <stdint.h>

size_t utf8_length(const char *p, size_t n)
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

bool utf8_steers(const char *p, size_t length)
{
	unsigned char c = (unsigned char)p[0];
	return (length == 1 && (c < ' ' || c == 0x7f)) ||
		(length == 2 && c == 0xc2 && (unsigned char)p[1] < 0xa0);
}
