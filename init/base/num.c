/* SPDX-License-Identifier: MIT
 * Strict numbers: see num.h. The form is judged before the range, so that "99999999999999999999x"
 * is malformed, not too large.
 */
#include "base/count.h"
#include "base/num.h"
#include <errno.h>

#define US_PER_S 1000000ull
#define US_PER_MIN (60 * US_PER_S)
#define US_PER_H (60 * US_PER_MIN)
#define US_PER_DAY (24 * US_PER_H)

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

/* in microseconds, with systemd's names but for months and years */
static const struct unit time_units[] = {
	{"us", 1},
	{"usec", 1},
	{"ms", 1000},
	{"msec", 1000},
	{"s", US_PER_S},
	{"sec", US_PER_S},
	{"second", US_PER_S},
	{"seconds", US_PER_S},
	{"m", US_PER_MIN},
	{"min", US_PER_MIN},
	{"minute", US_PER_MIN},
	{"minutes", US_PER_MIN},
	{"h", US_PER_H},
	{"hr", US_PER_H},
	{"hour", US_PER_H},
	{"hours", US_PER_H},
	{"d", US_PER_DAY},
	{"day", US_PER_DAY},
	{"days", US_PER_DAY},
	{"w", 7 * US_PER_DAY},
	{"week", 7 * US_PER_DAY},
	{"weeks", 7 * US_PER_DAY},
	{NULL, 0},
};

static struct span take_while(struct span *rest, bool (*is)(char c))
{
	struct span s = {rest->p, 0};
	while (s.n < rest->n && is(rest->p[s.n]))
		s.n++;
	*rest = skip(*rest, s.n);
	return s;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_small(char c)
{
	return c >= 'a' && c <= 'z';
}

/* The digits behind the point, of a unit of `factor` microseconds. */
static int read_fraction(struct span digits, uint64_t factor, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < digits.n; i++) {
		uint64_t d = (uint64_t)digit_value(digits.p[i]);
		if (d > 0 && factor % 10 != 0)
			return -EDOM;
		factor /= 10;
		*out += d * factor;
	}
	return 0;
}

/* A number, its fraction and its unit, which only a number that stands alone may lack. */
static int read_term(struct span *rest, bool alone, uint64_t *out)
{
	struct span whole = take_while(rest, is_digit), fraction = {"", 0}, unit;
	uint64_t v = 0, part = 0, factor = alone ? US_PER_S : 0;
	int err;
	if (rest->n > 0 && rest->p[0] == '.') {
		*rest = skip(*rest, 1);
		fraction = take_while(rest, is_digit);
		if (fraction.n == 0)
			return -EINVAL;
	}
	take_while(rest, span_is_blank);
	unit = take_while(rest, is_small);
	if (unit.n > 0 || rest->n > 0)
		factor = 0;
	for (const struct unit *u = time_units; u->name && unit.n > 0; u++)
		if (span_is(unit, u->name))
			factor = u->factor;
	err = factor ? read_decimal(whole, &v) : -EINVAL;
	if (err == 0)
		err = read_fraction(fraction, factor, &part);
	if (err == 0 && v > (NUM_INFINITY - 1 - part) / factor)
		err = -ERANGE;
	*out = err == 0 ? v * factor + part : 0;
	return err;
}

/* An error of form in a later term goes before another one in an earlier. */
int num_time_ms(struct span s, uint64_t *out)
{
	uint64_t total = 0;
	int err = 0;
	struct span rest = s;
	if (s.n == 0 || span_trim(s).n != s.n)
		return -EINVAL;
	if (span_is(s, "infinity")) {
		*out = NUM_INFINITY;
		return 0;
	}
	for (; rest.n > 0; take_while(&rest, span_is_blank)) {
		uint64_t v = 0;
		int e = read_term(&rest, rest.p == s.p, &v);
		if (e == -EINVAL)
			return e;
		if (e == 0 && v > NUM_INFINITY - 1 - total)
			e = -ERANGE;
		err = e < 0 && err == 0 ? e : err;
		total += e == 0 ? v : 0;
	}
	if (err == 0 && total % 1000 != 0)
		err = -EDOM;
	if (err == 0)
		*out = total / 1000;
	return err;
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
