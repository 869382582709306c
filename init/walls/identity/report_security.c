/* SPDX-License-Identifier: MIT
 * Root as its user.
 */
#include "walls/identity/conf.h"
#include "walls/report.h"

static void look_root(const struct security_look *l, const struct security_row *row)
{
	if (l->context->kernel_uid == 0)
		security_opens(l, row, row->weight, "uid 0");
}

/* clang-format off */
static const struct security_row rows[] = {
	{D_Service_User, "files of root's, and most of /proc and /sys where they show, need no capability", look_root, 15, 0, NULL},
	{0},
};
/* clang-format on */

const struct wall_security identity_security = {rows, NULL};
