/* SPDX-License-Identifier: MIT
 * What a difference between two plans is called in the files that they are made from.
 */
#pragma once
#include "renew/compare.h"

/* Of a service: a directive, a file of its control group, or what stands for several directives. */
const char *diff_name(const struct renew_change *change);
/* Of the machine: a line of init.ini, or what stands for several. */
const char *diff_setting(const struct renew_change *change);
