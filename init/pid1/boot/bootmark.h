/* SPDX-License-Identifier: MIT
 * Marks in the file system that a boot leaves: that the device has booted before, that this boot is
 * good, how many in a row failed.
 */
#pragma once
#include <stdbool.h>

#define BOOTMARK_BOOTED "/var/lib/bulkhead/booted"
/* Exists once this boot is good: for scripts that report it to the bootloader. */
#define BOOTMARK_GOOD "/run/bulkhead/boot-good"

/* The services of the boot have settled: creates BOOTMARK_BOOTED, so that the next boot is not a
 * first one. For the rest of this boot bootmark_is_first() keeps its answer. 0 or -errno (/var is
 * read-only or full). */
int bootmark_done(void);
int bootmark_good(void); /* 0 or -errno */
/* Counts one more failed boot (rescue.h). Returns how many failed in a row, or -errno if that
 * cannot be stored. */
int bootmark_failed(void);
int bootmark_reset(void); /* a boot was good: the count starts again; 0 or -errno */
/* Whether this is the device's first boot: no earlier one has left a mark in /var. The answer is
 * the same for the whole boot. */
bool bootmark_is_first(void);
