/* SPDX-License-Identifier: MIT
 * [Boot] of init.ini: when a boot is good, who is told, and what is done if it never is: MarkGood,
 * MarkGoodDelaySec, BootTimeoutSec, BootFailureAction, RescueShell.
 */
#pragma once
#include "compile/unit/service.h"
#include "walls/compile.h"

wall_setter marks_set_good, marks_set_delay, marks_set_timeout, marks_set_failure, marks_set_rescue;

bool marks_rescue_never(void); /* RescueShell = never */
void marks_encode(const struct set *set, struct plan_machine *machine, struct diag *d);
