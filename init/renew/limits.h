/* SPDX-License-Identifier: MIT
 * Limits of a control group that can be written while its service runs. Pure.
 */
#pragma once
#include "renew/compare.h"

/* Whether the control groups of two services differ in such limits alone. `each` (may be NULL) gets
 * the file and both values of each that differs; the value behind is what is to be written, or what
 * lifts the limit where there is none any more. */
bool renew_limits(const struct plan *a, const struct plan_service *before, const struct plan *b,
	const struct plan_service *after, renew_each *each, void *context);
