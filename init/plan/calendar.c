/* SPDX-License-Identifier: MIT
 * When a calendar expression elapses: see calendar.h.
 */
#include "plan/calendar.h"

#define THURSDAY 3u /* 1970-01-01 */

static bool is_leap(uint32_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

uint32_t calendar_month_days(uint32_t year, uint32_t month)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	uint32_t n = days[(month - 1) % 12];
	return month == 2 && is_leap(year) ? n + 1 : n;
}

struct calendar_date calendar_date(uint64_t seconds)
{
	uint32_t days = (uint32_t)(seconds / CALENDAR_DAY);
	struct calendar_date d = {CALENDAR_FIRST_YEAR, 1, 1, (days + THURSDAY) % 7};
	for (uint32_t n; days >= (n = is_leap(d.year) ? 366 : 365); d.year++)
		days -= n;
	for (uint32_t n; days >= (n = calendar_month_days(d.year, d.month)); d.month++)
		days -= n;
	d.day = days + 1;
	return d;
}

static bool has_bit(const uint32_t *bits, uint32_t n)
{
	return bits[n / 32] >> n % 32 & 1;
}

/* The first bit from `from` on that is set; `end`: there is none before it. */
static uint32_t next_bit(const uint32_t *bits, uint32_t from, uint32_t end)
{
	while (from < end && !has_bit(bits, from))
		from++;
	return from < end ? from : end;
}

static bool fits_day(const struct plan_calendar *c, const struct calendar_date *d)
{
	uint32_t last = calendar_month_days(d->year, d->month) - d->day + 1;
	return c->weekday >> d->weekday & 1 && (c->day >> d->day & 1 || c->day_last >> last & 1);
}

/* The first second of a day from `from` on that fits; CALENDAR_DAY: there is none. */
static uint32_t next_second(const struct plan_calendar *c, uint32_t from)
{
	uint32_t hour = from / 3600, minute = from / 60 % 60, second = from % 60;
	uint32_t h = next_bit(&c->hour, hour, 24);
	if (h == hour && h < 24) {
		uint32_t m = next_bit(c->minute, minute, 60);
		uint32_t s = next_bit(c->second, m == minute ? second : 0, 60);
		if (m == minute && s == 60) {
			m = next_bit(c->minute, minute + 1, 60);
			s = next_bit(c->second, 0, 60);
		}
		if (m < 60 && s < 60)
			return h * 3600 + m * 60 + s;
		h = next_bit(&c->hour, hour + 1, 24);
	}
	uint32_t m = next_bit(c->minute, 0, 60), s = next_bit(c->second, 0, 60);
	return h < 24 && m < 60 && s < 60 ? h * 3600 + m * 60 + s : CALENDAR_DAY;
}

/* Goes on to the first day of the next month or year. Returns the days between. */
static uint32_t skip_month(struct calendar_date *d)
{
	uint32_t days = calendar_month_days(d->year, d->month) - d->day + 1;
	d->day = 1;
	d->year += d->month == 12;
	d->month = d->month == 12 ? 1 : d->month + 1;
	return days;
}

static uint32_t skip_year(struct calendar_date *d)
{
	uint32_t days = 0, year = d->year;
	while (d->year == year)
		days += skip_month(d);
	return days;
}

static bool is_last_of_month(const struct calendar_date *d)
{
	return d->day == calendar_month_days(d->year, d->month);
}

/* From `d` on, the next day that may fit. Returns the days between, at least one. */
static uint32_t step(const struct plan_calendar *c, struct calendar_date *d)
{
	uint32_t days;
	if (!has_bit(c->year, d->year - CALENDAR_FIRST_YEAR))
		days = skip_year(d);
	else if (!(c->month >> d->month & 1) || is_last_of_month(d))
		days = skip_month(d);
	else
		days = 1, d->day++;
	d->weekday = (d->weekday + days) % 7;
	return days;
}

uint64_t calendar_next(const struct plan_calendar *c, uint64_t after)
{
	if (after >= CALENDAR_END - 1)
		return CALENDAR_NEVER;
	uint64_t from = after + 1, day = from / CALENDAR_DAY;
	uint32_t second = (uint32_t)(from % CALENDAR_DAY);
	struct calendar_date d = calendar_date(from);
	while (d.year < CALENDAR_FIRST_YEAR + CALENDAR_YEARS) {
		bool fits = has_bit(c->year, d.year - CALENDAR_FIRST_YEAR) && c->month >> d.month & 1 &&
			fits_day(c, &d);
		uint32_t found = fits ? next_second(c, second) : CALENDAR_DAY;
		if (found < CALENDAR_DAY)
			return day * CALENDAR_DAY + found;
		second = 0;
		day += step(c, &d);
	}
	return CALENDAR_NEVER;
}
