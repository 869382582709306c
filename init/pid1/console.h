/* SPDX-License-Identifier: MIT
 * What PID 1 says: one readable line on the console and in the kernel's log. It never waits for a
 * terminal: of what a slow one does not take a little is held, the rest is left out and counted.
 * While the rescue shell has the console the kernel's log alone has the lines.
 */
#pragma once
#include "pid1/state.h"

/* INFO goes to the kernel's log alone, unless bulkhead.log=debug */
enum console_level { SAY_ERROR, SAY_NOTICE, SAY_INFO };

void console_open(struct pid1 *s, const char *device); /* NULL: /dev/console */
void console_flush(struct pid1 *s);                    /* the terminal takes something again */
/* strings up to a NULL */
void console_say(struct pid1 *s, enum console_level level, ...) __attribute__((sentinel));
