/* SPDX-License-Identifier: MIT
 * Marks that a boot leaves: which one is the device's first, and that this one is good.
 */
#pragma once
#include <stdbool.h>

#define BOOTMARK_BOOTED "/var/lib/bulkhead/booted"
/* there once every Essential service was ready: for scripts that tell the bootloader */
#define BOOTMARK_GOOD "/run/bulkhead/boot-good"

/* The boot's services have settled. Creates /var/lib/bulkhead/booted, which makes the next boot a
 * later one. 0 or -errno (a /var that is read-only, or full); what was asked of the first boot
 * still holds until the next. */
int bootmark_done(void);
int bootmark_good(void); /* 0 or -errno */
/* One more boot has come to nothing (rescue.h): how many in a row, or -errno where that cannot
 * be kept. */
int bootmark_failed(void);
int bootmark_reset(void); /* this one has not: the row ends */
/* Whether this is the device's first boot: nothing was left in /var by an earlier one. The same
 * answer for the whole of a boot. */
bool bootmark_is_first(void);
