/* SPDX-License-Identifier: MIT
 * Checks of the state block after a crash, except for the core's part (core/adopt.c). A fault may
 * have written into it. Values are not trusted if they could crash PID 1 again, open something,
 * signal a foreign process or cause an endless wait. Values that only count or describe are left as
 * they are.
 */
#pragma once
#include "pid1/state.h"

bool doubt_is_child(int32_t pid); /* a child of ours, alive or not reaped yet */
/* For recover_adopt(), after the core's part and the descriptors were checked. */
void doubt_all(struct pid1 *s, const struct plan *p);
