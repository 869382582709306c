/* SPDX-License-Identifier: MIT
 * A delegated control group.
 */
#include "walls/cgroup/conf.h"
#include "walls/module.h"

void cgroup_module(struct cil *c, const void *conf, const struct wall_context *context)
{
	(void)context;
	cil_why(c, "Delegate");
	if (((const struct cgroup_conf *)conf)->delegate)
		cil_rule(c, "(call divide_cgroup (%s))", cil_domain(c));
}
