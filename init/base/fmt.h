/* SPDX-License-Identifier: MIT
 * Formatting into a caller's buffer, always NUL-terminated, for programs without stdio. Pure. A
 * text that does not fit is cut and `cut` is set; it then ends in "..." if the buffer has room for
 * 31 bytes or more. Nothing fails.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fmt {
	char *buf;
	size_t cap; /* at least 1 */
	size_t len; /* bytes written, without the NUL */
	bool cut;
};

void fmt_init(struct fmt *f, char *buf, size_t cap);
void fmt_mem(struct fmt *f, const char *p, size_t n);
void fmt_str(struct fmt *f, const char *s);
void fmt_char(struct fmt *f, char c);
void fmt_u64(struct fmt *f, uint64_t v);
void fmt_i64(struct fmt *f, int64_t v);
/* at least `digits` digits, lower case, without 0x */
void fmt_hex(struct fmt *f, uint64_t v, unsigned digits);
void fmt_octal(struct fmt *f, uint64_t v);
/* Appends strings; the last one is followed by NULL: fmt_strs(&f, "a", "b", NULL). */
void fmt_strs(struct fmt *f, ...) __attribute__((sentinel));

#define FMT_OWN_FD 32 /* bytes that hold it */
/* The path of one of our own descriptors: /proc/self/fd/N (proc_pid_fd(5)). */
void fmt_own_fd(char path[FMT_OWN_FD], int fd);
