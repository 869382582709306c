/* SPDX-License-Identifier: MIT
 * [Boot] of init.ini: when a boot is good, who is told, and what follows if it never is. MarkGood,
 * MarkGoodDelaySec, BootTimeoutSec, BootFailureAction, RescueShell.
 */
#pragma once
#include "plan/format.h"
#include "walls/compile.h"

struct machine;
struct set;

struct marks_conf {
	struct span good;
	uint32_t delay_ms, timeout_ms; /* 0: none */
	unsigned failure, rescue;      /* enum plan_final, plan_rescue */
};

wall_setter marks_set_good;                     /* gets struct marks_conf */
wall_setter marks_set_delay, marks_set_timeout; /* get the member */

void marks_encode(struct machine *m, const struct set *set, struct plan_machine *machine);
