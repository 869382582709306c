/* SPDX-License-Identifier: MIT
 * What the core reports, in words, on the console.
 */
#pragma once
#include "pid1/state.h"

void tell_world(struct pid1 *s, const struct plan *p, const struct core_action *a);
void tell_boot(struct pid1 *s);                            /* the boot's services have settled */
void tell_mark(struct pid1 *s, const char *path, int err); /* err < 0: why a mark (mark.h) could not be left */
