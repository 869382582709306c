/* SPDX-License-Identifier: MIT
 * The end: every service is down; what is left is killed, file systems are unmounted, and the
 * machine is powered off, rebooted, halted, or given a rescue shell.
 */
#pragma once
#include "pid1/state.h"

/* The machine is restarted, whatever state it is in: by reboot(2), which asks the drivers and may
 * wait for one, then by sysrq, which does not, each in a child; what is left then is the watchdog,
 * which is not fed any more. */
_Noreturn void shutdown_restart(struct pid1 *s);
/* returns only for FINAL_RESCUE, with the rescue plan in *p */
void shutdown_run(struct pid1 *s, struct plan *p);
