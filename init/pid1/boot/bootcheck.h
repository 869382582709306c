/* SPDX-License-Identifier: MIT
 * Whether this boot is good: every Essential service has been ready for MarkGoodDelaySec without a
 * break; where none is Essential, the boot has settled for so long, or SettleTimeoutSec is over. A
 * good boot is marked, and MarkGood's service reports it to the bootloader. A boot that is not good
 * by BootTimeoutSec ends as BootFailureAction says.
 */
#pragma once
#include "pid1/state.h"

/* Handles the end of the child that writes the mark in /var; false if the pid is not that child. */
bool bootcheck_marked(struct pid1 *s, int pid, int status);
/* Checks the state of the boot, and acts on it. */
void bootcheck_look(struct pid1 *s, const struct plan *p);
/* When bootcheck_look() is due at the latest; CORE_NEVER = no need. */
uint64_t bootcheck_deadline(const struct pid1 *s, const struct plan *p);
