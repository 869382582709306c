/* SPDX-License-Identifier: MIT
 * The version of all programs, which is this tree's.
 */
#pragma once
#include <stdbool.h>

#define BULKHEAD_VERSION "0.1"

/* `PROGRAM --version`: prints it, and returns true. */
bool version_asked(const char *program, int argc, char *const *argv);
