/* SPDX-License-Identifier: MIT
 * bulkhead-compile --calendar: what a calendar expression means.
 */
#pragma once
#include <stdbool.h>

/* Prints the regular form of `text` and the next five times that fit it, each with the time until
 * then. They are counted from `base` (a date and time as in an expression; NULL: now). False: one
 * of the two is wrong, which has been reported. */
bool calendar_print(const char *text, const char *base);
