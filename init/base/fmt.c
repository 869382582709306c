/* SPDX-License-Identifier: MIT
 * Bounded formatting: see fmt.h. Cutting is not an error here: a message that is cut is still
 * useful, and the user of a path checks `cut`.
 */
#include "base/fmt.h"
#include <stdarg.h>
#include <string.h>

#define MARKED_MIN 32 /* shorter ones are numbers and names, and no messages */
#define DIGITS_MAX 64 /* of a 64-bit number in base 2, more than any base used here needs */

void fmt_init(struct fmt *f, char *buf, size_t cap)
{
	*f = (struct fmt){.buf = buf, .cap = cap};
	buf[0] = '\0';
}

/* Who reads it sees that there was more. */
static void mark_cut(struct fmt *f)
{
	f->cut = true;
	if (f->cap >= MARKED_MIN)
		memset(f->buf + f->len - 3, '.', 3);
}

void fmt_mem(struct fmt *f, const char *p, size_t n)
{
	size_t room = f->cap - 1 - f->len, part = n < room ? n : room;
	if (part > 0)
		memcpy(f->buf + f->len, p, part);
	f->len += part;
	f->buf[f->len] = '\0';
	if (part < n)
		mark_cut(f);
}

void fmt_str(struct fmt *f, const char *s)
{
	fmt_mem(f, s, strlen(s));
}

void fmt_char(struct fmt *f, char c)
{
	fmt_mem(f, &c, 1);
}

static void put_number(struct fmt *f, uint64_t v, unsigned base, unsigned digits)
{
	char text[DIGITS_MAX];
	size_t at = sizeof(text);
	if (digits > DIGITS_MAX)
		digits = DIGITS_MAX;
	do {
		text[--at] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v != 0);
	while (sizeof(text) - at < digits)
		text[--at] = '0';
	fmt_mem(f, text + at, sizeof(text) - at);
}

void fmt_u64(struct fmt *f, uint64_t v)
{
	put_number(f, v, 10, 1);
}

void fmt_i64(struct fmt *f, int64_t v)
{
	if (v < 0)
		fmt_char(f, '-');
	/* 0 - v in unsigned arithmetic: -INT64_MIN does not exist. */
	put_number(f, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 10, 1);
}

void fmt_hex(struct fmt *f, uint64_t v, unsigned digits)
{
	put_number(f, v, 16, digits);
}

void fmt_octal(struct fmt *f, uint64_t v)
{
	put_number(f, v, 8, 1);
}

void fmt_strs(struct fmt *f, ...)
{
	va_list ap;
	const char *s;
	va_start(ap, f);
	while ((s = va_arg(ap, const char *)) != NULL)
		fmt_str(f, s);
	va_end(ap);
}

void fmt_own_fd(char path[FMT_OWN_FD], int fd)
{
	struct fmt f;
	fmt_init(&f, path, FMT_OWN_FD);
	fmt_str(&f, "/proc/self/fd/");
	fmt_i64(&f, fd);
}
