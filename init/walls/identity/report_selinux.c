/* SPDX-License-Identifier: MIT
 * The policy has no rules about users.
 */
#include "walls/module.h"

void identity_module(struct cil *c, const void *conf, const struct wall_context *context)
{
	(void)c, (void)conf, (void)context;
}
