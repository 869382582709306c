/* SPDX-License-Identifier: MIT
 * What Landlock adds to the mounts.
 */
#include "walls/landlock/conf.h"
#include "base/feature.h"
#include "walls/report.h"

void landlock_explain(struct explain *e, const void *conf, const struct wall_context *context)
{
	const struct landlock_conf *c = conf;
	if (!context->own_mounts)
		return;
	if (!CONFIG_LANDLOCK)
		explain_line(e, "Landlock", "none: " FEATURE_WITHOUT " CONFIG_LANDLOCK");
	else if (c->mode != LANDLOCK_MODE_OFF)
		explain_line(e, "",
			"where the kernel has Landlock: no POSIX message queues (mq_open: EACCES)");
}
