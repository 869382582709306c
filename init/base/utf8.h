/* SPDX-License-Identifier: MIT
 * Characters of text that somebody else wrote. Pure.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character at p, 0 if those bytes are none (RFC 3629: overlong forms, surrogates and
 * what is above U+10FFFF are none). */
size_t utf8_length(const char *p, size_t n);
/* Whether that character, of this length, steers a terminal: C0, DEL, and C1 (U+0080 to U+009F),
 * which some terminals obey in UTF-8 too. */
bool utf8_steers(const char *p, size_t length);
