/* SPDX-License-Identifier: MIT
 * Words of the kernel's command line: see conditions.h. */
#include "base/span.h"
#include "base/sys.h"
#include "pid1/conditions.h"
#include <fcntl.h>
#include <string.h>

#define COMMAND_LINE_MAX 4096 /* COMMAND_LINE_SIZE is at most 4096 on our architectures */

static bool match_word(struct span word, const char *wanted, char *value, size_t cap)
{
	size_t n = strlen(wanted);
	if (word.n < n || memcmp(word.p, wanted, n) != 0)
		return false;
	if (word.n > n && word.p[n] != '=')
		return false;
	if (value && span_copy(word.n > n ? (struct span){word.p + n + 1, word.n - n - 1} : (struct span){"", 0}, value, cap) < 0)
		return false;
	return true;
}

bool conditions_command_line(const char *word, char *value, size_t cap)
{
	static char line[COMMAND_LINE_MAX];
	struct span rest, one;
	int n = sys_read_file(AT_FDCWD, "/proc/cmdline", line, sizeof line);
	if (n < 0)
		return false;
	if (n > 0 && line[n - 1] == '\n')
		line[n - 1] = 0;
	rest = span_of(line);
	while (span_word(&rest, &one))
		if (match_word(one, word, value, cap))
			return true;
	return false;
}
