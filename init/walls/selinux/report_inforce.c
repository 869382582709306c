/* SPDX-License-Identifier: MIT
 * Its label (proc_pid_attr(5)).
 */
#include "walls/selinux/conf.h"
#include "walls/report.h"
#include <string.h>

void selinux_look(struct look *l)
{
	const struct selinux_conf *c = l->conf;
	char asked[300], found[300];
	int n;
	n = look_file(l, "attr/current", found, sizeof(found));
	found[strcspn(found, "\n")] = '\0';
	if (c->context.n == 0) {
		if (strchr(found, ':'))
			look_row(l, D_SELinux_SELinuxContext, "", UNSEEN, "none: the policy's",
				strncat(found, ": what its rules refuse is not compared",
					sizeof(found) - strlen(found) - 1));
		return;
	}
	if (span_copy(c->context, asked, sizeof(asked)) < 0)
		return;
	if (n > 0 && strcmp(asked, found) == 0)
		look_row(l, D_SELinux_SELinuxContext, "", IN_FORCE, asked, found);
	else if (l->absent & OPTIONAL_SELINUX)
		look_row(l, D_SELinux_SELinuxContext, "", ABSENT, asked, "SELinux is not on");
	else if (n <= 0)
		look_row(l, D_SELinux_SELinuxContext, "", UNSEEN, asked, "");
	else
		look_row(l, D_SELinux_SELinuxContext, "", c->required ? MISSING : ABSENT, asked, found);
}
