/* SPDX-License-Identifier: MIT
 * The life after a crash (crash.h) takes over what the former one had.
 */
#pragma once
#include "pid1/state.h"

/* After crash_map: descriptors close-on-exec again, unknown ones closed, watches renewed, what
 * was under way told to the core. False: nothing to go on with. */
bool recover_adopt(struct pid1 *s, const struct plan *p);
