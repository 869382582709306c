/* SPDX-License-Identifier: MIT
 * Records of a plan that the dump shows on one line, in a way of their own.
 */
#pragma once
#include "plan/plan.h"
#include <stdio.h>

void dump_status(uint32_t status, FILE *out); /* of plan_service.success */
/* When it elapses, and its settings that are not 0. */
void dump_timer(const struct plan *p, const struct plan_timer *t, FILE *out);
