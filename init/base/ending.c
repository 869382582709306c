/* SPDX-License-Identifier: MIT
 * Ends in words: see ending.h.
 */
#include "base/ending.h"
#include "base/errname.h"
#include <sys/wait.h>

void fmt_wait_status(struct fmt *f, int status)
{
	if (WIFEXITED(status)) {
		fmt_str(f, "exit status ");
		fmt_u64(f, (uint64_t)WEXITSTATUS(status));
	} else {
		fmt_strs(f, "killed by ", sig_name(WTERMSIG(status)), NULL);
	}
}
