/* SPDX-License-Identifier: MIT
 * The kernel's command line, /proc/cmdline (base/cmdline.h), read once. In a container it is the
 * host's, and PID 1's own arguments stand for it (container.h).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

int command_line_read(void); /* 0, or -errno and the line is empty */
/* Copies the value of the last word NAME=VALUE; false if there is none or it does not fit. */
bool command_line_value(const char *name, char *value, size_t cap);
bool command_line_has(const char *wanted); /* `wanted`: "name" or "name=value" */
/* *asked: whether a word asks for the rescue shell. Returns the name of a word whose value is
 * neither 0 nor 1, or NULL. */
const char *command_line_rescue(bool *asked);
