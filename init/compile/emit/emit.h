/* SPDX-License-Identifier: MIT
 * Services into the bytes of a plan.
 */
#pragma once
#include "compile/unit/service.h"

struct machine;

/* The plan, malloc'd; its size, or 0 if it does not fit into CONFIG_MAX_PLAN_KB, which has then
 * been said. */
size_t emit_plan(const struct set *set, struct machine *m, uint32_t arch, uint64_t digest,
	unsigned char **bytes);
