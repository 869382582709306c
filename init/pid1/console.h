/* SPDX-License-Identifier: MIT
 * Messages of PID 1: one readable line each, on the console and in the kernel's log. Writing never
 * waits for the terminal. A small amount that it does not accept is held back; further lines are
 * left out and counted. While the rescue shell has the console, lines go to the kernel's log alone.
 */
#pragma once
#include "pid1/state.h"

/* INFO goes to the kernel's log alone, unless bulkhead.log=debug is set. So does COURSE, an end or
 * a restart as they come, from when the boot has settled until the device goes down: the console
 * belongs to whoever is logged in there. ConsoleMessages = all prints it. */
enum console_level { SAY_ERROR, SAY_NOTICE, SAY_COURSE, SAY_INFO };

void console_open(struct pid1 *s, const char *device); /* NULL or "": /dev/console */
void console_flush(struct pid1 *s);                    /* the terminal accepts output again */
/* Prints one line made of strings, the last one followed by NULL. */
void console_say(struct pid1 *s, enum console_level level, ...) __attribute__((sentinel));
