/* SPDX-License-Identifier: MIT
 * What a cell reports, in words.
 */
#pragma once
#include "base/report.h"
#include <stddef.h>

/* "STEP: ERRNO: DETAIL" of a REPORT_FAILED. */
void report_failure(char *buf, size_t cap, const struct report *r);
