/* SPDX-License-Identifier: MIT
 * Whether Landlock is off.
 */
#include "walls/landlock/conf.h"
#include "base/feature.h"
#include "walls/report.h"

static void look_landlock(const struct security_look *l, const struct security_row *row)
{
	const struct landlock_conf *c = l->conf;
	if (!CONFIG_LANDLOCK)
		security_opens(l, row, row->weight, "Landlock: " FEATURE_WITHOUT " CONFIG_LANDLOCK");
	else if (c->mode == LANDLOCK_MODE_OFF)
		security_opens(l, row, row->weight, "Landlock = off");
}

/* clang-format off */
static const struct security_row rows[] = {
	{D_Filesystem_Landlock, "files are closed by mounts alone, signals and abstract sockets by namespaces alone", look_landlock, 2, 0, NULL},
	{0},
};
/* clang-format on */

const struct wall_security landlock_security = {rows, NULL};
