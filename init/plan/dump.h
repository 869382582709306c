/* SPDX-License-Identifier: MIT
 * A plan as text, one fact per line, stable enough to be compared with a golden file. Uses stdio,
 * and is never linked into PID 1.
 */
#pragma once
#include "plan/plan.h"
#include <stdio.h>

void plan_dump(const struct plan *p, FILE *out);
