/* SPDX-License-Identifier: MIT
 * The last writes, and the unmounting of all file systems. Each call is an errand (errand.h). It is
 * waited for as long as disks accept writes, and no longer; the shutdown then goes on without it.
 */
#pragma once
#include "pid1/state.h"

void unmount_all(struct pid1 *s, uint32_t left); /* left: ms of RebootTimeoutSec, 0 = no limit */
