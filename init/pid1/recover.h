/* SPDX-License-Identifier: MIT
 * Taking over, after a crash, what the former life had (crash.h).
 */
#pragma once
#include "pid1/state.h"

/* Called after crash_map(). Sets descriptors close-on-exec again, closes unknown ones, renews the
 * watches and posts to the core what was under way. False if the state cannot be used. */
bool recover_adopt(struct pid1 *s, const struct plan *p);
void recover_say(struct pid1 *s); /* says so on the console */
