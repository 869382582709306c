/* SPDX-License-Identifier: MIT
 * Services to the bytes of a plan.
 */
#pragma once
#include "compile/unit/service.h"

struct machine;

/* Writes the plan to *bytes, malloc'd. Returns its size, or 0 if it exceeds CONFIG_MAX_PLAN_KB,
 * which has been reported. */
size_t emit_plan(const struct set *set, struct machine *m, uint32_t arch, uint64_t digest,
	unsigned char **bytes);
