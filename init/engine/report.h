/* SPDX-License-Identifier: MIT
 * Reading the reports of a cell.
 */
#pragma once
#include "base/report.h"

/* Looks at the next report, as receive_passed() does: 1, 0 if there is none yet, -1 at end of file.
 * Its texts are NUL-terminated here. It stays in the queue until receive_done(). */
int report_look(int fd, struct report *r, int *passed);
