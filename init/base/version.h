/* SPDX-License-Identifier: MIT
 * The version of all programs, which is this tree's.
 */
#pragma once
#include <stddef.h>

#define BULKHEAD_VERSION "0.1"

/* `PROGRAM --version`: prints it. Returns the exit status, 1 if it could not be written, or
 * VERSION_NOT_ASKED. The program's name is a literal. */
#define VERSION_NOT_ASKED (-1)
#define version_asked(program, argc, argv) \
	version_print(program " " BULKHEAD_VERSION "\n", \
		sizeof(program " " BULKHEAD_VERSION "\n") - 1, argc, argv)
int version_print(const char *line, size_t n, int argc, char *const *argv);
