/* SPDX-License-Identifier: MIT
 * What the cell has reported of Landlock: the kernel shows a process's rules to nobody.
 */
#include "walls/landlock/conf.h"
#include "walls/report.h"
#include <stdio.h>

void landlock_look(struct look *l)
{
	size_t n = l->context->landlock_count;
	char asked[40];
	if (!CONFIG_LANDLOCK && l->context->own_mounts)
		look_row(l, D_Filesystem_Landlock, "", ABSENT, "by default", "left out of this build");
	if (n == 0)
		return;
	snprintf(asked, sizeof(asked), "%zu rules", n);
	/* The kernel shows a process's Landlock to nobody; the cell has told what it could not put
	 * on. */
	if (l->absent & OPTIONAL_LANDLOCK)
		look_row(l, D_Filesystem_Landlock, "", ABSENT, asked, "not in this kernel");
	else
		look_row(l, D_Filesystem_Landlock, "", UNSEEN, asked,
			"put on by the cell; nothing shows it");
}
