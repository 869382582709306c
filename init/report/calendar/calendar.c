/* SPDX-License-Identifier: MIT
 * What a calendar expression means: see calendar.h.
 */
#include "report/calendar/calendar.h"
#include "base/count.h"
#include "compile/unit/calendar.h"
#include <stdio.h>
#include <time.h>

#define TIMES 5
#define TEXT_BYTES 1024

static bool read_expression(const char *option, const char *text, struct plan_calendar *c)
{
	struct diag d = {0};
	diag_place(&d, option, 0, NULL, NULL);
	return calendar_parse(span_of(text), c, &d) == 0;
}

/* A time is an expression that comes once. */
static bool read_base(const char *text, uint64_t *base)
{
	struct plan_calendar c;
	if (!read_expression("--base-time", text, &c))
		return false;
	*base = calendar_next(&c, 0);
	if (calendar_next(&c, *base) == CALENDAR_NEVER)
		return true;
	fprintf(stderr, "--base-time: \"%s\" comes more than once, expected one time\n", text);
	return false;
}

/* The two largest units that are not 0: "3 days 2h". */
static void print_span(uint64_t seconds)
{
	static const struct {
		uint32_t seconds;
		const char *one, *many;
	} units[] = {{31557600, " year", " years"}, {CALENDAR_DAY, " day", " days"}, {3600, "h", "h"},
		{60, "min", "min"}, {1, "s", "s"}};
	unsigned shown = 0;
	for (size_t i = 0; i < COUNT(units) && shown < 2; i++) {
		uint64_t n = seconds / units[i].seconds;
		seconds %= units[i].seconds;
		if (n == 0)
			continue;
		printf("%s%llu%s", shown++ ? " " : "", (unsigned long long)n,
			n == 1 ? units[i].one : units[i].many);
	}
}

bool calendar_print(const char *text, const char *base)
{
	static char line[TEXT_BYTES];
	struct plan_calendar c;
	struct fmt f;
	uint64_t now = (uint64_t)time(NULL), t;
	bool good = read_expression("--calendar", text, &c) && (!base || read_base(base, &now));
	diag_flush();
	if (!good)
		return false;
	fmt_init(&f, line, sizeof(line));
	calendar_text(&f, &c);
	printf("%s\n", line);
	t = calendar_next(&c, now);
	if (t == CALENDAR_NEVER)
		printf("  never again\n");
	for (unsigned i = 0; i < TIMES && t != CALENDAR_NEVER; i++, t = calendar_next(&c, t)) {
		fmt_init(&f, line, sizeof(line));
		calendar_time_text(&f, t);
		printf("  %s  in ", line);
		print_span(t - now);
		printf("\n");
	}
	return true;
}
