/* SPDX-License-Identifier: MIT
 * The oldest kernel that bulkhead runs on. All else that names it follows from here, or is compared
 * with it (`make lint kernel`): kernel-check, PID 1's word at boot, Kconfig, the manual, the
 * READMEs and the packages. 5.10 is the oldest that vendors of boards and the kernel's own
 * long-term branches still carry; what is newer has another way there, or is one wall less (the
 * features of ctl/kernel_table.c).
 */
#pragma once
#include "base/span.h"

#define KERNEL(major, minor) ((major)*1000u + (minor))
#define KERNEL_OLDEST_TEXT "5.10"
#define KERNEL_OLDEST KERNEL(5, 10)

/* Of "6.1.140-rc1" or the like; 0: it does not begin with two numbers. */
unsigned kernel_version(struct span text);
