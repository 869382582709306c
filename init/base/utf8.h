/* SPDX-License-Identifier: MIT
 * Characters of text that somebody else wrote. Pure.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at p, 0 if those bytes are none (RFC 3629: overlong forms, surrogates and
 * what is above U+10FFFF are none). */
size_t utf8_length(const char *p, size_t n);
uint32_t utf8_value(const char *p, size_t length); /* of that character: 0x41 for "A" */
/* Whether that character, of this length, changes how what stands around it is shown: C0, DEL and
 * C1 (U+0080 to U+009F), which some terminals obey in UTF-8 too; marks that reorder text (Unicode
 * UAX #9: U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069), which make a line look like
 * another one; the separators of lines and paragraphs (U+2028, U+2029). */
bool utf8_steers(const char *p, size_t length);
