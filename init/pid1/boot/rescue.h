/* SPDX-License-Identifier: MIT
 * A device is never left dark. Where no service runs and none will by itself (the rescue plan has
 * none; every other plan may come to this), there is a shell on the console, if RescueShell lets
 * one in, or else a reboot after a while, so that the bootloader can count it and take its other
 * image. PID 1 starts the shell itself: neither a cell nor a control group, neither /proc nor /run
 * nor /dev/null is needed for it.
 */
#pragma once
#include "pid1/state.h"

/* At boot, from the plan that says RescueShell, and from the accounts of the root as it is then. */
void rescue_learn(struct pid1 *s, const struct plan *p);
/* Why there would be no shell, or NULL: there would be one. */
const char *rescue_refusal(const struct pid1 *s);
/* No service runs or is about to, groups and the log program apart. */
bool rescue_is_dark(const struct pid1 *s, const struct plan *p);
void rescue_look(struct pid1 *s, const struct plan *p);
/* when to look again at the latest; CORE_NEVER */
uint64_t rescue_deadline(const struct pid1 *s, const struct plan *p);
bool rescue_ended(struct pid1 *s, int pid); /* was that the shell? */
/* After a crash: the way to a shell is the plan's alone, and a shell that nobody will report the
 * end of is over. */
void rescue_doubt(struct pid1 *s, const struct plan *p);
