/* SPDX-License-Identifier: MIT
 * What Landlock adds to the mounts.
 */
#include "walls/landlock/conf.h"
#include "base/feature.h"
#include "walls/report.h"
#include <stdio.h>

static void explain_text(const void *conf, const struct wall_context *context)
{
	const struct landlock_conf *c = conf;
	if (!context->own_mounts)
		return;
	if (!CONFIG_LANDLOCK)
		printf(EXPLAIN_LINE "none: " FEATURE_WITHOUT " CONFIG_LANDLOCK\n", "  Landlock");
	else if (c->mode != LANDLOCK_MODE_OFF)
		printf(EXPLAIN_LINE
			"where the kernel has Landlock: no POSIX message queues (mq_open: EACCES)\n",
			"");
}

const struct wall_explain landlock_explain = {explain_text, NULL};
