// needs: compile walls plan base
/* SPDX-License-Identifier: MIT
 * Calendar expressions: what is accepted and what it means, what is refused and why, and when it
 * elapses next, against a slow search that shares no code with the fast one.
 */
#include "compile/unit/calendar.h"
#include "base/count.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static struct diag diag = {.file = "t.ini"};

static const char *text_of(const struct plan_calendar *c)
{
	static char text[2048];
	struct fmt f;
	fmt_init(&f, text, sizeof(text));
	calendar_text(&f, c);
	assert_false(f.cut);
	return text;
}

static struct plan_calendar parse(const char *text)
{
	struct plan_calendar c;
	if (calendar_parse(span_of(text), &c, &diag) < 0) {
		diag_flush();
		fail_msg("\"%s\" is refused", text);
	}
	return c;
}

static void each_expression_has_a_regular_form(void **state)
{
	static const struct {
		const char *text, *regular;
	} cases[] = {
		{"minutely", "*-*-* *:*:00 UTC"},
		{"hourly", "*-*-* *:00:00 UTC"},
		{"daily", "*-*-* 00:00:00 UTC"},
		{"weekly", "Mon *-*-* 00:00:00 UTC"},
		{"Monthly", "*-*-01 00:00:00 UTC"},
		{"yearly", "*-01-01 00:00:00 UTC"},
		{"annually", "*-01-01 00:00:00 UTC"},
		{"quarterly", "*-01/3-01 00:00:00 UTC"},
		{"semiannually", "*-01,07-01 00:00:00 UTC"},
		{"daily UTC", "*-*-* 00:00:00 UTC"},
		/* those of systemd.time(7) */
		{"Sat,Thu,Mon..Wed,Sat..Sun", "Mon..Thu,Sat,Sun *-*-* 00:00:00 UTC"},
		{"Mon,Sun 12-*-* 2,1:23", "Mon,Sun 2012-*-* 01,02:23:00 UTC"},
		{"Wed *-1", "Wed *-*-01 00:00:00 UTC"},
		{"Wed..Wed,Wed *-1", "Wed *-*-01 00:00:00 UTC"},
		{"Wed, 17:48", "Wed *-*-* 17:48:00 UTC"},
		{"Wed..Sat,Tue 12-10-16 1:2:3", "Tue..Sat 2012-10-16 01:02:03 UTC"},
		{"*-*-7 0:0:0", "*-*-07 00:00:00 UTC"},
		{"10-15", "*-10-15 00:00:00 UTC"},
		{"monday *-12-* 17:00", "Mon *-12-* 17:00:00 UTC"},
		{"Mon,Fri *-*-3,1,2 *:30:45", "Mon,Fri *-*-01..03 *:30:45 UTC"},
		{"12,14,13,12:20,10,30", "*-*-* 12..14:10..30/10:00 UTC"},
		{"12..14:10,20,30", "*-*-* 12..14:10..30/10:00 UTC"},
		{"03-05 08:05:40", "*-03-05 08:05:40 UTC"},
		{"08:05:40", "*-*-* 08:05:40 UTC"},
		{"05:40", "*-*-* 05:40:00 UTC"},
		{"Sat,Sun 08:05:40", "Sat,Sun *-*-* 08:05:40 UTC"},
		{"2003-03-05", "2003-03-05 00:00:00 UTC"},
		{"*-05~03..5 *:0/15", "*-05~03..05 *:00/15:00 UTC"},
		{"Mon *-05~07/1", "Mon *-05~01..07 00:00:00 UTC"},
		{"*-02~01", "*-02~01 00:00:00 UTC"},
		{"*-*~*", "*-*-* 00:00:00 UTC"},
		{"@951782400", "2000-02-29 00:00:00 UTC"},
		{"*:0..30/7", "*-*-* *:00..28/7:00 UTC"},
		{"2028/4-02-29", "2028/4-02-29 00:00:00 UTC"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct plan_calendar c = parse(cases[i].text);
		assert_string_equal(text_of(&c), cases[i].regular);
		struct plan_calendar again = parse(text_of(&c));
		assert_memory_equal(&c, &again, sizeof(c));
	}
}

static void what_is_no_expression_is_refused(void **state)
{
	static const char *const bad[] = {"", "often", "Mon Tue Wed Thu Fri", "Fri..Mon", "Mon-Fri",
		"Mon,", "Montag", "25:00", "10:60", "10:00:60", "10:00:00.5", "10", "*-13-01", "*-00-01",
		"*-*-32", "*-02-31", "*-02-30", "2027-02-29", "Mon 2026-12-01", "*-*~29", "*-04-31",
		"1969-01-01", "2200-01-01", "*:*/15", "*:0/0", "*:58/5", "*:5..1", "*:1..", "*:,",
		"10:", ":10", "1:2:3:4", "1-2-3-4", "*~01-01", "daily daily", "10:00 11:00", "10:00 CET",
		"10:00 Europe/Berlin", "10:00 +02:00", "@", "@7258118400", "@1 10:00", "-1:00",
		"10:00 UTC UTC"};
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct plan_calendar c;
		if (strcmp(bad[i], "Mon,") == 0)
			assert_int_equal(calendar_parse(span_of(bad[i]), &c, &diag), 0);
		else if (calendar_parse(span_of(bad[i]), &c, &diag) == 0)
			fail_msg("\"%s\" is taken for %s", bad[i], text_of(&c));
	}
}

