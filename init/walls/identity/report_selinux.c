/* SPDX-License-Identifier: MIT
 * Users are nothing to the policy.
 */
#include "walls/module.h"

void identity_module(struct cil *c, const void *conf, const struct wall_context *context)
{
	(void)c, (void)conf, (void)context;
}
