/* SPDX-License-Identifier: MIT
 * What every wall's compile half looks like. The compile program hands a room the values of one directive, one at a time, in
 * the order defaults, profile, file, drop-ins; a room turns them into its own struct, and that into bytes of the plan.
 *
 *   int NAME_set_DIRECTIVE(void *conf, struct span value, struct diag *d);   0, or diag_error(...)
 *   void NAME_init(struct NAME_conf *conf);                                  before the first value
 *   struct plan_blob NAME_encode(const struct NAME_conf *conf, ..., struct plan_writer *w);
 *
 * An empty value resets a list (only list directives ever see one). A conf is a plain struct of the room, bounded, no pointers
 * into the values (they live until the compile program ends, so spans may be kept). Compile halves may use stdio and malloc.
 */
#pragma once
#include "base/diag.h"
#include "base/span.h"
#include "plan/write.h"

typedef int wall_setter(void *conf, struct span value, struct diag *d);
