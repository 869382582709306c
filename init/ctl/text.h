/* SPDX-License-Identifier: MIT
 * Values as text. Pure; the text goes to a bounded buffer.
 */
#pragma once
#include "base/fmt.h"

void text_duration(struct fmt *f, uint64_t ms); /* 340ms 12s 2min 3s 5h 1min 12d 5h */
void text_size(struct fmt *f, uint64_t bytes);  /* 512B 12.3K 1.5M; "-" if unknown (UINT64_MAX) */
/* of wait(2): "exit status 3", "killed by SIGSEGV"; "-" for -1 */
void text_wait_status(struct fmt *f, int status);
/* Time since 1970 as "2025-11-23 20:35:19.123", UTC shifted by offset_s. */
void text_date(struct fmt *f, int64_t seconds, uint32_t nanoseconds, int32_t offset_s);

size_t text_columns(const char *s); /* columns on a terminal, one per character */
