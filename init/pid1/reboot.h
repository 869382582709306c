/* SPDX-License-Identifier: MIT
 * reboot(2), in a child: it may wait for a driver, and where the hardware does not obey it ends its
 * caller, and PID 1 may not end.
 */
#pragma once
#include "pid1/state.h"

/* Returns only if the machine is still there, after so long at most; feed: the watchdog is fed
 * meanwhile. */
void reboot_try(struct pid1 *s, unsigned command, uint32_t ms, bool feed);
/* The machine is restarted, whatever state it is in: by reboot(2), which asks the drivers, then by
 * sysrq, which does not; what is left then is the watchdog, which is not fed any more. */
_Noreturn void reboot_machine(struct pid1 *s);
void reboot_nap(long ms); /* a counted one, where nothing else is left to be done */
