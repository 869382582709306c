/* SPDX-License-Identifier: MIT
 * Records on one line: see dump_record.h.
 */
#include "plan/dump_record.h"
#include "base/errname.h"
#include "plan/calendar.h"
#include "plan/names.h"
#include <inttypes.h>

#define TEXT_BYTES 1024

static void put_calendar(const struct plan_calendar *c, FILE *out)
{
	char text[TEXT_BYTES];
	struct fmt f;
	fmt_init(&f, text, sizeof(text));
	calendar_text(&f, c);
	fprintf(out, "OnCalendar \"%s\" ", text);
}

void dump_timer(const struct plan *p, const struct plan_timer *t, FILE *out)
{
	const struct plan_timer_line *line = plan_elements(p, t->lines, sizeof(*line));
	const struct plan_calendar *c = plan_elements(p, t->calendars, sizeof(*c));
	for (uint32_t i = 0; line && i < t->lines.count; i++)
		fprintf(out, "%s %" PRIu32 " ", plan_name(plan_timer_bases, line[i].base), line[i].ms);
	for (uint32_t i = 0; c && i < t->calendars.count; i++)
		put_calendar(&c[i], out);
	fprintf(out, "accuracy %" PRIu32, t->accuracy_ms);
	if (t->random_ms)
		fprintf(out, " random %" PRIu32, t->random_ms);
	for (uint32_t i = 0; plan_timer_words[i]; i++)
		if (t->flags >> i & 1)
			fprintf(out, " %s", plan_timer_words[i]);
}

void dump_status(uint32_t status, FILE *out)
{
	if (status < 256)
		fprintf(out, "exit %" PRIu32, status);
	else
		fprintf(out, "signal %" PRIu32 " %s", status - 256, sig_name((int)(status - 256)));
}
