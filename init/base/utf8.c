/* SPDX-License-Identifier: MIT
 * Characters: see utf8.h. */
#include "base/utf8.h"
#include "base/count.h"

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

uint32_t utf8_value(const char *p, size_t length)
{
	static const unsigned char lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t v = (unsigned char)p[0] & lead[length];
	for (size_t i = 1; i < length; i++)
		v = v << 6 | ((unsigned char)p[i] & 0x3f);
	return v;
}

bool utf8_steers(const char *p, size_t length)
{
	static const struct {
		uint32_t first, last;
	} steering[] = {{0, 0x1f}, {0x7f, 0x9f}, {0x61c, 0x61c}, {0x200e, 0x200f}, {0x2028, 0x202e},
		{0x2066, 0x2069}};
	uint32_t v = utf8_value(p, length);
	for (size_t i = 0; i < COUNT(steering); i++)
		if (v >= steering[i].first && v <= steering[i].last)
			return true;
	return false;
}
