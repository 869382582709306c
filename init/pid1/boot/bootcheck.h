/* SPDX-License-Identifier: MIT
 * Whether this boot is good: its services have settled, and then every Essential one has been ready
 * for MarkGoodDelaySec without a break. A good boot is marked, and MarkGood's service tells the
 * bootloader. One that is not good by BootTimeoutSec ends as BootFailureAction says.
 */
#pragma once
#include "pid1/state.h"

/* The child of that pid has ended: true if it was the one that leaves the mark in /var. */
bool bootcheck_marked(struct pid1 *s, int pid, int status);
void bootcheck_look(struct pid1 *s, const struct plan *p);
/* when to look again at the latest; CORE_NEVER */
uint64_t bootcheck_deadline(const struct pid1 *s, const struct plan *p);
