/* SPDX-License-Identifier: MIT
 * Reading a cell's reports.
 */
#pragma once
#include "base/report.h"

/* The next one, by receive_passed: 1, 0 if none has come yet, -1 if none comes any more. Its texts
 * end with a NUL, whatever a cell has written. It is there until receive_done. */
int report_look(int fd, struct report *r, int *passed);
