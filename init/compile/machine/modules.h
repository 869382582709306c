/* SPDX-License-Identifier: MIT
 * [Boot] Modules: names to files; what a module needs comes before it (modules.dep).
 */
#pragma once
#include "plan/write.h"
#include "walls/diagnose.h"

/* Returns the list for plan_machine.modules. Errors go through d. */
struct plan_list modules_encode(struct span names, struct plan_writer *w, struct diag *d);
