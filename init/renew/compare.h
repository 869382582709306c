/* SPDX-License-Identifier: MIT
 * What differs between two plans, and what a running service has to go through for that. Texts are
 * compared by what they say, lists by their elements, services that are referred to by name. Pure;
 * both plans have passed plan_open().
 */
#pragma once
#include "plan/plan.h"

enum renew_class {
	RENEW_SAME,
	RENEW_LIVE, /* PID 1 alone uses it: it counts from now on */
	/* and limits of its control group, which can be written while it runs */
	RENEW_LIMITS,
	/* what a running process was started with: all that is not known to be of the others */
	RENEW_RESTART
};

struct renew_change {
	enum renew_class class;
	uint16_t at;      /* offset of the field in its record */
	uint16_t element; /* of an array: a wall, an Exec list, a stream */
	/* a limit: its file, and its values before and after ("" = none); NULL: it is no limit */
	const char *file, *before, *after;
};

typedef void renew_each(void *context, const struct renew_change *change);

/* Compares two services; `each` (may be NULL) gets each difference. SERVICE_PENDING is none. */
enum renew_class renew_compare(const struct plan *a, const struct plan_service *before,
	const struct plan *b, const struct plan_service *after, renew_each *each, void *context);
/* Compares the settings of the machine, without what was wrong with them; the classes mean nothing
 * there. True if they differ. */
bool renew_compare_machine(const struct plan *a, const struct plan *b, renew_each *each,
	void *context);
/* The index that service `index` of plan `a` has in plan `b`, or -1. */
int renew_index(const struct plan *a, uint32_t index, const struct plan *b);
