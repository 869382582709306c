/* SPDX-License-Identifier: MIT
 * The version of all programs, which is this tree's.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#define BULKHEAD_VERSION "0.1"

/* `PROGRAM --version`: prints it, and returns true. The program's name is a literal. */
#define version_asked(program, argc, argv) \
	version_print(program " " BULKHEAD_VERSION "\n", \
		sizeof(program " " BULKHEAD_VERSION "\n") - 1, argc, argv)
bool version_print(const char *line, size_t n, int argc, char *const *argv);
