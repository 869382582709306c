/* SPDX-License-Identifier: MIT
 * reboot(2), called in a child: it may wait for a driver, and if the hardware does not obey, the
 * kernel ends the caller, which must not be PID 1.
 */
#pragma once
#include "pid1/state.h"

/* Calls reboot(2) with `command`. Returns after at most `ms` if the machine still runs. feed: the
 * watchdog is fed meanwhile. */
void reboot_try(struct pid1 *s, unsigned command, uint32_t ms, bool feed);
/* Restarts the machine: by reboot(2), which involves the drivers, then by sysrq, which does not. If
 * both fail the watchdog, which is not fed any more, is left to do it. */
_Noreturn void reboot_machine(struct pid1 *s);
void reboot_nap(long ms); /* sleeps `ms`; for waits that are counted */
