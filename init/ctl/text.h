/* SPDX-License-Identifier: MIT
 * Values as people and as programs read them. Pure: all text goes into a bounded buffer.
 */
#pragma once
#include "base/fmt.h"

void text_duration(struct fmt *f, uint64_t ms); /* 340ms 12s 2min 3s 5h 1min 12d 5h */
void text_size(struct fmt *f, uint64_t bytes);  /* 512B 12.3K 1.5M; "-" if unknown (UINT64_MAX) */
/* wait(2)'s: "exit status 3", "killed by SIGSEGV"; "-" for -1 */
void text_wait_status(struct fmt *f, int status);
/* Seconds and nanoseconds since 1970 as "2025-11-23 20:35:19.123", UTC shifted by offset_s. */
void text_date(struct fmt *f, int64_t seconds, uint32_t nanoseconds, int32_t offset_s);

/* Length of the UTF-8 character at p, 0 if those bytes are none (overlong forms and surrogates
 * are none). */
size_t text_utf8(const char *p, size_t n);
/* Bytes that a service wrote, safe for a terminal: control characters and what is not UTF-8 as
 * \x1b. Tabs stay. */
void text_printable(struct fmt *f, const char *p, size_t n);
/* The same as a JSON string with its quotes; what is not UTF-8 becomes U+FFFD, since JSON has no
 * bytes. */
void text_json(struct fmt *f, const char *p, size_t n);
size_t text_columns(const char *s); /* columns of a terminal, one a character */
