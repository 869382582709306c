/* SPDX-License-Identifier: MIT
 * [Boot] Modules: names into files, what a module needs before the module itself (modules.dep).
 */
#pragma once
#include "plan/write.h"
#include "walls/diagnose.h"

struct plan_list modules_encode(struct span names, struct plan_writer *w, struct diag *d);
