/* SPDX-License-Identifier: MIT
 * Whether there is a filter (proc_pid_status(5)); the kernel does not show what it allows.
 */
#include "walls/seccomp/conf.h"
#include "walls/report.h"
#include <stdio.h>
#include <string.h>

void seccomp_look(struct look *l)
{
	static struct sock_filter insn[BPF_MAXINSNS];
	char mode[16], count[16], found[96];
	size_t n = seccomp_program(l->conf, insn);
	if (n == 0)
		return;
	look_field(l, "Seccomp", mode, sizeof(mode));
	look_field(l, "Seccomp_filters", count, sizeof(count)); /* 5.9 */
	bool is = strcmp(mode, "2") == 0;
	/* It may have put more on by itself, and what they are is told only to who stops it
	 * (ptrace). */
	snprintf(found, sizeof(found),
		is ? "filters: %s; nothing shows what they let pass" : "not filtered",
		count[0] ? count : "some");
	if (seccomp_no_exec_gain(l->conf)) /* PR_GET_MDWE answers for the caller alone */
		look_row(l, D_Seccomp_MemoryDenyWriteExecute, "PR_SET_MDWE", UNSEEN,
			"where the kernel has it", "nothing shows it");
	look_row(l, D_Seccomp_SystemCallFilter, "", is ? UNSEEN : look_lacking(l, OPTIONAL_SECCOMP),
		"a filter", found);
}
