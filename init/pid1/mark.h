/* SPDX-License-Identifier: MIT
 * Marks that a boot leaves: which one is the device's first, and that this one is good.
 */
#pragma once
#include <stdbool.h>

#define MARK_BOOTED "/var/lib/bulkhead/booted"
/* there once every Essential service was ready: for scripts that tell the bootloader */
#define MARK_BOOT_GOOD "/run/bulkhead/boot-good"

/* The boot's services have settled. Creates /var/lib/bulkhead/booted, which makes the next boot a
 * later one. 0 or -errno (a /var that is read-only, or full); what was asked of the first boot
 * still holds until the next. */
int mark_boot_done(void);
int mark_boot_good(void); /* 0 or -errno */
/* One more boot has come to nothing (rescue.h): how many in a row, or -errno where that cannot
 * be kept. */
int mark_dark(void);
int mark_light(void); /* this one has not: the row ends */
/* Whether this is the device's first boot: nothing was left in /var by an earlier one. The same
 * answer for the whole of a boot. */
bool mark_is_first_boot(void);
