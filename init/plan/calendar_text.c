/* SPDX-License-Identifier: MIT
 * Calendar expressions and times as text: see calendar.h.
 */
#include "plan/calendar.h"

static const char *const weekdays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

struct field { /* the numbers from `least` to `most` of one field */
	const uint32_t *bits;
	uint32_t least, most, offset, width;
};

static bool has_number(const struct field *f, uint32_t n)
{
	return n <= f->most && f->bits[n / 32] >> n % 32 & 1;
}

static void put_number(struct fmt *out, const struct field *f, uint32_t n)
{
	uint32_t tens = 1;
	for (uint32_t i = 1; i < f->width; i++, tens *= 10)
		if (n + f->offset < tens * 10)
			fmt_str(out, "0");
	fmt_u64(out, n + f->offset);
}

static uint32_t next_of(const struct field *f, uint32_t from)
{
	while (from <= f->most && !has_number(f, from))
		from++;
	return from;
}

/* The step by which all numbers follow each other, from the first to the last; 0: by none. */
static uint32_t common_step(const struct field *f, uint32_t first, uint32_t *last)
{
	uint32_t second = next_of(f, first + 1), n = first;
	for (uint32_t k = second; k <= f->most; k = next_of(f, k + 1)) {
		if (k - n != second - first)
			return 0;
		n = k;
	}
	*last = n;
	return n > second ? second - first : 0;
}

static void put_list(struct fmt *out, const struct field *f, uint32_t first)
{
	const char *gap = "";
	for (uint32_t n = first, end; n <= f->most; n = next_of(f, end + 1)) {
		for (end = n; has_number(f, end + 1);)
			end++;
		end = end - n < 2 ? n : end;
		fmt_str(out, gap);
		gap = ",";
		put_number(out, f, n);
		if (end == n)
			continue;
		fmt_str(out, "..");
		put_number(out, f, end);
	}
}

static void put_field(struct fmt *out, const struct field *f)
{
	uint32_t first = next_of(f, f->least), last = 0, step = common_step(f, first, &last);
	if (step == 1 && first == f->least && last == f->most) {
		fmt_str(out, "*");
		return;
	}
	if (step < 2) {
		put_list(out, f, first);
		return;
	}
	put_number(out, f, first);
	if (last + step <= f->most) {
		fmt_str(out, "..");
		put_number(out, f, last);
	}
	fmt_str(out, "/");
	fmt_u64(out, step);
}

static void put_weekdays(struct fmt *out, uint32_t bits)
{
	const char *gap = "";
	for (uint32_t n = 0, end; n < 7; n = end + 1) {
		end = n;
		if (!(bits >> n & 1))
			continue;
		while (end < 6 && bits >> (end + 1) & 1)
			end++;
		end = end - n < 2 ? n : end;
		fmt_strs(out, gap, weekdays[n], end > n ? ".." : "", end > n ? weekdays[end] : "", NULL);
		gap = ",";
	}
	fmt_str(out, " ");
}

void calendar_text(struct fmt *f, const struct plan_calendar *c)
{
	uint32_t month = c->month, last_days = c->day_last;
	const struct field year = {c->year, 0, CALENDAR_YEARS - 1, CALENDAR_FIRST_YEAR, 4},
					   months = {&month, 1, 12, 0, 2}, days = {&c->day, 1, 31, 0, 2},
					   last = {&last_days, 1, 28, 0, 2}, hour = {&c->hour, 0, 23, 0, 2},
					   minute = {c->minute, 0, 59, 0, 2}, second = {c->second, 0, 59, 0, 2};
	if ((c->weekday & CALENDAR_WEEKDAYS) != CALENDAR_WEEKDAYS)
		put_weekdays(f, c->weekday);
	put_field(f, &year);
	fmt_str(f, "-");
	put_field(f, &months);
	fmt_str(f, last_days ? "~" : "-");
	/* ~07/1 is another set than 01..07: the numbers of ~ count down */
	if (last_days)
		put_list(f, &last, next_of(&last, 1));
	else
		put_field(f, &days);
	fmt_str(f, " ");
	put_field(f, &hour);
	fmt_str(f, ":");
	put_field(f, &minute);
	fmt_str(f, ":");
	put_field(f, &second);
	fmt_str(f, " UTC");
}

void calendar_time_text(struct fmt *f, uint64_t seconds)
{
	static const struct field two = {.width = 2}, four = {.width = 4};
	struct calendar_date d = calendar_date(seconds < CALENDAR_END ? seconds : CALENDAR_END - 1);
	uint32_t second = (uint32_t)(seconds % CALENDAR_DAY);
	fmt_strs(f, weekdays[d.weekday], " ", NULL);
	put_number(f, &four, d.year);
	fmt_str(f, "-");
	put_number(f, &two, d.month);
	fmt_str(f, "-");
	put_number(f, &two, d.day);
	fmt_str(f, " ");
	put_number(f, &two, second / 3600);
	fmt_str(f, ":");
	put_number(f, &two, second / 60 % 60);
	fmt_str(f, ":");
	put_number(f, &two, second % 60);
	fmt_str(f, " UTC");
}
