/* SPDX-License-Identifier: MIT
 * Nothing: limits are shown by their directives.
 */
#include "walls/report.h"

void limits_explain(struct explain *e, const void *conf, const struct wall_context *context)
{
	(void)e, (void)conf, (void)context;
}
