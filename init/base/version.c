/* SPDX-License-Identifier: MIT
 * --version: see version.h.
 */
#include "base/version.h"
#include "base/fmt.h"
#include <string.h>
#include <unistd.h>

bool version_asked(const char *program, int argc, char *const *argv)
{
	char text[64];
	struct fmt f;
	if (argc != 2 || strcmp(argv[1], "--version") != 0)
		return false;
	fmt_init(&f, text, sizeof(text));
	fmt_strs(&f, program, " " BULKHEAD_VERSION "\n", NULL);
	if (write(STDOUT_FILENO, text, f.len) < 0)
		return true; /* nobody listens */
	return true;
}
