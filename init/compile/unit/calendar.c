/* SPDX-License-Identifier: MIT
 * Parsing calendar expressions: see calendar.h.
 */
#include "compile/unit/calendar.h"
#include "base/count.h"
#include "base/num.h"
#include "walls/compile.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MAX_PARTS 3 /* of a date or a time */

struct field {
	const char *what;
	uint32_t least, most;
};

static const struct field years = {"year", CALENDAR_FIRST_YEAR,
	CALENDAR_FIRST_YEAR + CALENDAR_YEARS - 1};
static const struct field months = {"month", 1, 12}, days = {"day", 1, 31},
						  last_days = {"day before the end of a month", 1, 28};
static const struct field hours = {"hour", 0, 23}, minutes = {"minute", 0, 59},
						  seconds = {"second", 0, 59};

/* What the numbers of a field are counted from in its bits. */
static uint32_t bit_of(const struct field *f, uint32_t n)
{
	return f == &years ? n - CALENDAR_FIRST_YEAR : n;
}

static void set_bits(uint32_t *bits, const struct field *f, uint32_t from, uint32_t to,
	uint32_t step)
{
	for (uint32_t n = from; n <= to; n += step)
		bits[bit_of(f, n) / 32] |= 1u << bit_of(f, n) % 32;
}

/* Splits off what stands before the first of these characters; *sep is that one, or 0. */
static struct span part_before(struct span *rest, const char *seps, char *sep)
{
	struct span part = {rest->p, 0};
	while (part.n < rest->n && !strchr(seps, rest->p[part.n]))
		part.n++;
	*sep = part.n < rest->n ? rest->p[part.n] : 0;
	size_t used = part.n + (*sep != 0);
	*rest = (struct span){rest->p + used, rest->n - used};
	return part;
}

/* Unlike other numbers these may begin with zeros. */
static int read_digits(struct span text, uint64_t most, uint64_t *out)
{
	while (text.n > 1 && text.p[0] == '0')
		text = (struct span){text.p + 1, text.n - 1};
	return num_u64(text, most, out);
}

static int read_value(struct span text, const struct field *f, uint32_t *out, struct diag *d)
{
	uint64_t n = 0;
	if (f == &seconds && memchr(text.n ? text.p : "", '.', text.n))
		return diag_error(d,
			"\"%.*s\" has a fraction of a second, which no timer keeps: expected whole seconds",
			SPAN_ARGS(text));
	if (read_digits(text, UINT32_MAX, &n) < 0)
		return diag_error(d, "\"%.*s\" is no %s", SPAN_ARGS(text), f->what);
	if (f == &years && n < 100 && text.n <= 2)
		n += n < 70 ? 2000 : 1900;
	if (n < f->least || n > f->most)
		return diag_error(d, "\"%.*s\" is no %s, expected %u to %u", SPAN_ARGS(text), f->what,
			f->least, f->most);
	*out = (uint32_t)n;
	return 0;
}

static int read_step(struct span text, const struct field *f, uint32_t *out, struct diag *d)
{
	uint64_t n = 0;
	if (f == &seconds && memchr(text.n ? text.p : "", '.', text.n))
		return read_value(text, f, out, d);
	if (read_digits(text, f->most, &n) < 0 || n == 0)
		return diag_error(d, "\"%.*s\" is no number of %ss to go on by, expected one like 15",
			SPAN_ARGS(text), f->what);
	*out = (uint32_t)n;
	return 0;
}

/* Where the range ends: ".." is cut off *text. */
static bool cut_range(struct span *text, struct span *end)
{
	for (size_t i = 0; i + 1 < text->n; i++) {
		if (text->p[i] != '.' || text->p[i + 1] != '.')
			continue;
		*end = (struct span){text->p + i + 2, text->n - i - 2};
		text->n = i;
		return true;
	}
	return false;
}

/* One of a list: N, N..M, N/STEP or N..M/STEP. */
static int read_item(struct span text, const struct field *f, uint32_t *bits, struct diag *d)
{
	struct span all = text, first, step_text, end_text;
	uint32_t from = 0, to = 0, step = 0;
	bool steps = span_cut(text, '/', &first, &step_text);
	bool range = cut_range(&first, &end_text);
	int err = read_value(first, f, &from, d);
	if (err == 0 && range)
		err = read_value(end_text, f, &to, d);
	if (err == 0 && steps)
		err = read_step(step_text, f, &step, d);
	if (err < 0)
		return err;
	if (range && to < from)
		return diag_error(d, "\"%.*s\" ends before it begins", SPAN_ARGS(all));
	if (f == &last_days && steps && !range) { /* counts down, to the end of the month */
		for (uint32_t n = from; n >= 1 && n <= from; n -= step)
			set_bits(bits, f, n, n, 1);
		return 0;
	}
	if (steps && from + step > (range ? to : f->most))
		return diag_error(d, "\"%.*s\": the first step leads beyond %u", SPAN_ARGS(all),
			range ? to : f->most);
	set_bits(bits, f, from, range ? to : steps ? f->most : from, steps ? step : 1);
	return 0;
}

