/* SPDX-License-Identifier: MIT
 * Landlock grants nothing.
 */
#include "walls/module.h"

void landlock_module(struct cil *c, const void *conf, const struct wall_context *context)
{
	(void)c, (void)conf, (void)context;
}
