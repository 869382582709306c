/* SPDX-License-Identifier: MIT
 * The kernel's command line, /proc/cmdline (base/cmdline.h), which is read once.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

int command_line_read(void); /* 0 or -errno: then no word is there */
/* The value of the last word of that name. */
bool command_line_value(const char *name, char *value, size_t cap);
bool command_line_has(const char *wanted); /* "name", or "name=value" */
/* *asked: do they ask for the rescue shell? The name of one that is neither 0 nor 1, or NULL. */
const char *command_line_rescue(bool *asked);
