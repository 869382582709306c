/* SPDX-License-Identifier: MIT
 * Limits are told by their directives alone.
 */
#include "walls/report.h"

void limits_explain(struct explain *e, const void *conf, const struct wall_context *context)
{
	(void)e, (void)conf, (void)context;
}
