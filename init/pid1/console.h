/* SPDX-License-Identifier: MIT
 * What PID 1 says: one readable line on the console (never waiting for it: what a slow terminal does not take is dropped and counted) and in the
 * kernel's log.
 */
#pragma once
#include "pid1/state.h"

enum console_level { SAY_ERROR, SAY_NOTICE, SAY_INFO }; /* INFO goes to the kernel's log alone, unless bulkhead.log=debug */

void console_open(struct pid1 *s, const char *device);                                     /* NULL: /dev/console */
void console_say(struct pid1 *s, enum console_level level, ...) __attribute__((sentinel)); /* strings up to a NULL */
