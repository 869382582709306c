/* SPDX-License-Identifier: MIT
 * Processes of other services.
 */
#include "walls/namespaces/conf.h"
#include "walls/module.h"

void namespaces_module(struct cil *c, const void *conf, const struct wall_context *context)
{
	(void)conf;
	cil_why(c, "[Namespaces] PID = host");
	if (!context->own_pids)
		cil_rule(c, "(call see_processes (%s))", cil_domain(c));
}
