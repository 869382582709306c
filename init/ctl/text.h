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

size_t text_columns(const char *s); /* columns of a terminal, one a character */
