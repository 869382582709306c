/* SPDX-License-Identifier: MIT
 * The last writes and the unmounting of all that is mounted. Each call is an errand (errand.h): it
 * is waited for as long as disks take what is to be written, and no longer. The power goes off all
 * the same.
 */
#pragma once
#include "pid1/state.h"

void unmount_all(struct pid1 *s, uint32_t left); /* ms of RebootTimeoutSec, 0 = there is none */
