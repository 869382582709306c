/* SPDX-License-Identifier: MIT
 * [Timer]: when PID 1 starts the service by itself. timer.c has the setters and writes the plan,
 * calendar.c parses OnCalendar, timer_check.c checks them against the rest of the file.
 */
#pragma once
#include "plan/format.h"
#include "walls/compile.h"
#include "walls/diagnose.h"

struct timer_conf {
	struct plan_timer_line line[PLAN_MAX_TIMER_LINES]; /* OnBootSec and its kin */
	uint32_t lines;
	struct plan_calendar calendar[PLAN_MAX_CALENDARS];
	uint32_t calendars;
	uint32_t random_ms, accuracy_ms;
	bool fixed_random, persistent;
};

void timer_init(struct timer_conf *conf);
/* Its part: enum plan_timer_base. */
wall_part_setter timer_set_after;
wall_setter timer_set_calendar;
/* Whether any line says when. */
bool timer_is_set(const struct timer_conf *conf);
/* The directive's name of an enum plan_timer_base. */
const char *timer_directive(uint32_t base);
/* Its part of the plan: one struct plan_timer, or an empty list. */
struct plan_list timer_encode(const struct timer_conf *c, struct plan_writer *w);
