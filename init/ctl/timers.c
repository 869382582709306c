/* SPDX-License-Identifier: MIT
 * `bulkctl timers`, and what `bulkctl status` says of a service's timer.
 */
#include "core/core.h"
#include "ctl/ctl.h"
#include "ctl/text.h"
#include "plan/calendar.h"
#include "print/json.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COL_NEXT, COL_LEFT, COL_LAST, COL_PASSED, COL_SERVICE, COL_COUNT };

struct line {
	char cell[COL_COUNT][CONFIG_MAX_NAME + 16];
	uint64_t next_ms;
};

static bool is_next_known(const struct proto_service *s)
{
	return s->timer & PROTO_TIMER_ARMED && s->timer_next_ms != UINT64_MAX;
}

/* Both are counted by CLOCK_MONOTONIC, and told by the clock on the wall. */
static uint64_t left_ms(const struct ctl_world *w, const struct proto_service *s)
{
	return s->timer_next_ms > w->now_ms ? s->timer_next_ms - w->now_ms : 0;
}

static bool passed_ms(const struct ctl_world *w, const struct proto_service *s, uint64_t *out)
{
	uint64_t wall = (uint64_t)time(NULL);
	bool here = s->timer_last_ms != UINT64_MAX && s->timer_last_ms <= w->now_ms;
	*out = here ? w->now_ms - s->timer_last_ms : (wall - s->timer_last_s) * 1000;
	return here || (s->timer_last_s && s->timer_last_s <= wall);
}

static uint64_t next_s(const struct ctl_world *w, const struct proto_service *s)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec + ((uint64_t)now.tv_nsec / 1000000 + left_ms(w, s) + 500) / 1000;
}

static void put_next(struct fmt *f, const struct ctl_world *w, const struct proto_service *s)
{
	if (!(s->timer & PROTO_TIMER_ARMED))
		fmt_str(f, "stopped");
	else if (is_next_known(s))
		calendar_time_text(f, next_s(w, s));
	else
		fmt_str(f, s->timer & PROTO_TIMER_WAITS ? "once the clock is set" : "-");
}

static void put_last(struct fmt *f, const struct proto_service *s)
{
	if (s->timer_last_s)
		calendar_time_text(f, s->timer_last_s);
	else
		fmt_str(f, "-");
}

static void fill_line(struct line *line, const struct ctl_world *w, const struct proto_service *s)
{
	struct fmt f[COL_COUNT];
	uint64_t passed;
	for (int i = 0; i < COL_COUNT; i++)
		fmt_init(&f[i], line->cell[i], sizeof(line->cell[i]));
	put_next(&f[COL_NEXT], w, s);
	put_last(&f[COL_LAST], s);
	if (is_next_known(s))
		text_duration(&f[COL_LEFT], left_ms(w, s));
	else
		fmt_str(&f[COL_LEFT], "-");
	if (passed_ms(w, s, &passed))
		text_duration(&f[COL_PASSED], passed);
	else
		fmt_str(&f[COL_PASSED], "-");
	fmt_str(&f[COL_SERVICE], s->name);
	line->next_ms = is_next_known(s) ? s->timer_next_ms : UINT64_MAX;
}

static int by_next(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	if (x->next_ms != y->next_ms)
		return x->next_ms < y->next_ms ? -1 : 1;
	return strcmp(x->cell[COL_SERVICE], y->cell[COL_SERVICE]);
}

static int print_table(const struct ctl *c, const struct ctl_world *w)
{
	static const char *const titles[COL_COUNT] = {"NEXT", "LEFT", "LAST", "PASSED", "SERVICE"};
	size_t width[COL_COUNT], n = 0;
	struct line *lines = calloc(w->count + 1, sizeof(*lines));
	if (!lines)
		return ctl_complain(c, NULL, -ENOMEM, "");
	for (uint32_t i = 0; i < w->count; i++)
		if (w->services[i].timer)
			fill_line(&lines[n++], w, &w->services[i]);
	qsort(lines, n, sizeof(*lines), by_next);
	for (int k = 0; k < COL_COUNT; k++) {
		width[k] = strlen(titles[k]);
		for (size_t i = 0; i < n; i++)
			width[k] = strlen(lines[i].cell[k]) > width[k] ? strlen(lines[i].cell[k]) : width[k];
	}
	for (int k = 0; n && k < COL_COUNT; k++)
		printf("%-*s%s", k < COL_SERVICE ? (int)width[k] : 0, titles[k],
			k < COL_SERVICE ? "  " : "\n");
	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < COL_COUNT; k++)
			printf("%-*s%s", k < COL_SERVICE ? (int)width[k] : 0, lines[i].cell[k],
				k < COL_SERVICE ? "  " : "\n");
	if (n == 0)
		puts("no service has a timer");
	free(lines);
	return CTL_OK;
}

/* ---- for status, too ---- */

void ctl_timer_json(const struct ctl_world *w, const struct proto_service *s, struct json *j)
{
	uint64_t passed;
	json_bool(j, "armed", s->timer & PROTO_TIMER_ARMED);
	json_bool(j, "waits_for_clock", s->timer & PROTO_TIMER_WAITS);
	if (is_next_known(s)) {
		json_u64(j, "next", next_s(w, s));
		json_u64(j, "left_ms", left_ms(w, s));
	} else {
		json_null(j, "next");
		json_null(j, "left_ms");
	}
	if (s->timer_last_s)
		json_u64(j, "last", s->timer_last_s);
	else
		json_null(j, "last");
	if (passed_ms(w, s, &passed))
		json_u64(j, "passed_ms", passed);
	else
		json_null(j, "passed_ms");
}

void ctl_timer_text(struct fmt *f, const struct ctl_world *w, const struct proto_service *s)
{
	uint64_t passed;
	if (is_next_known(s)) {
		fmt_str(f, "next in ");
		text_duration(f, left_ms(w, s));
		fmt_str(f, ", ");
	}
	put_next(f, w, s);
	if (!passed_ms(w, s, &passed))
		return;
	fmt_str(f, "; last ");
	text_duration(f, passed);
	fmt_str(f, " ago");
}

int ctl_timers(const struct ctl *c)
{
	struct ctl_world w;
	struct json j = {.out = stdout};
	int err = ctl_world_get(c, &w);
	if (err)
		return err;
	if (!ctl_json(c))
		return print_table(c, &w);
	json_open(&j, NULL, '[');
	for (uint32_t i = 0; i < w.count; i++) {
		if (!w.services[i].timer)
			continue;
		json_open(&j, NULL, '{');
		json_text(&j, "service", w.services[i].name);
		ctl_timer_json(&w, &w.services[i], &j);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	return CTL_OK;
}
