/* SPDX-License-Identifier: MIT
 * --version: see version.h.
 */
#include "base/version.h"
#include <string.h>
#include <unistd.h>

int version_print(const char *line, size_t n, int argc, char *const *argv)
{
	if (argc != 2 || strcmp(argv[1], "--version") != 0)
		return VERSION_NOT_ASKED;
	return write(STDOUT_FILENO, line, n) == (ssize_t)n ? 0 : 1;
}
