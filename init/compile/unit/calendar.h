/* SPDX-License-Identifier: MIT
 * The calendar expressions of systemd.time(7), "Mon..Fri *-*-* 10:00", into their numeric form
 * (plan/calendar.h). Times are UTC: a device's zone is the business of whom it serves, and PID 1
 * reads no table of zones.
 */
#pragma once
#include "plan/calendar.h"
#include "walls/diagnose.h"

/* 0 with *out set, or the value of diag_error(). An expression that can never elapse is an
 * error. */
int calendar_parse(struct span value, struct plan_calendar *out, struct diag *d);
