/* SPDX-License-Identifier: MIT
 * Whether parts of two plans mean the same. Pure.
 */
#pragma once
#include "plan/plan.h"
#include "renew/shapes.h"
#include <stdbool.h>
#include <stddef.h>

struct pair { /* the two plans */
	const struct plan *a, *b;
};

#define SAME_ALL SIZE_MAX

bool same_text(const struct pair *p, plan_str x, plan_str y);
/* Two records of that shape; `but`: the offset of a reference that is passed over, or SAME_ALL. */
bool same_shape(const struct pair *p, const struct shape *shape, const unsigned char *x,
	const unsigned char *y, size_t but);
bool same_wall(const struct pair *p, uint32_t wall, const struct plan_blob *x,
	const struct plan_blob *y);
