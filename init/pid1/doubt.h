/* SPDX-License-Identifier: MIT
 * The state block after a crash, beside the core's part (core/adopt.c): whatever PID 1 stumbled
 * over may have written into it first. What could crash it again, open something, signal a stranger
 * or be waited for without an end is not believed; what only counts or describes is left as it is.
 */
#pragma once
#include "pid1/state.h"

bool doubt_is_child(int32_t pid); /* of ours, living or not waited for yet */
/* Once the core's part and the descriptors are mended: recover_adopt. */
void doubt_all(struct pid1 *s, const struct plan *p);
