/* SPDX-License-Identifier: MIT
 * Whether the service has a label of its own, and whether it is required.
 */
#include "walls/selinux/conf.h"
#include "base/feature.h"
#include "walls/report.h"

static void look_label(const struct security_look *l, const struct security_row *row)
{
	const struct selinux_conf *c = l->conf;
	if (c->context.n == 0)
		security_opens(l, row, row->weight, "no %s", security_key(row));
}

static void look_selinux(const struct security_look *l, const struct security_row *row)
{
	const struct selinux_conf *c = l->conf;
	if (!CONFIG_SELINUX)
		security_opens(l, row, row->weight, "SELinux: " FEATURE_WITHOUT " CONFIG_SELINUX");
	else if (!c->required)
		security_opens(l, row, row->weight, "SELinuxRequired = no");
}

/* clang-format off */
static const struct security_row rows[] = {
	{D_SELinux_SELinuxContext, "its domain is whatever the policy makes of its program", look_label, 1, 0, NULL},
	{D_SELinux_SELinuxRequired, "where its label cannot be set it runs in whatever domain there is", look_selinux, 3, 0, NULL},
	{0},
};
/* clang-format on */

const struct wall_security selinux_security = {rows, NULL};