static void a_date_is_what_the_library_says(void **state)
{
	(void)state;
	for (uint64_t t = 0; t < CALENDAR_END; t += CALENDAR_DAY) {
		time_t clock = (time_t)t;
		struct tm tm;
		struct calendar_date d = calendar_date(t);
		gmtime_r(&clock, &tm);
		assert_int_equal(d.year, tm.tm_year + 1900);
		assert_int_equal(d.month, tm.tm_mon + 1);
		assert_int_equal(d.day, tm.tm_mday);
		assert_int_equal(d.weekday, (tm.tm_wday + 6) % 7);
	}
}

static void times_follow_each_other(void **state)
{
	static const struct {
		const char *text, *base, *next[3];
	} cases[] = {
		{"Mon..Fri 10:00", "@1796119200", /* Tue 2026-12-01 10:00:00 */
			{"Wed 2026-12-02 10:00:00 UTC", "Thu 2026-12-03 10:00:00 UTC",
				"Fri 2026-12-04 10:00:00 UTC"}},
		{"*-02-29", "@1796119200",
			{"Tue 2028-02-29 00:00:00 UTC", "Sun 2032-02-29 00:00:00 UTC",
				"Fri 2036-02-29 00:00:00 UTC"}},
		{"*-02~01 23:59:59", "@1796119200",
			{"Sun 2027-02-28 23:59:59 UTC", "Tue 2028-02-29 23:59:59 UTC",
				"Wed 2029-02-28 23:59:59 UTC"}},
		{"Mon *-05~07/1", "@1796119200",
			{"Mon 2027-05-31 00:00:00 UTC", "Mon 2028-05-29 00:00:00 UTC",
				"Mon 2029-05-28 00:00:00 UTC"}},
		{"*:*:00", "@1796119200",
			{"Tue 2026-12-01 10:01:00 UTC", "Tue 2026-12-01 10:02:00 UTC",
				"Tue 2026-12-01 10:03:00 UTC"}},
		{"2199-12-31 23:59:59", "@0", {"Tue 2199-12-31 23:59:59 UTC", NULL, NULL}},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct plan_calendar c;
		uint64_t t = strtoull(cases[i].base + 1, NULL, 10);
		c = parse(cases[i].text);
		for (size_t k = 0; k < 3; k++) {
			char text[64];
			struct fmt f;
			t = calendar_next(&c, t);
			if (!cases[i].next[k]) {
				assert_true(t == CALENDAR_NEVER);
				break;
			}
			fmt_init(&f, text, sizeof(text));
			calendar_time_text(&f, t);
			assert_string_equal(text, cases[i].next[k]);
		}
	}
}

static bool fits(const struct plan_calendar *c, time_t t)
{
	struct tm tm, next;
	time_t morrow;
	int last = 0;
	gmtime_r(&t, &tm);
	do {
		last++;
		morrow = t + last * 86400;
		gmtime_r(&morrow, &next);
	} while (next.tm_mon == tm.tm_mon);
	int y = tm.tm_year - 70;
	return c->year[y / 32] >> y % 32 & 1 && c->month >> (tm.tm_mon + 1) & 1 &&
		c->weekday >> (tm.tm_wday + 6) % 7 & 1 &&
		(c->day >> tm.tm_mday & 1 || c->day_last >> last & 1) && c->hour >> tm.tm_hour & 1 &&
		c->minute[tm.tm_min / 32] >> tm.tm_min % 32 & 1 &&
		c->second[tm.tm_sec / 32] >> tm.tm_sec % 32 & 1;
}

static uint32_t some(uint32_t of)
{
	return (uint32_t)random() & (uint32_t)random() & of;
}

/* Second by second, for two days at most. */
static void the_fast_search_finds_what_the_slow_one_finds(void **state)
{
	(void)state;
	srandom(1);
	for (int i = 0; i < 300; i++) {
		struct plan_calendar c = {.hour = some(~0u),
			.day = some(~1u),
			.day_last = some(6),
			.month = (uint16_t)((uint32_t)random() | 1u << 1),
			.weekday = (uint8_t)random(),
			.minute = {some(~0u), some(~0u)},
			.second = {some(~0u), some(~0u)}};
		memset(c.year, 0xff, sizeof(c.year));
		time_t from = random() % 4000000000l, t = from + 1;
		while (t < from + 2 * 86400 && !fits(&c, t))
			t++;
		uint64_t next = calendar_next(&c, (uint64_t)from);
		if (t < from + 2 * 86400)
			assert_int_equal(next, t);
		else
			assert_true(next >= (uint64_t)t);
		if (next != CALENDAR_NEVER)
			assert_true(fits(&c, (time_t)next));
	}
}

/* Whatever a plan has, the search ends. */
static void an_empty_set_never_comes(void **state)
{
	static const struct plan_calendar none;
	struct plan_calendar c = parse("*-*-* *:*:*");
	(void)state;
	assert_true(calendar_next(&none, 0) == CALENDAR_NEVER);
	assert_int_equal(calendar_next(&c, 5), 6);
	assert_true(calendar_next(&c, CALENDAR_END - 2) == CALENDAR_END - 1);
	assert_true(calendar_next(&c, CALENDAR_END - 1) == CALENDAR_NEVER);
	assert_true(calendar_next(&c, UINT64_MAX) == CALENDAR_NEVER);
	memset(c.second, 0, sizeof(c.second));
	assert_true(calendar_next(&c, 0) == CALENDAR_NEVER);
	memset(&c, 0xff, sizeof(c));
	assert_int_equal(calendar_next(&c, 59), 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_expression_has_a_regular_form),
		cmocka_unit_test(what_is_no_expression_is_refused),
		cmocka_unit_test(a_date_is_what_the_library_says),
		cmocka_unit_test(times_follow_each_other),
		cmocka_unit_test(the_fast_search_finds_what_the_slow_one_finds),
		cmocka_unit_test(an_empty_set_never_comes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
