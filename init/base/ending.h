/* SPDX-License-Identifier: MIT
 * How a process has ended, in words. Pure.
 */
#pragma once
#include "base/fmt.h"

/* By its wait(2) status: "exit status 3" or "killed by SIGSEGV". */
void fmt_wait_status(struct fmt *f, int status);
