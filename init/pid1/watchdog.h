/* SPDX-License-Identifier: MIT
 * The hardware (or soft) watchdog, fed by the loop alone: a PID 1 that is stuck is a device that resets (Documentation/watchdog/watchdog-api.rst).
 */
#pragma once
#include "pid1/state.h"

void watchdog_open(struct pid1 *s, const struct plan *p);
void watchdog_feed(struct pid1 *s);                             /* when it is due */
uint64_t watchdog_deadline(const struct pid1 *s);               /* when it is due next, CORE_NEVER = no watchdog */
void watchdog_for_reboot(struct pid1 *s, const struct plan *p); /* the time that is left for going down; it stays armed */
