/* SPDX-License-Identifier: MIT
 * Strict numbers: see num.h. The form is judged before the range, so that "99999999999999999999x"
 * is malformed, not too large.
 */
#include "base/count.h"
#include "base/num.h"
#include <errno.h>

#define MS_PER_S 1000u
#define MS_PER_MIN (60u * MS_PER_S)
#define MS_PER_H (60u * MS_PER_MIN)

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/* Digits of `base` and nothing else; leading zeros are the caller's business. */
static int read_digits(struct span s, unsigned base, uint64_t *out)
{
	uint64_t v = 0;
	int err = 0;
	if (s.n == 0)
		return -EINVAL;
	for (size_t i = 0; i < s.n; i++) {
		unsigned d = (unsigned)digit_value(s.p[i]);
		if (d >= base)
			return -EINVAL;
		if (v > (UINT64_MAX - d) / base)
			err = -ERANGE;
		v = v * base + d;
	}
	if (err == 0)
		*out = v;
	return err;
}

static int read_decimal(struct span s, uint64_t *out)
{
	/* C reads 010 as eight and people as ten: neither, then. */
	if (s.n > 1 && s.p[0] == '0')
		return -EINVAL;
	return read_digits(s, 10, out);
}

static struct span skip(struct span s, size_t n)
{
	return (struct span){s.p + n, s.n - n};
}

static int store_up_to(int err, uint64_t v, uint64_t max, uint64_t *out)
{
	if (err < 0)
		return err;
	if (v > max)
		return -ERANGE;
	*out = v;
	return 0;
}

int num_u64(struct span s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	int err = read_decimal(s, &v);
	return store_up_to(err, v, max, out);
}

int num_i64(struct span s, int64_t min, int64_t max, int64_t *out)
{
	bool negative = s.n > 0 && s.p[0] == '-';
	uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
	uint64_t magnitude = 0;
	int err = num_u64(negative ? skip(s, 1) : s, limit, &magnitude);
	if (err < 0)
		return err;
	/* INT64_MIN has no positive counterpart, so it is not made by negation. */
	int64_t v = !negative || magnitude == 0 ? (int64_t)magnitude : -(int64_t)(magnitude - 1) - 1;
	if (v < min || v > max)
		return -ERANGE;
	*out = v;
	return 0;
}

int num_int(struct span s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	int err;
	if (span_starts(s, "0x"))
		err = read_digits(skip(s, 2), 16, &v);
	else if (span_starts(s, "0o"))
		err = read_digits(skip(s, 2), 8, &v);
	else
		err = read_decimal(s, &v);
	return store_up_to(err, v, max, out);
}

int num_mode(struct span s, uint32_t *out)
{
	uint64_t v = 0;
	int err = read_digits(s, 8, &v);
	if (err < 0)
		return err;
	if (v > 07777)
		return -ERANGE;
	*out = (uint32_t)v;
	return 0;
}

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit size_units[] = {
	{"", 1},
	{"K", 1ull << 10},
	{"M", 1ull << 20},
	{"G", 1ull << 30},
	{"T", 1ull << 40},
	{NULL, 0},
};

static const struct unit time_units[] = {
	{"ms", 1},
	{"s", MS_PER_S},
	{"min", MS_PER_MIN},
	{"h", MS_PER_H},
	{NULL, 0},
};

/* A decimal number with one of `units` right behind it. NUM_INFINITY itself is out of range:
 * only the word means it. */
static int read_with_unit(struct span s, const struct unit *units, uint64_t *out)
{
	size_t n = 0;
	uint64_t v = 0;
	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	for (const struct unit *u = units; u->name; u++) {
		if (!span_is(skip(s, n), u->name))
			continue;
		int err = read_decimal((struct span){s.p, n}, &v);
		if (err == 0 && v > (NUM_INFINITY - 1) / u->factor)
			err = -ERANGE;
		if (err == 0)
			*out = v * u->factor;
		return err;
	}
	return -EINVAL;
}

int num_size(struct span s, uint64_t *out)
{
	if (span_is(s, "infinity")) {
		*out = NUM_INFINITY;
		return 0;
	}
	return read_with_unit(s, size_units, out);
}

/* "1min 30s": every term has its unit. A form error in a later term goes before a range error in
 * an earlier one. */
static int read_time_sum(struct span rest, uint64_t *out)
{
	uint64_t total = 0;
	int err = 0;
	struct span word;
	while (span_word(&rest, &word)) {
		uint64_t v = 0;
		int e = read_with_unit(word, time_units, &v);
		if (e == -EINVAL)
			return e;
		if (e < 0 || v > NUM_INFINITY - 1 - total)
			err = -ERANGE;
		else
			total += v;
	}
	if (err == 0)
		*out = total;
	return err;
}

int num_time_ms(struct span s, uint64_t *out)
{
	static const struct unit seconds[] = {{"", MS_PER_S}, {NULL, 0}};
	if (s.n == 0 || span_trim(s).n != s.n)
		return -EINVAL;
	if (span_is(s, "infinity")) {
		*out = NUM_INFINITY;
		return 0;
	}
	int err = read_with_unit(s, seconds, out);
	return err == -EINVAL ? read_time_sum(s, out) : err;
}

int num_bool(struct span s, bool *out)
{
	static const char *const words[][2] = {{"no", "yes"}, {"false", "true"}, {"off", "on"},
		{"0", "1"}};
	for (size_t i = 0; i < COUNT(words) * 2; i++) {
		if (!span_is(s, words[i / 2][i % 2]))
			continue;
		*out = i % 2;
		return 0;
	}
	return -EINVAL;
}

int num_percent(struct span s, uint32_t *out)
{
	uint64_t v = 0;
	if (s.n == 0 || s.p[s.n - 1] != '%')
		return -EINVAL;
	int err = num_u64((struct span){s.p, s.n - 1}, UINT32_MAX, &v);
	if (err == 0)
		*out = (uint32_t)v;
	return err;
}
