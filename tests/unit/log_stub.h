/* SPDX-License-Identifier: MIT
 * The store and the kernel's log, for the test and the fuzzer of log/line.c.
 */
#pragma once
#include "log/log.h"

extern int log_stub_room;       /* what log_store_reserve says */
extern char log_stub_kmsg[256]; /* the line last forwarded */