static int read_field(struct span text, const struct field *f, uint32_t *bits, struct diag *d)
{
	struct span rest = text, item;
	char sep = ',';
	int err = 0;
	if (span_is(text, "*")) {
		set_bits(bits, f, f->least, f->most, 1);
		return 0;
	}
	if (span_starts(text, "*"))
		return diag_error(d,
			"\"%.*s\": * takes no step and no company, expected one like %u/%.*s for each so many",
			SPAN_ARGS(text), f->least, text.n > 2 ? (int)text.n - 2 : 2,
			text.n > 2 ? text.p + 2 : "15");
	while (err == 0 && sep == ',') {
		item = part_before(&rest, ",", &sep);
		err = read_item(item, f, bits, d);
	}
	return err;
}

/* ---- weekdays, dates, times ---- */

static int weekday_of(struct span name)
{
	static const char *const names[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
		"Saturday", "Sunday"};
	for (int i = 0; i < (int)COUNT(names); i++)
		if ((name.n == 3 || name.n == strlen(names[i])) &&
			strncasecmp(name.p, names[i], name.n) == 0)
			return i;
	return -1;
}

static int read_weekdays(struct span text, struct plan_calendar *c, struct diag *d)
{
	struct span rest = text, item, end;
	char sep = ',';
	c->weekday = 0;
	while (sep == ',') {
		item = part_before(&rest, ",", &sep);
		if (item.n == 0 && !sep && c->weekday) /* systemd takes a comma behind the last */
			break;
		struct span first = item;
		bool range = cut_range(&first, &end);
		int from = weekday_of(first), to = range ? weekday_of(end) : from;
		if (from < 0 || to < 0)
			return diag_error(d,
				"\"%.*s\" is no day of the week, expected one like Mon, Mon,Thu or Mon..Fri",
				SPAN_ARGS(item));
		if (to < from)
			return diag_error(d, "\"%.*s\" ends before it begins: a week begins with Mon",
				SPAN_ARGS(item));
		for (int i = from; i <= to; i++)
			c->weekday |= (uint8_t)(1u << i);
	}
	return 0;
}

/* Splits at the separators; a part too many gives MAX_PARTS + 1. */
static size_t split(struct span text, const char *seps, struct span part[MAX_PARTS],
	char sep[MAX_PARTS])
{
	size_t n = 0;
	for (char next = *seps; next; n++) {
		if (n == MAX_PARTS)
			return MAX_PARTS + 1;
		part[n] = part_before(&text, seps, &next);
		sep[n] = next;
	}
	return n;
}

static int read_date(struct span text, struct plan_calendar *c, struct diag *d)
{
	struct span part[MAX_PARTS];
	char sep[MAX_PARTS];
	size_t n = split(text, "-~", part, sep);
	uint32_t month = 0, day = 0;
	bool from_end = n >= 2 && n <= MAX_PARTS && sep[n - 2] == '~';
	if (n < 2 || n > MAX_PARTS || (n == MAX_PARTS && sep[0] == '~'))
		return diag_error(d,
			"\"%.*s\" is no date, expected one like 2027-01-31, *-*-01, 12-24 or *-*~01 (the last day of a month)",
			SPAN_ARGS(text));
	int err = read_field(n == MAX_PARTS ? part[0] : span_of("*"), &years, c->year, d);
	if (err == 0)
		err = read_field(part[n - 2], &months, &month, d);
	if (err == 0)
		err = read_field(part[n - 1], from_end && !span_is(part[n - 1], "*") ? &last_days : &days,
			&day, d);
	c->month = (uint16_t)month;
	if (from_end && !span_is(part[n - 1], "*"))
		c->day_last = day;
	else
		c->day = day;
	return err;
}

static int read_time(struct span text, struct plan_calendar *c, struct diag *d)
{
	struct span part[MAX_PARTS];
	char sep[MAX_PARTS];
	size_t n = split(text, ":", part, sep);
	if (n < 2 || n > MAX_PARTS)
		return diag_error(d,
			"\"%.*s\" is no time of day, expected one like 10:00, 10:00:30 or *:0/15",
			SPAN_ARGS(text));
	int err = read_field(part[0], &hours, &c->hour, d);
	if (err == 0)
		err = read_field(part[1], &minutes, c->minute, d);
	if (err == 0)
		err = read_field(n == MAX_PARTS ? part[2] : span_of("0"), &seconds, c->second, d);
	return err;
}

