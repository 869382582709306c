/* SPDX-License-Identifier: MIT
 * Calendar expressions in their numeric form (struct plan_calendar): when they elapse, and as text.
 * Pure; no allocation. All times are whole seconds since 1970-01-01 00:00:00 UTC, without leap
 * seconds. Years from 1970 to 2199 are known. The compiler parses the expressions
 * (compile/unit/calendar.h); PID 1 and bulkctl only compute with them.
 */
#pragma once
#include "base/fmt.h"
#include "plan/format.h"
#include <stdbool.h>
#include <stdint.h>

#define CALENDAR_NEVER UINT64_MAX
#define CALENDAR_DAY 86400u
#define CALENDAR_FIRST_YEAR 1970u
#define CALENDAR_YEARS 230u               /* 1970 to 2199 */
#define CALENDAR_END 7258118400ull        /* 2200-01-01 00:00:00 */
#define CALENDAR_WEEKDAYS ((1u << 7) - 1) /* bit 0: Monday */

struct calendar_date {
	uint32_t year, month, day; /* month and day from 1 on */
	uint32_t weekday;          /* 0: Monday */
};

uint32_t calendar_month_days(uint32_t year, uint32_t month); /* 28 to 31 */
struct calendar_date calendar_date(uint64_t seconds);        /* seconds < CALENDAR_END */
/* The first time after `after` that fits; CALENDAR_NEVER: there is none before 2200. Bits that no
 * field has are ignored. Bounded: at most the 84,006 days are looked at. */
uint64_t calendar_next(const struct plan_calendar *c, uint64_t after);
/* Appends the expression in its shortest regular form, "Mon..Fri *-*-* 10:00:00". */
void calendar_text(struct fmt *f, const struct plan_calendar *c);
/* Appends "Tue 2026-12-01 10:00:00 UTC". */
void calendar_time_text(struct fmt *f, uint64_t seconds);
