/* SPDX-License-Identifier: MIT
 * What happens when no service runs and none will start by itself, so that the device is never left
 * without access. There is a shell on the console if RescueShell allows one. Otherwise the device
 * reboots after a while, so that the bootloader can count it and use its other image. The rescue
 * plan has no service; any other plan can come to this. PID 1 starts the shell itself, and needs no
 * cell, no control group, and none of /proc, /run and /dev/null for it.
 */
#pragma once
#include "pid1/state.h"

/* At boot: notes RescueShell of the plan, and root's account as it is then. */
void rescue_learn(struct pid1 *s, const struct plan *p);
/* Why no shell is allowed, or NULL if one is. A static string. */
const char *rescue_refusal(const struct pid1 *s);
/* No service runs or is about to start; groups, the log program, and what is tried again for want
 * of something that is not there do not count. */
bool rescue_is_dark(const struct pid1 *s, const struct plan *p);
/* Acts on it: starts the shell, or the reboot. */
void rescue_look(struct pid1 *s, const struct plan *p);
/* When rescue_look() is due at the latest; CORE_NEVER = no need. */
uint64_t rescue_deadline(const struct pid1 *s, const struct plan *p);
bool rescue_ended(struct pid1 *s, int pid); /* handles the end of the shell; false: not its pid */
/* After a crash: only the plan can allow a shell, and a shell that is no child of ours is
 * forgotten. */
void rescue_doubt(struct pid1 *s, const struct plan *p);
