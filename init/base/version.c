/* SPDX-License-Identifier: MIT
 * --version: see version.h.
 */
#include "base/version.h"
#include <string.h>
#include <unistd.h>

bool version_print(const char *line, size_t n, int argc, char *const *argv)
{
	if (argc != 2 || strcmp(argv[1], "--version") != 0)
		return false;
	if (write(STDOUT_FILENO, line, n) < 0)
		return true; /* nobody listens */
	return true;
}
