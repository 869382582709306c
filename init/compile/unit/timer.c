/* SPDX-License-Identifier: MIT
 * [Timer]: the values: see timer.h.
 */
#include "compile/unit/timer.h"
#include "compile/unit/calendar.h"
#include "plan/names.h"

void timer_init(struct timer_conf *conf)
{
	*conf = (struct timer_conf){0}; /* the directives' defaults are in their table */
}

bool timer_is_set(const struct timer_conf *conf)
{
	return conf->lines > 0 || conf->calendars > 0;
}

const char *timer_directive(uint32_t base)
{
	return plan_name(plan_timer_bases, base);
}

static void drop_base(struct timer_conf *c, unsigned base)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < c->lines; i++)
		if (c->line[i].base != base)
			c->line[kept++] = c->line[i];
	c->lines = kept;
}

int timer_set_after(void *conf, unsigned base, struct span value, struct diag *d)
{
	struct timer_conf *c = conf;
	bool repeats = base == TIMER_UNIT_ACTIVE || base == TIMER_UNIT_INACTIVE;
	uint32_t ms = 0;
	if (value.n == 0) {
		drop_base(c, base);
		return 0;
	}
	int err = value_time_ms(value, &ms, d);
	if (err < 0)
		return err;
	if (ms == UINT32_MAX)
		return diag_error(d, "infinity never comes: leave the line out");
	if (repeats && ms < PLAN_TIMER_LEAST_MS)
		return diag_error(d,
			"\"%.*s\" would start the service again and again without a pause, expected 1s or more",
			SPAN_ARGS(value));
	if (c->lines == PLAN_MAX_TIMER_LINES)
		return diag_error(d, "more than %d lines with a time", PLAN_MAX_TIMER_LINES);
	c->line[c->lines++] = (struct plan_timer_line){base, ms};
	return 0;
}

int timer_set_calendar(void *conf, struct span value, struct diag *d)
{
	struct timer_conf *c = conf;
	struct plan_calendar one;
	if (value.n == 0) {
		c->calendars = 0;
		return 0;
	}
	int err = calendar_parse(value, &one, d);
	if (err < 0)
		return err;
	if (c->calendars == PLAN_MAX_CALENDARS)
		return diag_error(d, "more than %d calendar expressions", PLAN_MAX_CALENDARS);
	c->calendar[c->calendars++] = one;
	return 0;
}

struct plan_list timer_encode(const struct timer_conf *c, struct plan_writer *w)
{
	struct plan_timer t = {
		.lines = plan_write_list(w, c->line, sizeof(c->line[0]), c->lines),
		.calendars = plan_write_list(w, c->calendar, sizeof(c->calendar[0]), c->calendars),
		.random_ms = c->random_ms,
		.accuracy_ms = c->accuracy_ms,
		.flags = (c->persistent ? TIMER_PERSISTENT : 0u) |
			(c->fixed_random && c->random_ms ? TIMER_FIXED_DELAY : 0u),
	};
	return plan_write_list(w, &t, sizeof(t), timer_is_set(c));
}