/* @SECONDS: one instant. */
static int read_instant(struct span text, struct plan_calendar *c, struct diag *d)
{
	uint64_t at = 0;
	if (num_u64((struct span){text.p + 1, text.n - 1}, CALENDAR_END - 1, &at) < 0)
		return diag_error(d, "\"%.*s\" is no time, expected @ and seconds since 1970, before 2200",
			SPAN_ARGS(text));
	struct calendar_date date = calendar_date(at);
	uint32_t second = (uint32_t)(at % CALENDAR_DAY);
	set_bits(c->year, &years, date.year, date.year, 1);
	c->month = (uint16_t)(1u << date.month);
	c->day = 1u << date.day;
	c->hour = 1u << second / 3600;
	set_bits(c->minute, &minutes, second / 60 % 60, second / 60 % 60, 1);
	set_bits(c->second, &seconds, second % 60, second % 60, 1);
	return 0;
}

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static int read_words(struct span *word, size_t n, struct plan_calendar *c, struct diag *d)
{
	size_t i = 0;
	int err = 0;
	if (is_letter(word[0].p[0]))
		err = read_weekdays(word[i++], c, d);
	if (err == 0 && i < n && word[i].p[0] == '@')
		return n == i + 1 ? read_instant(word[i], c, d)
						  : diag_error(d, "nothing stands behind @ and its seconds");
	bool has_date = i < n && !memchr(word[i].p, ':', word[i].n);
	if (err == 0)
		err = read_date(has_date ? word[i++] : span_of("*-*-*"), c, d);
	if (err == 0)
		err = read_time(i < n ? word[i++] : span_of("00:00"), c, d);
	if (err == 0 && i < n)
		return diag_error(d, "\"%.*s\" has no place here, expected [WEEKDAY] [DATE] [TIME] [UTC]",
			SPAN_ARGS(word[i]));
	return err;
}

static struct span spelled_out(struct span value)
{
	static const struct {
		const char *word, *means;
	} known[] = {{"minutely", "*:*"}, {"hourly", "*:00"}, {"daily", "00:00"},
		{"weekly", "Mon 00:00"}, {"monthly", "*-01"}, {"quarterly", "01,04,07,10-01"},
		{"semiannually", "01,07-01"}, {"semi-annually", "01,07-01"}, {"biannually", "01,07-01"},
		{"bi-annually", "01,07-01"}, {"yearly", "01-01"}, {"annually", "01-01"}};
	for (size_t i = 0; i < COUNT(known); i++)
		if (value.n == strlen(known[i].word) && strncasecmp(value.p, known[i].word, value.n) == 0)
			return span_of(known[i].means);
	return value;
}

/* Takes the zone off the end. */
static int read_zone(struct span *word, size_t *n, struct diag *d)
{
	struct span *last = &word[*n - 1];
	if (*n < 2 || (!is_letter(last->p[0]) && last->p[0] != '+'))
		return 0;
	if (last->n == 3 && strncasecmp(last->p, "UTC", 3) == 0) {
		--*n;
		return 0;
	}
	return diag_error(d, "\"%.*s\" is a time zone, and times are UTC here: expected UTC or nothing",
		SPAN_ARGS(*last));
}

int calendar_parse(struct span value, struct plan_calendar *out, struct diag *d)
{
	struct plan_calendar c = {.weekday = CALENDAR_WEEKDAYS};
	struct span rest = value, word[5];
	size_t n = 0;
	while (n < COUNT(word) && span_word(&rest, &word[n]))
		n++;
	if (n == 0 || n == COUNT(word))
		return diag_error(d,
			"\"%.*s\" is no calendar expression, expected [WEEKDAY] [DATE] [TIME] [UTC] or one like daily",
			SPAN_ARGS(value));
	int err = read_zone(word, &n, d);
	if (err < 0)
		return err;
	if (n == 1) {
		struct span full = spelled_out(word[0]);
		for (n = 0; n < COUNT(word) && span_word(&full, &word[n]);)
			n++;
	}
	err = read_words(word, n, &c, d);
	if (err < 0)
		return err;
	if (calendar_next(&c, 0) == CALENDAR_NEVER)
		return diag_error(d, "\"%.*s\" never comes: no day before 2200 is like that",
			SPAN_ARGS(value));
	*out = c;
	return 0;
}
