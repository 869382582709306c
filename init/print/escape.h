/* SPDX-License-Identifier: MIT
 * Bytes that somebody else wrote, for a terminal and for JSON. Pure: all text goes into a bounded
 * buffer.
 */
#pragma once
#include "base/fmt.h"

/* Bytes that a service wrote, safe for a terminal: what steers it (utf8_steers()) and what is not
 * UTF-8 as \x1b. Tabs stay. */
void text_printable(struct fmt *f, const char *p, size_t n);
/* The same of a whole string, into buf of `cap` bytes, cut to fit. Returns buf. */
const char *text_safe(char *buf, size_t cap, const char *text);
/* The same as a JSON string with its quotes; what is not UTF-8 becomes U+FFFD, since JSON has no
 * bytes. */
void text_json(struct fmt *f, const char *p, size_t n);
